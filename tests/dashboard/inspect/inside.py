"""The inside of an engine that a test moves by hand; everything is answered from memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lambdatui.model import Capability
from lambdatui.model.inspection import (
    Attempt,
    EngineTime,
    EnvironmentLife,
    EnvironmentsView,
    EventContents,
    EventState,
    FaultKind,
    FaultsView,
    FaultSwitch,
    Flow,
    FollowedEvent,
    LifeState,
    Mark,
    QueuedEvent,
    QueueView,
    WaitingDelivery,
)
from lambdatui.service.errors import NotFound, ServiceError
from tests.dashboard.fake_account import ACCOUNT, NOW, REGION, Gates
from tests.dashboard.fakes import LOCAL, FakeService, shop
from tests.dashboard.inspect.account import FakePool
from tests.dashboard.inspect.layered import FakeCatalog
from tests.dashboard.inspect.polled import FakeSourceWork
from tests.dashboard.inspect.watched import Watched

AT = NOW.timestamp()
DLQ = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders-dlq"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:failures"


def life(
    number: int, function: str, why: str, *marks: tuple[float, LifeState], **more: object
) -> EnvironmentLife:
    """An environment; its marks in seconds before now."""
    done: tuple[Mark, ...] = tuple((AT - ago, state) for ago, state in marks)
    values: dict[str, object] = {
        "version": "$LATEST",
        "born": done[0][0],
        "state": done[-1][1],
        "init_ms": 109.2,
        "memory_mb": 38,
        "peak_mb": 41,
        "memory_limit_mb": 256,
        "runtime": "python3.12",
        "invocations": 3,
        "stream": f"2026/11/21/[$LATEST]{number:032x}",
    } | more
    return EnvironmentLife(number=number, function=function, why=why, marks=done, **values)  # type: ignore[arg-type]


INIT, BUSY, IDLE, FROZEN = LifeState.INIT, LifeState.BUSY, LifeState.IDLE, LifeState.FROZEN
KILLED, ENDED = LifeState.KILLED, LifeState.ENDED

LIVES = (
    life(1, "checkout", "first", (50, INIT), (48, BUSY), (40, FROZEN), (20, BUSY), (12, FROZEN)),
    life(2, "checkout", "scale-out", (19, INIT), (17, BUSY), invocations=1),
    life(3, "checkout", "new version", (9, INIT), (8, BUSY), (6, FROZEN), version="3", memory_mb=40),
    life(
        4,
        "invoice",
        "first",
        (55, INIT),
        (54, BUSY),
        (50, KILLED),
        (50, IDLE),
        (30, ENDED),
        ended=AT - 30,
        how="killed by hand",
        memory_mb=0,
    ),
    life(5, "invoice", "reset", (25, INIT), (24, BUSY), (22, FROZEN), after="killed by hand", init_ms=88.0),
    life(6, "payments", "provisioned", (5, INIT), version="2", init_ms=None, invocations=0, memory_mb=12),
)


class FakeEnvironments(Watched):
    def __init__(self, gates: Gates) -> None:
        super().__init__(gates)
        self.lives = {one.number: one for one in LIVES}
        self.now = AT

    async def view(self, *, since: str = "", wait_s: float = 0.0) -> EnvironmentsView:
        stamp = await self.until(since)
        lacks = ("CPU share: CPU not held: a function gets all it can, whatever its memory",)
        return EnvironmentsView(stamp, self.now, True, "process", lacks, tuple(self.lives.values()))

    def put(self, one: EnvironmentLife) -> None:
        self.lives[one.number] = one
        self.changed()

    async def kill(self, one: EnvironmentLife) -> None:
        await self.gates.pass_through("kill", one.number)
        gone = (*one.marks, *self.lives[one.number].marks, (AT, ENDED))
        self.put(replace(one, state=ENDED, ended=AT, how="killed by hand", marks=gone))

    async def freeze(self, one: EnvironmentLife) -> bool:
        await self.gates.pass_through("freeze", one.number)
        marks = self.lives[one.number].marks
        self.put(replace(one, held=not one.held, state=FROZEN, marks=marks))
        return not one.held

    async def cool(self, one: EnvironmentLife) -> None:
        await self.gates.pass_through("cool", one.function)


def event(number: int, function: str, state: EventState, **more: object) -> QueuedEvent:
    values: dict[str, object] = {
        "request_id": f"7c1e{number:04d}-0000-4000-8000-0000000000aa",
        "qualifier": None,
        "accepted": AT - 75,
        "attempts": 0,
        "of": 3,
        "size": 17,
    } | more
    return QueuedEvent(number=number, function=function, state=state, **values)  # type: ignore[arg-type]


FAILED_ONCE = Attempt(AT - 72, "function error", "PaymentRefused", AT - 12)
FAILED_TWICE = Attempt(AT - 10, "function error", "PaymentRefused", AT + 110)
EVENTS = (
    event(
        1,
        "checkout",
        EventState.WAITING,
        qualifier="prod",
        attempts=2,
        next_due=AT + 110,
        last_error="PaymentRefused",
        dlq=DLQ,
        history=(FAILED_ONCE, FAILED_TWICE),
    ),
    event(
        2,
        "invoice",
        EventState.WAITING,
        attempts=1,
        next_due=AT + 42,
        last_error="Sandbox.Timedout",
        on_failure=TOPIC,
        history=(Attempt(AT - 18, "function error", "Sandbox.Timedout", AT + 42),),
    ),
    event(3, "payments", EventState.RUNNING, accepted=AT - 1),
    event(
        4,
        "payments",
        EventState.WAITING,
        accepted=AT - 4,
        next_due=AT + 2,
        last_error="TooManyRequestsException",
        history=(Attempt(AT - 2, "throttle", "TooManyRequestsException", AT + 2),),
    ),
)
GIVEN_UP = (
    event(
        5,
        "checkout",
        EventState.FAILED,
        accepted=AT - 200,
        attempts=3,
        ended=AT - 10,
        last_error="PaymentRefused",
        condition="RetriesExhausted",
        dlq=DLQ,
        sent_to=(DLQ,),
        history=(
            Attempt(AT - 199, "function error", "PaymentRefused", AT - 139),
            Attempt(AT - 139, "function error", "PaymentRefused", AT - 19),
            Attempt(AT - 10, "function error", "PaymentRefused"),
        ),
    ),
)
DONE = (
    event(6, "checkout", EventState.DONE, condition="Success", attempts=1, ended=AT - 70, sent_to=(TOPIC,)),
)


class FakeQueue(Watched):
    def __init__(self, gates: Gates) -> None:
        super().__init__(gates)
        self.events: dict[EventState, list[QueuedEvent]] = {
            EventState.WAITING: list(EVENTS),
            EventState.FAILED: list(GIVEN_UP),
            EventState.DONE: list(DONE),
        }
        self.clock = EngineTime("real", 1.0, AT)
        self.paused: frozenset[str] = frozenset()

    async def view(
        self,
        state: EventState = EventState.WAITING,
        *,
        after: int = 0,
        limit: int = 200,
        since: str = "",
        wait_s: float = 0.0,
    ) -> QueueView:
        stamp = await self.until(since)
        found = [one for one in self.events[state] if one.number > after]
        following = found[limit - 1].number if len(found) > limit else None
        depth = len(self.events[EventState.WAITING])
        flow = Flow(
            accepted=1204, waiting=1, retrying=depth - 1, running=1, done=1190, failed=6,
            destination=4, dlq=5, undelivered=1,
        )  # fmt: skip
        return QueueView(stamp, self.clock, flow, tuple(found[:limit]), following, depth, self.paused)

    async def pause(self, function: str) -> None:
        await self.gates.pass_through("pause", function)
        self.paused |= {function}
        self.changed()

    async def resume(self, function: str) -> None:
        await self.gates.pass_through("resume", function)
        self.paused -= {function}
        self.changed()

    async def event(self, request_id: str, *, since: str = "", wait_s: float = 0.0) -> FollowedEvent:
        found = [one for some in self.events.values() for one in some if one.request_id == request_id]
        if not found:
            raise NotFound("No event of that request is known.")
        return FollowedEvent("1", self.clock, found[0])

    async def contents(self, event: QueuedEvent) -> EventContents:
        await self.gates.pass_through("contents", event.number)
        if event.state is EventState.DONE:
            raise NotFound(f"There is no event {event.number}: it is done, or never was.")
        answer = '{"errorType": "PaymentRefused", "errorMessage": "no money"}' if event.history else None
        waits = (WaitingDelivery("dlq", DLQ, 2, "AccessDenied"),) if event.state is EventState.FAILED else ()
        return EventContents('{"order": 42}', answer, "3", waits)

    async def payload(self, number: int) -> str:
        return '{"order": 42}'

    async def run(self, number: int) -> None:
        await self._act("run", number)

    async def replay(self, number: int, payload: str | None = None) -> str:
        await self._act("replay", number, payload)
        return "7c1e9999-0000-4000-8000-0000000000aa"

    async def drop(self, number: int) -> None:
        await self._act("drop", number)
        for some in self.events.values():
            some[:] = [one for one in some if one.number != number]
        self.changed()

    async def _act(self, what: str, number: int, *more: object) -> None:
        await self.gates.pass_through(what, number, *more)
        if all(one.number != number for some in self.events.values() for one in some):
            raise NotFound(f"There is no event {number}: it is done, or never was.")

    async def next_due(self) -> float:
        await self.gates.pass_through("next_due")
        return 42.0

    async def speed(self, mode: str) -> None:
        await self.gates.pass_through("speed", mode)
        self.clock = replace(self.clock, mode=mode)
        self.changed()


class FakeFaults(Watched):
    def __init__(self, gates: Gates) -> None:
        super().__init__(gates)
        self.kinds = (
            FaultKind("throttle", "Invocations are refused with 429, as when all concurrency is in use."),
            FaultKind("slow-init", "INIT takes `seconds` longer."),
            FaultKind("duplicate", "An asynchronous event is run twice, side by side."),
        )
        self.switches: list[FaultSwitch] = [
            FaultSwitch("slow-init", "checkout", 2, 1, (("seconds", 3.0),)),
            FaultSwitch("duplicate", None, 0, 5),
        ]

    async def view(self, *, since: str = "", wait_s: float = 0.0) -> FaultsView:
        return FaultsView(await self.until(since), self.kinds, tuple(self.switches))

    async def arm(
        self, kind: str, function: str | None, times: int | None, settings: Mapping[str, float]
    ) -> None:
        await self.gates.pass_through("arm", kind, function, times, dict(settings))
        self.switches.append(FaultSwitch(kind, function, times, 0, tuple(settings.items())))
        self.changed()

    async def disarm(self, switch: FaultSwitch) -> None:
        await self.gates.pass_through("disarm", switch.kind, switch.function)
        self.switches.remove(switch)
        self.changed()

    async def clear(self) -> None:
        await self.gates.pass_through("clear")
        self.switches.clear()
        self.changed()


class FakeInspection:
    """The same attributes as `lambdatui.service.inspection.Inspection`."""

    def __init__(self, gates: Gates) -> None:
        self.environments = FakeEnvironments(gates)
        self.queue = FakeQueue(gates)
        self.faults = FakeFaults(gates)
        self.sources = FakeSourceWork(gates)

    def engine_dies(self, gates: Gates, error: ServiceError | None) -> None:
        """From now on nobody answers, or somebody does again."""
        gates.fail("look", error)
        for part in (self.environments, self.queue, self.faults, self.sources):
            part.changed()


def engine() -> tuple[FakeService, FakeInspection]:
    """The shop on an engine that can be looked into."""
    service = shop(replace(LOCAL, capabilities=frozenset(Capability)))
    inside = FakeInspection(service.gates)
    service.inspection = inside
    service.pool = FakePool(service.gates)
    service.catalog = FakeCatalog(service.gates)
    return service, inside
