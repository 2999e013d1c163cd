"""What goes between the engine and its launcher: JSON behind a four-byte length, descriptors beside it."""

from __future__ import annotations

import array
import socket
import struct

MAX_MESSAGE = 256 * 1024
MAX_PASSED = 16  # descriptors in one message
LENGTH = struct.Struct("!I")
_CLOEXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


def receive(line: socket.socket, size: int, flags: int = 0) -> tuple[bytes, list[int]]:
    """One message and the descriptors that came with it. (socket.recv_fds forgets its flags.)"""
    fds = array.array("i")
    data, ancillary, _, _ = line.recvmsg(size, socket.CMSG_SPACE(MAX_PASSED * fds.itemsize), flags | _CLOEXEC)
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
    return data, list(fds)
