"""Where processor time went between two moments: to an engine's event loop, its other threads, elsewhere."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """Microseconds."""

    wall: float
    loop: float
    """Of the event loop's thread; `kernel` is the part of it from 0 to 1 that was system calls."""
    kernel: float
    others: float
    machine: float
    """Of everything that ran, on all cores."""

    @property
    def engine(self) -> float:
        return self.loop + self.others

    def each(self, count: int) -> str:
        """What one of so many invokes consisted of."""
        loop = self.loop / count
        interpreter, kernel = loop * (1 - self.kernel), loop * self.kernel
        return (
            f"{interpreter:.0f} us the event loop in Python, {kernel:.0f} us its system calls,"
            f" {self.others / count:.0f} us the threads that store"
        )

    def cores(self) -> str:
        """How busy the machine was, and by whom."""
        cores = os.cpu_count() or 1
        engine, all_of_it = self.engine / self.wall, self.machine / self.wall
        return f"{all_of_it:.1f} of {cores} cores were busy, {engine:.1f} of them with the engine"


class Stopwatch:
    """Begins when it is made."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before = self._read()

    def stop(self) -> Usage:
        before, after = self._before, self._read()
        wall, loop, user, system, every, machine = (b - a for a, b in zip(before, after, strict=True))
        return Usage(wall, loop, system / max(user + system, 1), every - loop, machine)

    def _read(self) -> tuple[float, ...]:
        threads = Path(f"/proc/{self._pid}/task")
        fields = (threads / str(self._pid) / "stat").read_text().rsplit(")", 1)[1].split()
        system_wide = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        busy = sum(system_wide) - system_wide[3] - system_wide[4]  # neither idle nor waiting for a disk
        return (
            time.monotonic() * 1_000_000,
            _ran_us(threads / str(self._pid)),
            int(fields[11]),
            int(fields[12]),
            sum(_ran_us(thread) for thread in threads.iterdir()),
            busy * TICK_US,
        )


def _ran_us(thread: Path) -> float:
    """The scheduler's own account of a thread; 0 of one that has ended."""
    try:
        return int((thread / "schedstat").read_text().split()[0]) / 1000
    except OSError:
        return 0.0
