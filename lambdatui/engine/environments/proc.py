"""What runs on this machine, as /proc shows it, and how it is ended: for the engine and its launcher."""

from __future__ import annotations

import contextlib
import os
import signal

MARKER = b"AWS_LAMBDA_RUNTIME_API="


def children(pid: int) -> list[int]:
    """The direct children of a process; empty where the system does not say."""
    found: list[int] = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", "rb") as listing:
                found.extend(map(int, listing.read().split()))
    except OSError:
        pass
    return found


def tree(pid: int) -> list[int]:
    """A process's descendants, without itself."""
    found: list[int] = []
    todo = children(pid)
    while todo:
        one = todo.pop()
        found.append(one)
        todo.extend(children(one))
    return found


def outside(warden: int, inner: int) -> int:
    """The pid of a room's process as we see it; the warden's where that cannot be told."""
    for pid in children(warden):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as status:
            if any(line.startswith("NSpid:") and int(line.split()[-1]) == inner for line in status):
                return pid
    return warden


def marker(pid: int) -> bytes:
    """What tells whose environment a process comes from: the Runtime API's address it was started with."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as variables:
            for entry in variables.read().split(b"\0"):
                if entry.startswith(MARKER):
                    return entry[len(MARKER) :]
    except OSError:
        pass
    return b""


def marked(values: set[bytes]) -> list[int]:
    """Every process of this machine that carries one of the markers."""
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and marker(int(name)) in values]
    except OSError:
        return []


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """A signal to a process that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def kill_group(pid: int, number: int = signal.SIGKILL) -> None:
    """A signal to a process group that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def is_zombie(pid: int) -> bool:
    """Whether a process is dead and only waits to be reaped (or is gone)."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except OSError:
        return True
