"""Whose process is at the other end of a loopback connection: asked of the kernel, where it tells."""

from __future__ import annotations

import os
import socket
import struct
import sys

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_HEADER = struct.Struct("=IHHII")
_UID_AT = _HEADER.size + 4 + 48 + 12  # behind the header, four bytes, the socket's id, three counters
_NO_COOKIE = 0xFFFFFFFF
_EXACT = 1  # NLM_F_REQUEST alone: one socket, not a dump

users = {os.getuid()}
"""The engine's own user, and the one its functions run as if that is another."""


def uid_of_peer(peer: tuple[str, int], own: tuple[str, int]) -> int | None:
    """The user who owns the socket at `peer` that is connected to `own`; None where nobody knows."""
    if sys.platform != "linux":
        return None
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
            netlink.settimeout(1.0)
            netlink.send(_question(peer, own))
            answer = netlink.recv(4096)
    except (OSError, ValueError):
        return None
    if len(answer) < _UID_AT + 4 or _HEADER.unpack_from(answer)[1] != _SOCK_DIAG_BY_FAMILY:
        return None
    return int(struct.unpack_from("=I", answer, _UID_AT)[0])


def is_ours(peer: tuple[str, int], own: tuple[str, int]) -> bool:
    """Whether the other end belongs to one of `users`; true where that cannot be known."""
    uid = uid_of_peer(peer, own)
    return uid is None or uid in users


def _question(peer: tuple[str, int], own: tuple[str, int]) -> bytes:
    body = struct.pack(
        "=BBBBI",
        socket.AF_INET,
        socket.IPPROTO_TCP,
        0,
        0,
        _NO_COOKIE,
    )
    ports = struct.pack("!HH", peer[1], own[1])
    addresses = socket.inet_aton(peer[0]) + bytes(12) + socket.inet_aton(own[0]) + bytes(12)
    request = body + ports + addresses + struct.pack("=III", 0, _NO_COOKIE, _NO_COOKIE)
    return _HEADER.pack(_HEADER.size + len(request), _SOCK_DIAG_BY_FAMILY, _EXACT, 0, 0) + request
