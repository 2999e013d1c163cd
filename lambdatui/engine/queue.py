"""Asynchronous events: kept before they are accepted, run until they succeed or are given up."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from lambdatui.engine import destinations, lineage, retries
from lambdatui.engine.clock import Clock
from lambdatui.engine.context import new_request_id
from lambdatui.engine.dispatch import Dispatch, InvokeRequest, Outcome
from lambdatui.engine.endings import Endings
from lambdatui.engine.faults import Faults
from lambdatui.engine.intake import Intake, Kept
from lambdatui.engine.lanes import Activity, Lane
from lambdatui.engine.metrics.registry import Metrics
from lambdatui.engine.outbox import Outbox
from lambdatui.engine.pauses import Pauses
from lambdatui.engine.retries import Policy
from lambdatui.engine.store import deliveries, events, facets, versions
from lambdatui.engine.store.database import Connection, Database, StoreUnavailable
from lambdatui.engine.store.deliveries import Delivery
from lambdatui.engine.store.events import EventRecord, Key
from lambdatui.engine.wire.errors import ApiError

logger = logging.getLogger(__name__)

T = TypeVar("T")
SIDE_BY_SIDE = 32  # events of one function; dispatch may allow fewer
DISK_WAIT_S = 1.0  # real seconds until a store that could not be written is tried again
OVERTAKEN_S = 5.0  # of the engine's clock, for which a fault switch holds an event back
RESERVED = "ReservedFunctionConcurrentInvocationLimitExceeded"


class _Backlog:
    """The waiting events of one function, as its lane sees them."""

    def __init__(self, queue: EventQueue, key: Key) -> None:
        self._queue = queue
        self._key = key

    @property
    def _paused(self) -> bool:
        return self._key[2] in self._queue.paused

    def due(self, now: float, limit: int) -> list[int]:
        return [] if self._paused else events.due(self._queue.database.read(), self._key, now, limit)

    def next_due(self, now: float) -> float | None:
        return None if self._paused else events.next_due(self._queue.database.read(), self._key, now)

    def start(self, number: int) -> bool:
        return not self._paused and self._queue.start_event(number)


class EventQueue:
    """Runs accepted events through dispatch. An attempt that the engine's own end cut off never counted."""

    def __init__(
        self,
        database: Database,
        dispatch: Dispatch,
        clock: Clock,
        *,
        faults: Faults,
        metrics: Metrics,
        base_delay_s: float = retries.BASE_DELAY_S,
        side_by_side: int = SIDE_BY_SIDE,
    ) -> None:
        self.database = database
        self.clock = clock
        self.faults = faults
        self.metrics = metrics
        self.activity = Activity()
        self.depth = 0
        """How many events are not done."""
        self.retrying = 0
        """How many of them had an attempt that came to nothing."""
        self.paused = Pauses(database)
        self.endings = Endings()
        self.outbox = Outbox(database, clock, self.activity, faults, metrics, self._hand_over)
        self.base_delay_s = base_delay_s
        self._dispatch = dispatch
        self._side_by_side = side_by_side
        self._lanes: dict[Key, Lane] = {}
        self._intake = Intake(database, self._accepted)
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self) -> None:
        """Take up what an earlier engine accepted and did not finish."""
        conn = self.database.read()
        self.clock.catch_up(events.latest(conn))
        self._numbers = itertools.count(events.last_number(conn) + 1)
        self.depth, self.retrying = events.waiting(conn)
        self.paused.load()
        for key in events.functions(conn):
            self._lane(key).pump()
        self.outbox.start()

    async def close(self) -> None:
        """Start nothing more. What runs is run again by the next engine."""
        self._closed = True
        for lane in self._lanes.values():
            lane.close()
        await self.outbox.close()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=1.0)

    # -- taking events ---------------------------------------------------------------------------

    async def accept(self, request: InvokeRequest) -> int:
        """Returns once the event is kept for good; its number."""
        event = self._new(request)
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def kept(error: Exception | None) -> None:
            if error is not None and not over.done():
                over.set_exception(error)
            elif not over.done():
                over.set_result(None)

        self._intake.take(event, kept)
        await over
        return event.id

    def take(self, request: InvokeRequest, kept: Kept) -> None:
        """The same by callback: `kept` is called once, with an error if the event could not be kept."""
        self._intake.take(self._new(request), kept)

    def _new(self, request: InvokeRequest) -> EventRecord:
        now = self.clock.now()
        return EventRecord(
            id=next(self._numbers),
            account=request.account,
            region=request.region,
            function=request.name,
            qualifier=request.qualifier,
            request_id=request.request_id,
            payload=request.payload,
            client_context=request.client_context,
            trace_id=request.trace_id or lineage.new_root(),
            tenant_id=request.tenant_id,
            accepted=now,
            next_at=now,
        )

    def _accepted(self, event: EventRecord) -> None:
        self.depth += 1
        self.activity.touch()
        self.metrics.add(event.key, "AsyncEventsReceived", 1, event.qualifier)
        lane = self._lane(event.key)
        if event.function not in self.paused and lane.admits(event.id):
            lane.begin(event.id)
            self._attempt(event)
        else:
            lane.wake(self.clock.now())

    async def _hand_over(self, delivery: Delivery) -> None:
        """A record whose destination is a function: one commit takes it from the outbox into the queue."""
        parts = delivery.target.split(":")
        key, qualifier = (parts[4], parts[3], parts[6]), parts[7] if len(parts) > 7 else None
        request = InvokeRequest(*key, qualifier, delivery.body, new_request_id(), trace_id=delivery.trace_id)
        event = self._new(request)

        def change(conn: Connection) -> None:
            if versions.get_version(conn, *key, qualifier) is None:
                raise LookupError(f"Function not found: {delivery.target}")
            deliveries.delete(conn, delivery.id)
            events.insert(conn, [event])

        await self.database.write(change, len(event.payload))
        self._accepted(event)

    # -- running ---------------------------------------------------------------------------------

    def _lane(self, key: Key) -> Lane:
        lane = self._lanes.get(key)
        if lane is None:
            lane = Lane(_Backlog(self, key), self.clock, self.activity, self._side_by_side)
            self._lanes[key] = lane
        return lane

    def start_event(self, number: int) -> bool:
        """Attempt an event that its lane counts as running; False if it does not wait any more."""
        event = events.get(self.database.read(), number)
        if event is None or event.failed is not None or event.next_at > self.clock.now():
            return False
        now = self.clock.now()
        if now - event.accepted >= retries.LEAST_AGE_S:
            dropped = retries.expired(event, self.policy(event), now)
            if dropped is not None:
                tried = bool(event.history)
                self._soon(event, self._end(dropped, 408, "The event is too old.", tried=tried))
                return True
        self._attempt(event)
        return True

    def _attempt(self, event: EventRecord) -> None:
        first = not event.history and event.next_at <= event.accepted
        late = self.faults.take("out-of-order", event.function) if first else None
        if late is not None:
            self._soon(event, self._let_pass(event, late.seconds or OVERTAKEN_S))
            return
        age = (self.clock.now() - event.accepted) * 1000
        self.metrics.add(event.key, "AsyncEventAge", age, event.qualifier)
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
        if self.faults.take("duplicate", event.function) is not None:
            self._dispatch.invoke(replace(request), lambda outcome: None)
        self._dispatch.invoke(request, partial(self._ended, event))

    async def _let_pass(self, event: EventRecord, seconds: float) -> None:
        """Those behind it come first."""
        later = replace(event, next_at=self.clock.now() + seconds)
        await self._keep(lambda conn: events.postpone(conn, later), 0)
        lane = self._lane(event.key)
        lane.wake(later.next_at)
        lane.ended(event.id)

    def _ended(self, event: EventRecord, outcome: Outcome | ApiError) -> None:
        if self._closed:
            return
        if isinstance(outcome, ApiError) and outcome.code == "TooManyRequestsException":
            self._lane(event.key).refused()
        self._soon(event, self._settle(event, outcome))

    async def _settle(self, event: EventRecord, outcome: Outcome | ApiError) -> None:
        """Write down what an attempt came to: done, given up, or again later."""
        policy = self.policy(event)
        now = self.clock.now()
        after = retries.after(
            event,
            outcome,
            policy,
            now,
            base_delay_s=self.base_delay_s,
            no_concurrency=self._has_no_concurrency(event, outcome),
        )
        if after.condition is not None:
            await self._end(after, *_complaint(outcome), tried=bool(event.history))
            return
        await self._keep(lambda conn: events.postpone(conn, after), len(after.response or b""))
        self.retrying += not event.history
        lane = self._lane(event.key)
        lane.wake(after.next_at)
        lane.ended(event.id)

    async def _end(self, event: EventRecord, code: int, message: str, *, tried: bool) -> None:
        """The last attempt is over: keep what is to be sent in the same commit that ends the event.
        `tried` if there was one before."""
        now = self.clock.now()
        policy = self.policy(event)
        failed = event.condition != retries.SUCCESS
        if failed and event.response is not None and event.condition != retries.NO_CONCURRENCY:
            code, message = 200, destinations.error_message(event.response)
        messages = []
        dead_letters = self.dead_letters(event) if failed else None
        if policy.on_success or policy.on_failure or dead_letters:
            messages = destinations.deliveries(event, policy, dead_letters, (code, message), now)

        def change(conn: Connection) -> None:
            if failed:
                events.give_up(conn, event)
            else:
                events.delete(conn, event.id)
            for one in messages:
                deliveries.insert(conn, one)

        await self._keep(change, sum(len(one.body) for one in messages))
        self.depth -= 1
        self.retrying -= tried
        self.endings.note(event, messages, now)
        if failed:
            self.metrics.add(event.key, "AsyncEventsDropped", 1, event.qualifier)
        for one in messages:
            self.outbox.wake(one.service)
        self._leave(event)

    def _leave(self, event: EventRecord) -> None:
        lane = self._lane(event.key)
        lane.ended(event.id)
        if lane.idle:
            self._lanes.pop(event.key, None)

    async def _keep(self, change: Callable[[Connection], T], size: int) -> T:
        """Write what must not be lost, for as long as it takes: a full disk holds events up."""
        told = False
        while True:
            try:
                return await self.database.write(change, size)
            except StoreUnavailable as error:
                if self._closed:
                    raise
                if not told:
                    logger.warning("events wait: %s", error)
                told = True
                await asyncio.sleep(DISK_WAIT_S)

    def _soon(self, event: EventRecord, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guard(event, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(self, event: EventRecord, work: Coroutine[Any, Any, None]) -> None:
        """A defect of ours must neither lose an event nor run it over and over."""
        try:
            await work
        except StoreUnavailable:
            logger.warning("the end of an attempt could not be kept: the event runs again")
        except Exception:
            logger.exception("event %s could not be settled", event.request_id)
            later = replace(event, next_at=self.clock.now() + retries.LONGEST_POSTPONEMENT_S)
            await self._keep(lambda conn: events.postpone(conn, later), 0)
            self._lane(event.key).wake(later.next_at)
            self._leave(event)

    # -- what was configured ---------------------------------------------------------------------

    def policy(self, event: EventRecord) -> Policy:
        """What the function, version or alias of an event asks for now."""
        qualifier = event.qualifier or versions.LATEST
        return Policy.of(facets.get(self.database.read(), *event.key, "event-invoke", qualifier))

    def dead_letters(self, event: EventRecord) -> str | None:
        """The dead-letter queue of the version that ran, or of the one that would have."""
        qualifier = event.executed_version or event.qualifier
        version = versions.get_version(self.database.read(), *event.key, qualifier)
        if version is None:
            return None
        return version.config.get("DeadLetterConfig", {}).get("TargetArn") or None

    def _has_no_concurrency(self, event: EventRecord, outcome: Outcome | ApiError) -> bool:
        if not isinstance(outcome, ApiError) or outcome.extra.get("Reason") != RESERVED:
            return False
        reserved = facets.get(self.database.read(), *event.key, "concurrency") or {}
        return reserved.get("ReservedConcurrentExecutions") == 0

    # -- what people may do ----------------------------------------------------------------------

    async def run_now(self, number: int) -> bool:
        """Attempt a waiting event at once; whether it waits."""
        now = self.clock.now()
        found = await self.database.write(lambda conn: events.bring_forward(conn, number, now))
        event = events.get(self.database.read(), number)
        if found and event is not None:
            self._lane(event.key).wake(now)
            self.activity.touch()
        return found

    async def drop(self, number: int) -> bool:
        """Forget an event, waiting or given up; one that runs is let be. Whether it was there."""
        event = events.get(self.database.read(), number)
        if event is None or self.runs(event):
            return False
        lane = self._lane(event.key)
        lane.begin(number)  # so that it is not started at this moment
        try:
            found = await self.database.write(lambda conn: events.delete(conn, number))
        finally:
            lane.wake(event.next_at)
            self._leave(event)
        if found and event.failed is None:
            self.depth -= 1
            self.retrying -= bool(event.history)
        self.activity.touch()
        return found

    async def replay(self, number: int, payload: bytes | None) -> tuple[str, int] | None:
        """Accept an event once more, as new, perhaps with another payload; its request id and number."""
        event = events.get(self.database.read(), number)
        if event is None:
            return None
        request = InvokeRequest(
            *event.key,
            event.qualifier,
            payload if payload is not None else event.payload,
            new_request_id(),
            client_context=event.client_context,
            tenant_id=event.tenant_id,
        )
        return request.request_id, await self.accept(request)

    async def pause(self, name: str) -> None:
        """Begin no more attempts of a function's events; what runs is let be, ages go on."""
        await self.paused.begin(name)
        self.activity.touch()

    async def resume(self, name: str) -> None:
        """Go on with a function's events."""
        await self.paused.end(name)
        self.activity.touch()
        for key in events.functions(self.database.read()):
            if key[2] == name:
                self._lane(key).wake(self.clock.now())

    def runs(self, event: EventRecord) -> bool:
        """Whether an attempt of this event is under way."""
        lane = self._lanes.get(event.key)
        return lane is not None and event.id in lane.running

    def running(self) -> dict[Key, int]:
        """How many attempts are under way, by function."""
        return {key: len(lane.running) for key, lane in self._lanes.items() if lane.running}

    def next_due(self) -> float | None:
        """When the next event or delivery becomes due; None if none waits."""
        conn = self.database.read()
        now = self.clock.now()
        keys = [key for key in events.functions(conn) if key[2] not in self.paused]
        found = [at for key in keys if (at := events.next_due(conn, key, now)) is not None]
        return min([*found, *self.outbox.due_times()], default=None)


def _complaint(outcome: Outcome | ApiError) -> tuple[int, str]:
    """What a dead-letter queue is told of an attempt that did not run."""
    if isinstance(outcome, ApiError):
        return outcome.status or 400, outcome.message or ""
    return 200, ""
