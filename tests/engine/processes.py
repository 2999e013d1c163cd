"""Processes of functions as they are seen from outside: by a mark in their variables."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from tests.conftest import EngineProcess


def marked(mark: str) -> dict[str, str]:
    """Variables that show from outside: not those of an interpreter that was started ahead of time."""
    return {"MARKED": mark, "PYTHONUNBUFFERED": "1"}


def processes(mark: str) -> list[int]:
    """Every process whose variables hold a mark."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if mark.encode() in Path("/proc", name, "environ").read_bytes() and alive(int(name)):
                found.append(int(name))
    return found


def alive(pid: int) -> bool:
    """Whether a process is there, and is more than a line in the kernel's table."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def cpu_s(pid: int) -> float:
    """The time that a process has spent on a processor, however busy the machine is."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def launcher_of(engine: EngineProcess) -> int:
    """The process that starts all others."""
    pid = engine.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return next(int(one) for one in children if b"launcher.py" in Path(f"/proc/{one}/cmdline").read_bytes())
