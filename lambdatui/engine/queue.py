"""Asynchronous events: kept before they are accepted, run until they succeed or are given up."""

from __future__ import annotations

import asyncio
import heapq
import logging
from typing import Any

from lambdatui.engine.clock import Clock, Timer
from lambdatui.engine.dispatch import Dispatch, InvokeRequest, Outcome
from lambdatui.engine.store import events
from lambdatui.engine.store.database import Database
from lambdatui.engine.store.events import EventRecord
from lambdatui.engine.wire.errors import ApiError

logger = logging.getLogger(__name__)

AT_ONCE = 100
RETRIES = 2
BASE_DELAY_S = 60.0
LONGEST_POSTPONEMENT_S = 300.0
AGE_S = 21600.0
STATES_WAIT_S = 1.0  # a function that is Pending will be ready in a moment


class EventQueue:
    """Runs accepted events through dispatch. An attempt that the engine's own end cut off never counted."""

    def __init__(
        self,
        database: Database,
        dispatch: Dispatch,
        clock: Clock,
        *,
        base_delay_s: float = BASE_DELAY_S,
        at_once: int = AT_ONCE,
    ) -> None:
        self._database = database
        self._dispatch = dispatch
        self._clock = clock
        self._base_delay_s = base_delay_s
        self._at_once = at_once
        self._due: list[tuple[float, int]] = []
        self._running: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: Timer | None = None
        self._closed = False

    def start(self) -> None:
        """Take up what an earlier engine accepted and did not finish."""
        self._due = events.due(self._database.read())
        heapq.heapify(self._due)
        self._run_due()

    async def close(self) -> None:
        """Start nothing more. What runs is run again by the next engine."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in list(self._tasks):
            await asyncio.wait([task], timeout=1.0)

    @property
    def depth(self) -> int:
        """How many events are not done."""
        return len(self._due) + len(self._running)

    async def accept(self, request: InvokeRequest) -> None:
        """Returns once the event is kept for good."""
        now = self._clock.now()
        number = await self._database.write(
            lambda conn: events.insert(
                conn,
                request.account,
                request.region,
                request.name,
                request.qualifier,
                request.request_id,
                request.payload,
                request.client_context,
                request.trace_id,
                request.tenant_id,
                now,
            ),
            len(request.payload),
        )
        self._schedule(now, number)

    # -- running ---------------------------------------------------------------------------------

    def _schedule(self, at: float, number: int) -> None:
        heapq.heappush(self._due, (at, number))
        self._run_due()

    def _run_due(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._due and len(self._running) < self._at_once and not self._closed:
            at, number = self._due[0]
            if at > self._clock.now():
                self._timer = self._clock.call_at(at, self._run_due)
                return
            heapq.heappop(self._due)
            event = events.get(self._database.read(), number)
            if event is not None:
                self._attempt(event)

    def _attempt(self, event: EventRecord) -> None:
        self._running.add(event.id)
        request = InvokeRequest(
            account=event.account,
            region=event.region,
            name=event.function,
            qualifier=event.qualifier,
            payload=event.payload,
            request_id=event.request_id,
            client_context=event.client_context,
            trace_id=event.trace_id,
            tenant_id=event.tenant_id,
        )
        self._dispatch.invoke(request, lambda outcome: self._ended(event, outcome))

    def _ended(self, event: EventRecord, outcome: Outcome | ApiError) -> None:
        if self._closed:
            return
        task = asyncio.get_running_loop().create_task(self._settle(event, outcome))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle(self, event: EventRecord, outcome: Outcome | ApiError) -> None:
        """Write down what an attempt came to: done, given up, or again later."""
        now = self._clock.now()
        attempts, postponements, delay = self._next(event, outcome)
        try:
            if delay is None or now + delay - event.accepted > AGE_S:
                await self._database.write(lambda conn: events.delete(conn, event.id))
                self._running.discard(event.id)
                self._run_due()
                return
            history = [*event.history, _entry(now, outcome)]
            at = now + delay
            await self._database.write(
                lambda conn: events.postpone(conn, event.id, at, attempts, postponements, history)
            )
            self._running.discard(event.id)
            self._schedule(at, event.id)
        except Exception:
            logger.exception("the end of event %s could not be kept", event.request_id)
            self._running.discard(event.id)

    def _next(self, event: EventRecord, outcome: Outcome | ApiError) -> tuple[int, int, float | None]:
        """Attempts and postponements so far, and the wait before the next attempt, if there is to be one."""
        if isinstance(outcome, ApiError):
            if outcome.code == "ResourceNotFoundException":
                return event.attempts, event.postponements, None
            if outcome.code == "ResourceConflictException":
                return event.attempts, event.postponements, STATES_WAIT_S
            wait = min(2.0**event.postponements, LONGEST_POSTPONEMENT_S)
            return event.attempts, event.postponements + 1, wait
        attempts = event.attempts + 1
        if outcome.function_error is None or attempts > RETRIES:
            return attempts, event.postponements, None
        return attempts, event.postponements, attempts * self._base_delay_s


def _entry(now: float, outcome: Outcome | ApiError) -> dict[str, Any]:
    """A line of an event's history."""
    if isinstance(outcome, ApiError):
        return {"at": now, "error": outcome.code}
    return {"at": now, "error": outcome.error_type, "version": outcome.executed_version}
