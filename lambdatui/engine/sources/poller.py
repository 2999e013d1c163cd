"""What pollers of all kinds share: invoking, filtering, counting, waiting for a source that is gone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from collections.abc import Mapping as Members
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from lambdatui.engine.context import new_request_id
from lambdatui.engine.dispatch import InvokeRequest, Outcome
from lambdatui.engine.metrics import runs
from lambdatui.engine.sources import verdict
from lambdatui.engine.sources.mapping import Mapping
from lambdatui.engine.triggers.errors import NeighbourError
from lambdatui.engine.wire.errors import ApiError

if TYPE_CHECKING:
    from lambdatui.engine.clock import Clock
    from lambdatui.engine.dispatch import Dispatch
    from lambdatui.engine.faults import Faults
    from lambdatui.engine.lanes import Activity
    from lambdatui.engine.metrics.registry import Metrics
    from lambdatui.engine.outbox import Outbox
    from lambdatui.engine.store import Store
    from lambdatui.engine.store.metrics import Series
    from lambdatui.engine.triggers.client import Client
    from lambdatui.engine.triggers.neighbours import Neighbours

logger = logging.getLogger(__name__)

T = TypeVar("T")
SEEN, LARGEST_SEEN = 10, 65_536
"""So many records that were read last are kept to try filters on, unless they are larger."""
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
"""Real seconds between tries of a source that does not answer: it lives in real time."""


@dataclass(slots=True)
class World:
    """The rooms of the engine that pollers use."""

    clock: Clock
    store: Store
    dispatch: Dispatch
    neighbours: Neighbours
    activity: Activity
    metrics: Metrics
    outbox: Outbox
    faults: Faults
    kafka: Members[str, str]
    """Brokers of MSK clusters that no neighbour knows of, by ARN."""


@dataclass(slots=True)
class Counts:
    """What a poller has done since it started."""

    polled: int = 0
    filtered_out: int = 0
    invoked: int = 0
    failed: int = 0
    batches: int = 0
    failed_batches: int = 0
    throttled: int = 0
    records_in_flight: int = 0
    batches_in_flight: int = 0
    deleted: int = 0
    dropped: int = 0
    last_error: str | None = None
    last_error_at: float | None = None
    last_batch_at: float | None = None
    iterator_age_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Stuck:
    """A batch that failed and is tried again; what lies behind it in its shard waits."""

    shard: str
    sequence: str
    """Of its first record."""
    records: int
    tries: int
    error: str | None
    record: Members[str, Any]

    def describe(self) -> dict[str, Any]:
        """All but the record, which may be large."""
        return {
            "shard": self.shard,
            "sequence": self.sequence,
            "records": self.records,
            "tries": self.tries,
            "error": self.error,
        }


EVENT_COUNTS = {
    "polled": "PolledEventCount",
    "filtered_out": "FilteredOutEventCount",
    "invoked": "InvokedEventCount",
    "failed": "FailedInvokeEventCount",
    "dropped": "DroppedEventCount",
    "deleted": "DeletedEventCount",
}
"""The counts that are metrics, too, of a mapping whose MetricsConfig asks for EventCount."""


@dataclass(eq=False)
class Poller:
    """One enabled mapping at work. `run` goes on until `stop`, and then ends what is under way."""

    world: World
    mapping: Mapping
    said: Callable[[str], None]
    """Takes the mapping's LastProcessingResult, where its kind has one."""
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self.stopping = asyncio.Event()
        self._retry = asyncio.Event()
        self.trouble: str | None = None
        """Why nothing can be read now."""
        self.stuck: dict[object, Stuck] = {}
        """By whoever runs it again."""
        self.seen: deque[Members[str, Any]] = deque(maxlen=SEEN)
        """Records as functions get them, also those that were filtered out; the newest last."""
        self._metered = "EventCount" in self.mapping.document.get("MetricsConfig", {}).get("Metrics", ())

    @abstractmethod
    async def run(self) -> None:
        """Read, filter and hand over until it is stopped."""

    def stop(self) -> None:
        """Begin no more; `run` returns when what is under way is over."""
        self.stopping.set()
        self._retry.set()

    def wake(self) -> None:
        """The source may be back, or has something new."""
        self._retry.set()

    def news(self, arn: str) -> None:
        """A source has something new."""

    async def backlog(self) -> int | None:
        """How much waits in the source, where it can be asked."""
        return None

    @property
    def clock(self) -> Clock:
        return self.world.clock

    def client(self, service: str) -> Client:
        where = self.mapping
        return self.world.neighbours.client(service, where.source_account, where.source_region)

    def describe(self) -> dict[str, Any]:
        """What the engine's own API shows."""
        counts = asdict(self.counts)
        seen = self.counts.polled
        rate = (seen - self.counts.filtered_out) / seen if seen else None
        stuck = [one.describe() for one in self.stuck.values()]
        return {**counts, "filter_hit_rate": rate, "trouble": self.trouble, "stuck": stuck}

    # -- asking ----------------------------------------------------------------------------------

    async def persistently(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """What the source answers, however long that takes; None if the poller stops before that."""
        pause = SHORTEST_PAUSE_S
        while not self.stopping.is_set():
            self._retry.clear()
            try:
                answer = await ask()
            except NeighbourError as error:
                self.failed(error)
            else:
                self.trouble = None
                return answer
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._retry.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)
        return None

    def failed(self, error: NeighbourError) -> None:
        """Note that the source does not answer as it should."""
        self.trouble = error.message or error.code
        self.note(self.trouble)
        self.said(f"PROBLEM: {self.trouble}")

    def saw(self, records: Iterable[tuple[Members[str, Any], bytes]]) -> None:
        """Note what was read, as objects and as JSON."""
        self.seen.extend(shown for shown, body in records if len(body) <= LARGEST_SEEN)

    def note(self, sentence: str) -> None:
        """Keep the last thing that went wrong."""
        self.counts.last_error, self.counts.last_error_at = sentence, self.clock.now()

    def count(self, **more: int) -> None:
        """Add to counts, by their names."""
        for name, number in more.items():
            setattr(self.counts, name, getattr(self.counts, name) + number)
            if self._metered and number:
                self.world.metrics.observe(self._series(EVENT_COUNTS[name]), number)

    def _series(self, metric: str) -> Series:
        where = self.mapping
        dimensions = (("EventSourceMappingUUID", where.uuid),)
        return runs.made((where.account, where.region, ""), metric, dimensions)

    # -- invoking --------------------------------------------------------------------------------

    async def invoke(
        self, payload: bytes, items: int, trace_id: str | None = None, request_id: str | None = None
    ) -> Outcome | ApiError:
        """Run the function with so many items and wait for what comes of it."""
        ended: asyncio.Future[Outcome | ApiError] = asyncio.get_running_loop().create_future()
        request = InvokeRequest(
            *self.mapping.function,
            self.mapping.qualifier,
            payload,
            request_id or new_request_id(),
            trace_id=trace_id,
        )
        self.counts.batches += 1
        self.counts.batches_in_flight += 1
        self.counts.last_batch_at = self.clock.now()
        try:
            self.world.dispatch.invoke(
                request, lambda outcome: None if ended.done() else ended.set_result(outcome)
            )
            outcome = await ended
        finally:
            self.counts.batches_in_flight -= 1
        self.count(invoked=items)
        if isinstance(outcome, ApiError) or outcome.function_error is not None:
            self.count(failed=items)
        self._judge(outcome)
        return outcome

    def failures(
        self,
        payload: bytes,
        items: Sequence[str],
        named: Callable[[Any], Any] = lambda identifier: identifier,
    ) -> set[str] | None:
        """The items of a batch that failed by the function's answer, or by a fault switch; see `verdict`."""
        failed = verdict.failures(payload, set(items), named)
        if self.world.faults.take("partial-batch", self.mapping.function[2]) is not None:
            failed = {items[-1]}
        self.count(failed=len(items if failed is None else failed))
        return failed

    def _judge(self, outcome: Outcome | ApiError) -> None:
        if isinstance(outcome, ApiError):
            self.counts.throttled += outcome.code == "TooManyRequestsException"
            self.note(f"{outcome.code}: {outcome.message}")
        elif outcome.function_error is not None:
            self.counts.failed_batches += 1
            self.note(f"Function call failed: {outcome.error_type}")
