"""The time that something may take, looked at with one timer for an environment's whole life.

A timer of its own for each invocation would cost more than to look once in a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Deadline:
    """At most one at a time: a new one takes the place of the last."""

    __slots__ = ("_call", "_due", "_loop", "_timer", "_wakes")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due: float | None = None
        self._call: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wakes = 0.0

    def set(self, seconds: float, call: Callable[[], None]) -> None:
        """Call in so many seconds, unless it is cleared before."""
        self._due = due = self._loop.time() + seconds
        self._call = call
        if self._timer is not None and self._wakes > due:
            self.close()
            self._due = due
        if self._timer is None:
            self._wake(due)

    def clear(self) -> None:
        """It was kept."""
        self._due = None

    def close(self) -> None:
        """There will be no other."""
        self._due = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self, when: float) -> None:
        self._wakes = when
        self._timer = self._loop.call_at(when, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._due is None:
            return
        if self._loop.time() < self._due:
            self._wake(self._due)
            return
        self._due = None
        if self._call is not None:
            self._call()
