"""The size of a /tmp that is a folder like any other, kept by looking while its function runs.

Nothing can make a write fail there: who has filled it is ended. The strict tier needs none of this.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable
from pathlib import Path

MB = 1 << 20
LOOK_EVERY_S = 0.25
BLOCK = 512  # bytes, whatever the disk's own blocks are
FEW = 32
"""So many files are counted at once: to have a thread do it takes longer."""


class Scratch:
    """Looks at one folder; in a thread where there is much in it: a function may leave a million files."""

    __slots__ = ("_due", "_folder", "_limit", "_looking", "_on_full")

    def __init__(self, folder: Path, limit_mb: int, on_full: Callable[[int], None]) -> None:
        self._folder = folder
        self._limit = limit_mb * MB
        self._on_full = on_full
        self._due = 0.0
        self._looking = False

    def look(self, now: float) -> None:
        """Look if it is time to, by the event loop's; `on_full` hears of the megabytes that are too many."""
        if self._looking or now < self._due:
            return
        size, all_of_it = count(self._folder, FEW)
        if all_of_it:
            self._looked(size, now)
            return
        self._looking = True
        loop = asyncio.get_running_loop()
        loop.run_in_executor(None, count, self._folder, math.inf).add_done_callback(self._counted)

    def _counted(self, found: asyncio.Future[tuple[int, bool]]) -> None:
        self._looking = False
        if not found.cancelled():
            self._looked(found.result()[0], asyncio.get_running_loop().time())

    def _looked(self, size: int, now: float) -> None:
        self._due = now + LOOK_EVERY_S
        if size > self._limit:
            self._on_full(size // MB)


def count(folder: str | Path, at_most: float) -> tuple[int, bool]:
    """What so many files of a folder take of the disk, and whether these are all; things come and go while
    they are counted."""
    total = seen = 0
    todo = [folder]
    while todo:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    seen += 1
                    if seen > at_most:
                        return total, False
                    total += _size(entry)
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
        except OSError:
            continue
    return total, True


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_blocks * BLOCK
    except OSError:
        return 0
