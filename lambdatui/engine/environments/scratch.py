"""The size of a /tmp that is a folder like any other, kept by looking while its function runs.

Nothing can make a write fail there: who has filled it is ended. The strict tier needs none of this.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

MB = 1 << 20
LOOK_EVERY_S = 0.25
BLOCK = 512  # bytes, whatever the disk's own blocks are


class Scratch:
    """Looks at one folder, in a thread: a function may have left a million files there."""

    __slots__ = ("_due", "_folder", "_limit", "_looking", "_on_full")

    def __init__(self, folder: Path, limit_mb: int, on_full: Callable[[int], None]) -> None:
        self._folder = folder
        self._limit = limit_mb * MB
        self._on_full = on_full
        self._due = 0.0
        self._looking = False

    def look(self) -> None:
        """Look if it is time to; `on_full` hears of the megabytes that are too many."""
        loop = asyncio.get_running_loop()
        if self._looking or loop.time() < self._due:
            return
        self._looking = True
        loop.run_in_executor(None, used, self._folder).add_done_callback(self._looked)

    def _looked(self, size: asyncio.Future[int]) -> None:
        self._looking = False
        self._due = asyncio.get_running_loop().time() + LOOK_EVERY_S
        if not size.cancelled() and size.result() > self._limit:
            self._on_full(size.result() // MB)


def used(folder: str | Path) -> int:
    """What a folder takes of the disk; things come and go while it is counted."""
    total = 0
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return 0
    for entry in entries:
        try:
            total += entry.stat(follow_symlinks=False).st_blocks * BLOCK
            if entry.is_dir(follow_symlinks=False):
                total += used(entry.path)
        except OSError:
            continue
    return total
