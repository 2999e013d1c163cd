"""What a local engine tells of its inside: environments, asynchronous events, faults.

Times of events are seconds since 1970 on the engine's clock, which may run fast or stand still; times of
environments are real.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class EngineTime:
    """The engine's clock at one moment, and how it goes on from there."""

    mode: str
    """real, x60, manual"""
    factor: float
    now: float

    def after(self, seconds: float) -> float:
        """What it shows that many real seconds later."""
        return self.now + seconds * self.factor


class EventState(StrEnum):
    """Where an asynchronous event is."""

    WAITING = "waiting"
    RUNNING = "running"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt came to: a function error, a throttle, a system error."""

    at: float
    outcome: str
    error: str
    next_at: float | None = None
    """When another one follows."""


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """One asynchronous event, from its 202 to its end."""

    number: int
    request_id: str
    function: str
    qualifier: str | None
    state: EventState
    accepted: float
    attempts: int
    """Those that ran."""
    of: int
    """At most so many run."""
    next_due: float | None = None
    last_error: str = ""
    condition: str = ""
    """Why it was given up, in AWS's words: RetriesExhausted, EventAgeExceeded, …"""
    ended: float | None = None
    on_success: str = ""
    on_failure: str = ""
    dlq: str = ""
    sent_to: tuple[str, ...] = ()
    """The targets that its end was sent to."""
    history: tuple[Attempt, ...] = ()
    size: int = 0

    @property
    def aim(self) -> str:
        """Function and qualifier, as people write them."""
        return f"{self.function}:{self.qualifier}" if self.qualifier else self.function

    @property
    def attempt(self) -> int:
        """The attempt that runs, comes next, or was the last."""
        return self.attempts + (self.state in (EventState.RUNNING, EventState.WAITING))

    @property
    def final_targets(self) -> tuple[str, ...]:
        """Where its end was sent, or would be sent if it failed for good."""
        if self.state is EventState.DONE or self.sent_to:
            return self.sent_to
        return tuple(one for one in (self.on_failure, self.dlq) if one)


@dataclass(frozen=True, slots=True)
class Flow:
    """How many events are where, and came to what since the engine started."""

    accepted: int = 0
    waiting: int = 0
    """For their first attempt."""
    retrying: int = 0
    """For another one."""
    running: int = 0
    done: int = 0
    failed: int = 0
    destination: int = 0
    dlq: int = 0
    undelivered: int = 0


@dataclass(frozen=True, slots=True)
class QueueView:
    """One page of the queue, and the whole of it in figures."""

    stamp: str
    clock: EngineTime
    flow: Flow
    events: tuple[QueuedEvent, ...]
    following: int | None = None
    """The next page is behind this number; None on the last page."""
    depth: int = 0
    """Events that are not over."""
    paused: frozenset[str] = frozenset()
    """Functions whose events wait until somebody lets them go on."""


@dataclass(frozen=True, slots=True)
class FollowedEvent:
    """One event, looked at again and again."""

    stamp: str
    clock: EngineTime
    event: QueuedEvent


@dataclass(frozen=True, slots=True)
class WaitingDelivery:
    """A message of an event's end that did not arrive yet, or never will."""

    kind: str
    """destination, dlq"""
    target: str
    tries: int = 0
    error: str = ""
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class EventContents:
    """What an event carries, as long as the engine keeps it."""

    payload: str
    response: str | None = None
    version: str = ""
    """The version that answered last."""
    deliveries: tuple[WaitingDelivery, ...] = ()


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault that the engine can make happen."""

    name: str
    description: str
    """A sentence; what it takes beside a function and a number of times stands in backticks."""


@dataclass(frozen=True, slots=True)
class FaultSwitch:
    """A fault that is armed, or was and has fired as often as it should."""

    kind: str
    function: str | None
    """None: for every function."""
    left: int | None
    """None: until it is taken back."""
    fired: int
    settings: tuple[tuple[str, float], ...] = ()
    """What its kind takes beside these."""

    @property
    def armed(self) -> bool:
        """Whether it may fire again."""
        return self.left != 0


@dataclass(frozen=True, slots=True)
class FaultsView:
    """All faults of an engine."""

    stamp: str
    kinds: tuple[FaultKind, ...]
    switches: tuple[FaultSwitch, ...]


class LifeState(StrEnum):
    """What an environment does; or did, when it is over."""

    INIT = "init"
    BUSY = "busy"
    IDLE = "idle"
    FROZEN = "frozen"
    KILLED = "killed"
    """Its process was ended; the next invocation starts another inside it."""
    ENDED = "ended"


Mark = tuple[float, LifeState]
"""From when on it did what."""


@dataclass(frozen=True, slots=True)
class EnvironmentLife:
    """One execution environment, from its birth on."""

    number: int
    function: str
    version: str
    why: str
    """Why it was born: first, scale-out, new version, reset, provisioned."""
    born: float
    state: LifeState
    marks: tuple[Mark, ...] = ()
    """What happened since the last look, oldest first."""
    init_ms: float | None = None
    after: str = ""
    """For a reset: how the one before it ended."""
    ended: float | None = None
    how: str = ""
    """What ended it."""
    invocations: int = 0
    memory_mb: int = 0
    peak_mb: int = 0
    memory_limit_mb: int = 128
    runtime: str = ""
    notice: str = ""
    """A sentence, when another interpreter stands in for the one asked for."""
    stream: str = ""
    held: bool = False
    """Stands still by hand."""


@dataclass(frozen=True, slots=True)
class EnvironmentsView:
    """What happened to environments since the last look, or all of it."""

    stamp: str
    now: float
    whole: bool
    """Whether these are all there are: what was known before is no longer true."""
    tier: str
    lacks: tuple[str, ...]
    """What the tier does not hold, one sentence each."""
    lives: tuple[EnvironmentLife, ...]
