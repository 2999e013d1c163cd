"""How much memory environments use: the peak for REPORT, and the limit, kept by looking."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from lambdatui.engine.environments import proc
from lambdatui.engine.environments.scratch import Scratch

POLL_S = 0.005  # a fast allocator overshoots 128 MB by about 10 MB at this pace; 0.7 µs a look
TREE_EVERY = 10  # looks at the runtime for one look at its children
PAGE = os.sysconf("SC_PAGE_SIZE")
MB = 1 << 20
PROCESSES = 1024
"""Lambda's limit: kept by looking where the kernel does not keep it."""


class Meter:
    """The memory of one runtime process and its children, by descriptors that stay open."""

    __slots__ = (
        *("_seen", "_statm", "_status", "beside", "crowd", "limit"),
        *("on_crowded", "on_exceeded", "pid", "scratch", "since"),
    )

    def __init__(
        self,
        pid: int,
        limit: int,
        on_exceeded: Callable[[], None],
        on_crowded: Callable[[], None],
        beside: list[int],
    ) -> None:
        self.pid = pid
        self.beside = beside
        """Processes that share the limit, and are no children of this one."""
        self.limit = limit
        self.on_exceeded = on_exceeded
        self.on_crowded = on_crowded
        self.scratch: Scratch | None = None
        """Its /tmp, where nothing else keeps that small."""
        self.since: int | None = None
        """The watch's round in which it began to run something; None while it rests."""
        self.crowd = 1  # processes at the last look
        self._seen = 0  # the most we saw ourselves: all there is of a process that died
        self._status = _open(f"/proc/{pid}/status")
        self._statm = _open(f"/proc/{pid}/statm")

    def peak(self) -> int:
        """The most bytes it ever held in its life, as Lambda counts; 0 where the system is silent."""
        data = _read(self._status)
        at = data.find(b"VmHWM:")
        own = int(data[at + 6 : at + 24].split()[0]) * 1024 if at >= 0 else 0
        if self.beside:
            self.with_children()
        return max(own, self._seen)

    def resident(self) -> int:
        """The bytes that the runtime itself holds now."""
        fields = _read(self._statm).split()
        used = int(fields[1]) * PAGE if len(fields) > 1 else 0
        self._seen = max(self._seen, used)
        return used

    def with_children(self) -> int:
        """Its bytes and its children's. Pages that forks share count once, which is slow: only when near."""
        descendants = proc.tree(self.pid)
        for other in self.beside:
            descendants += (other, *proc.tree(other))
        self.crowd = 1 + len(descendants)
        total = self.resident()
        if descendants:
            total += sum(_resident(pid) for pid in descendants)
            if total > self.limit:
                total = sum(_proportional(pid) for pid in (self.pid, *descendants))
            self._seen = max(self._seen, total)
        return total

    def close(self) -> None:
        for descriptor in (self._status, self._statm):
            if descriptor is not None:
                os.close(descriptor)
        self._status = self._statm = None


class MemoryWatch:
    """Looks at the environments that run something, and at no others.

    Most invocations are over before the next look, or begin just before it: at those that run for less than
    the time between two looks it looks only when it looks at everything.
    """

    def __init__(self) -> None:
        self._meters: set[Meter] = set()
        self._handle: asyncio.TimerHandle | None = None
        self._round = 0

    def add(self, meter: Meter) -> None:
        """It runs something; it is looked at until it rests, which it says itself."""
        if meter.since is None:
            meter.since = self._round
        self._meters.add(meter)
        if self._handle is None:
            self._handle = asyncio.get_running_loop().call_later(POLL_S, self._look)

    def discard(self, meter: Meter) -> None:
        self._meters.discard(meter)

    def _look(self) -> None:
        self._handle = None
        self._round += 1
        whole = self._round % TREE_EVERY == 0
        now = asyncio.get_running_loop().time()
        for meter in list(self._meters):
            if meter.since is None:
                self._meters.discard(meter)
                continue
            if not whole and self._round - meter.since < 2:
                continue
            used = meter.with_children() if whole else meter.resident()
            if meter.scratch is not None:
                meter.scratch.look(now)
            if used > meter.limit:
                self.discard(meter)
                meter.on_exceeded()
            elif meter.crowd > PROCESSES:
                self.discard(meter)
                meter.on_crowded()
        if self._meters:
            self._handle = asyncio.get_running_loop().call_later(POLL_S, self._look)


def _open(path: str) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def _read(descriptor: int | None) -> bytes:
    if descriptor is None:
        return b""
    try:
        return os.pread(descriptor, 4096, 0)
    except OSError:
        return b""


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as statm:
            return int(statm.read().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    """The process's share of memory: what it has alone, and its part of what it shares."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as rollup:
            for line in rollup:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
