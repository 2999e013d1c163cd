"""The first process of a container in which several programs run: it has their namespaces, and does nothing.

An image need not hold a program that waits, so a smallest possible one comes from here. It lets the kernel
reap what daemons leave behind (SIGCHLD is ignored) and sleeps for good; it ends when the container is ended.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

_BASE = 0x400000
_EHDR, _PHDR = struct.Struct("<16sHHIQQQIHHHHHH"), struct.Struct("<IIQQQQQQ")
_START = _EHDR.size + _PHDR.size
_IGNORE = struct.pack("<QQQQ", 1, 0, 0, 0)  # a struct sigaction with SIG_IGN

# ELF's number of the machine, and the code. What follows the code is _IGNORE.
_X86_64 = bytes.fromhex(
    "b80d000000"  # mov eax, 13         rt_sigaction(
    "bf11000000"  # mov edi, 17           SIGCHLD,
    "488d3517000000"  # lea rsi, [rip+23]     what follows,
    "31d2"  # xor edx, edx          nothing,
    "41ba08000000"  # mov r10d, 8           8)
    "0f05"  # syscall
    "b822000000"  # mov eax, 34         again: pause()
    "0f05"  # syscall
    "ebf7"  # jmp again
    "90909090"  # nop
)
_AARCH64 = struct.pack(
    "<14I",
    0xD2800220,  # mov x0, #17         rt_sigaction(SIGCHLD,
    0x100001A1,  # adr x1, #52           what follows,
    0xD2800002,  # mov x2, #0            nothing,
    0xD2800103,  # mov x3, #8            8)
    0xD28010C8,  # mov x8, #134
    0xD4000001,  # svc #0
    0xD2800000,  # mov x0, #0          again: ppoll(nothing,
    0xD2800001,  # mov x1, #0            0,
    0xD2800002,  # mov x2, #0            for ever,
    0xD2800003,  # mov x3, #0            nothing)
    0xD2800928,  # mov x8, #73
    0xD4000001,  # svc #0
    0x17FFFFFA,  # b again
    0xD503201F,  # nop
)
_MACHINES = {"x86_64": (62, _X86_64), "aarch64": (183, _AARCH64)}


def supported() -> bool:
    """Whether there is one for this machine."""
    return os.uname().machine in _MACHINES


def lay(place: Path) -> None:
    """Make the program, unless it is there: one that runs cannot be written."""
    if not place.exists():
        place.write_bytes(_program())
        place.chmod(0o755)


def _program() -> bytes:
    number, code = _MACHINES[os.uname().machine]
    size = _START + len(code) + len(_IGNORE)
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header = _EHDR.pack(
        ident, 2, number, 1, _BASE + _START, _EHDR.size, 0, 0, _EHDR.size, _PHDR.size, 1, 0, 0, 0
    )
    readable_and_run = 5
    segment = _PHDR.pack(1, readable_and_run, 0, _BASE, _BASE, size, size, 0x1000)
    return header + segment + code + _IGNORE
