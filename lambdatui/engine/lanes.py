"""Lanes: each starts its own waiting work, so that no backlog ever holds up another.

A lane knows little of what waits: the numbers of one page of it, and when the next of the rest is due. The
work itself stays in the store until it is started, however long the backlog grows.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from lambdatui.engine.clock import Clock, Timer

PAGE = 64
PROBES = 16
WINDOW_S = 1.0
"""So many refusals within a window are taken one by one; then, until the window is over, a lane runs no more
side by side than it got to: a long backlog behind a small concurrency is not tried event by event."""


class Source(Protocol):
    """What waits in a lane, and how it is started."""

    def due(self, now: float, limit: int) -> list[int]:
        """Numbers of what is due, oldest first. What is being worked on may be among it."""

    def next_due(self, now: float) -> float | None:
        """When the next one is due that is not due yet."""

    def start(self, number: int) -> bool:
        """Begin to work on it, if it is still there; the end is told to the lane by `ended`."""


class Activity:
    """How much is being worked on, over all lanes; and the moment when nothing is."""

    def __init__(self) -> None:
        self.running = 0
        self.changes = 0
        """Differs from what it was before when something may have begun, ended, come or gone."""
        self._waiting: list[asyncio.Future[None]] = []

    def touch(self) -> None:
        """Something came or went without being worked on."""
        self.changes += 1

    def begin(self) -> None:
        self.changes += 1
        self.running += 1

    def end(self) -> None:
        self.changes += 1
        self.running -= 1
        if not self.running:
            waiting, self._waiting = self._waiting, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)

    async def quiet(self, patience_s: float) -> bool:
        """Wait until nothing is due any more, in real time; whether that came about."""
        if not self.running:
            return True
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        done, _ = await asyncio.wait([future], timeout=patience_s)
        return bool(done)


class Lane:
    """Runs what waits in one source, a limited number side by side."""

    def __init__(self, source: Source, clock: Clock, activity: Activity, limit: int) -> None:
        self.running: set[int] = set()
        self._source = source
        self._clock = clock
        self._activity = activity
        self._limit = limit
        self._ready: deque[int] = deque()
        self._behind = True  # more may be due than lies ready
        self._timer: Timer | None = None
        self._ceiling: int | None = None
        self._refusals = 0
        self._window_ends = 0.0
        self._closed = False

    @property
    def idle(self) -> bool:
        """Nothing runs, nothing waits: the lane may be forgotten."""
        return not self.running and not self._ready and not self._behind and self._timer is None

    @property
    def next_at(self) -> float | None:
        """When it will look again."""
        return self._timer.when if self._timer is not None else None

    def admits(self, number: int) -> bool:
        """Whether new work may start at once, without a look into the source."""
        return (
            not self._behind
            and not self._ready
            and self._open()
            and number not in self.running
            and not self._closed
        )

    def begin(self, number: int) -> None:
        """Count work as running; `start` of the source has to follow, or has been called."""
        self.running.add(number)
        self._activity.begin()

    def pump(self) -> None:
        """Start what is due, as much as may run."""
        while self._open() and not self._closed:
            if not self._ready and not self._fill():
                return
            number = self._ready.popleft()
            if number in self.running:
                continue
            self.begin(number)
            if not self._source.start(number):
                self.running.discard(number)
                self._activity.end()

    def wake(self, at: float) -> None:
        """Something is due at that time."""
        if at <= self._clock.now():
            self._behind = True
            self.pump()
        elif self._timer is None or at < self._timer.when:
            self._look_again(at)

    def ended(self, number: int) -> None:
        """Work is over; what becomes of it is in the source."""
        self.running.discard(number)
        self.pump()
        self._activity.end()  # only now: what follows at once belongs to the same activity

    def refused(self) -> None:
        """There was no room for work that is still counted as running."""
        now = self._clock.now()
        if now >= self._window_ends:
            self._refusals, self._window_ends = 0, now + WINDOW_S
        self._refusals += 1
        if self._refusals >= PROBES:
            self._ceiling = len(self.running) - 1
            self._look_again(self._window_ends)

    def close(self) -> None:
        """Start nothing more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _open(self) -> bool:
        if self._ceiling is not None and self._clock.now() >= self._window_ends:
            self._ceiling = None
        return len(self.running) < (self._limit if self._ceiling is None else self._ceiling)

    def _fill(self) -> bool:
        """Take up the next page of what is due; whether there is any."""
        if not self._behind:
            return False
        now = self._clock.now()
        limit = PAGE + len(self.running)
        found = self._source.due(now, limit)
        self._behind = len(found) == limit
        self._ready.extend(number for number in found if number not in self.running)
        if not self._behind and (at := self._source.next_due(now)) is not None:
            self._look_again(at)
        return bool(self._ready)

    def _look_again(self, at: float) -> None:
        if self._timer is not None:
            if self._timer.when <= at:
                return
            self._timer.cancel()
        self._timer = self._clock.call_at(at, self._time_came)

    def _time_came(self) -> None:
        self._timer = None
        self._behind = True
        self.pump()
