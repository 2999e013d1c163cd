"""Following a log group by asking again and again, without losing or repeating an event."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from lambdatui.model import FollowKind, FollowState, LogEvent
from lambdatui.service import loglines
from lambdatui.service.connection import Connection
from lambdatui.service.errors import NotFound, Throttled, Unreachable

DEFAULT_SINCE_S = 600.0
_LONGEST_WAIT_S = 30.0
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How a target is asked: how often, and how late its events may appear."""

    busy_s: float  # between looks while events come
    idle_s: float  # between looks after a while without any
    overlap_s: float  # events older than the newest by this much may still turn up
    page: int = 10_000  # events at once


# The engine commits lines in the order in which they came. One look costs 3 ms; a page of 10,000
# events would stop the screen for 0.1 s.
LOCAL = Pace(busy_s=0.2, idle_s=1.0, overlap_s=0.3, page=1_000)
# FilterLogEvents is limited to 5 to 10 calls a second per account; ingestion takes seconds.
AWS = Pace(busy_s=2.0, idle_s=4.0, overlap_s=30.0)
_SLOWER = 1.1  # each look without an event makes the next wait longer by so much


class Logs:
    """Log groups of one target."""

    def __init__(
        self,
        connection: Connection,
        *,
        pace: Pace = AWS,
        stamp: Callable[[], object | None] | None = None,
    ) -> None:
        """``stamp`` tells cheaply whether anything was logged at all: its answer differs then."""
        self._connection = connection
        self._stamp = stamp or (lambda: None)
        self._pace = pace
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Something was just invoked: followers look now, and often for a while."""
        nudged, self._nudged = self._nudged, asyncio.Event()
        nudged.set()

    async def follow(
        self,
        group: str,
        *,
        since_ms: int | None = None,
        poll_s: float | None = None,
        on_state: Callable[[FollowState], None] = lambda state: None,
    ) -> AsyncIterator[list[LogEvent]]:
        """The events since ``since_ms`` (else of the last ten minutes), then new ones as they come, for ever.

        An absent group means that nothing was logged yet. Throttling and lost connections are waited
        out; ``on_state`` hears of each change. Other failures are raised.
        """
        window = _Window(since_ms if since_ms is not None else _ago(DEFAULT_SINCE_S))
        busy_s, idle_s = (poll_s, poll_s) if poll_s is not None else (self._pace.busy_s, self._pace.idle_s)
        wait_s = busy_s
        state: FollowState | None = None
        failures = 0
        asked: object | None = None  # the stamp of the last look that went well
        while True:
            now: FollowState
            nudged = self._nudged
            wait_s = min(wait_s * _SLOWER, idle_s)
            stamp = self._stamp()
            if stamp is not None and stamp == asked:
                if await _happens(nudged, wait_s):
                    wait_s = busy_s
                continue
            asked = None
            try:
                async for page in self._pages(group, window.start_ms):
                    if events := window.fresh(page):
                        wait_s = busy_s
                        yield events
                window.move(self._pace.overlap_s)
                asked = stamp
                now, failures = FollowState(FollowKind.FOLLOWING), 0
            except NotFound:
                asked = stamp
                now, failures = FollowState(FollowKind.ABSENT), 0
            except (Throttled, Unreachable) as error:
                failures += 1
                retry_s = min(max(busy_s, 0.5) * 2**failures, _LONGEST_WAIT_S)
                kind = FollowKind.THROTTLED if isinstance(error, Throttled) else FollowKind.UNREACHABLE
                now = FollowState(kind, retry_s, error.sentence)
            if now != state:
                state = now
                on_state(state)
            if state.retry_s:
                await asyncio.sleep(state.retry_s)
            elif await _happens(nudged, wait_s):
                wait_s = busy_s

    async def since(self, group: str, since_ms: int) -> AsyncIterator[list[LogEvent]]:
        """The events since a moment, to the newest, then the end. An absent group has none."""
        try:
            async for page in self._pages(group, since_ms):
                if events := [loglines.event(raw) for raw in page]:
                    yield events
        except NotFound:
            return

    async def _pages(self, group: str, start_ms: int) -> AsyncIterator[list[dict[str, Any]]]:
        """Pages of raw events; AWS may send empty ones in between."""
        pages = self._connection.pages(
            "logs", "filter_log_events", logGroupName=group, startTime=max(start_ms, 0), limit=self._pace.page
        )
        async for page in pages:
            yield page.get("events", [])


async def _happens(event: asyncio.Event, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            return await event.wait()
    except TimeoutError:
        return False


@dataclass(slots=True)
class _Window:
    """Where the next look begins, and the events behind that line that were handed out already."""

    start_ms: int
    newest_ms: int = 0
    _seen: dict[str, int] = field(default_factory=dict)

    def fresh(self, raw_events: list[dict[str, Any]]) -> list[LogEvent]:
        """The events of a page that were not seen before, in order of time."""
        fresh: list[LogEvent] = []
        for raw in raw_events:
            key, moment = _key(raw), int(raw.get("timestamp", 0))
            if key in self._seen:
                continue
            self._seen[key] = moment
            self.newest_ms = max(self.newest_ms, moment)
            fresh.append(loglines.event(raw))
        return fresh

    def move(self, overlap_s: float) -> None:
        """After a whole look: begin the next one a little before the newest event."""
        self.start_ms = max(self.start_ms, self.newest_ms - int(overlap_s * 1000))
        if len(self._seen) > _REMEMBERED:
            self._prune()

    def _prune(self) -> None:
        self._seen = {key: moment for key, moment in self._seen.items() if moment >= self.start_ms}


def _key(raw: dict[str, Any]) -> str:
    """AWS's event id; endpoints that give none are told apart by everything else."""
    return str(
        raw.get("eventId")
        or (raw.get("logStreamName"), raw.get("timestamp"), raw.get("ingestionTime"), raw.get("message"))
    )


def _ago(seconds: float) -> int:
    return int((time.time() - seconds) * 1000)
