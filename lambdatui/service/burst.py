"""Many invocations of one function, several at a time, and what they come to."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from time import monotonic

from lambdatui.model import Invocation
from lambdatui.service.cost import of_run
from lambdatui.service.errors import ServiceError, Throttled
from lambdatui.service.invoker import Invoker

MOST_RUNS, MOST_PARALLEL = 10_000, 100
EDGES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 900_000)
"""Upper ends of the histogram's columns, in ms."""

Invoke = Callable[[], Awaitable[Invocation]]


@dataclass(frozen=True, slots=True)
class BurstPlan:
    """What is invoked how often."""

    function: str
    qualifier: str | None
    payload: bytes
    runs: int
    parallel: int
    client_context: str = ""


@dataclass
class Share:
    """The runs of one version."""

    runs: int = 0
    errors: int = 0
    cold: int = 0
    durations: list[float] = field(default_factory=list)  # sorted

    def quantile(self, share: float) -> float:
        """The duration that so large a share of the runs did not pass."""
        return quantile(self.durations, share)


@dataclass
class Tally:
    """What came of the runs so far."""

    done: int = 0
    ok: int = 0
    cold: int = 0
    throttled: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    versions: dict[str, Share] = field(default_factory=dict)
    durations: list[float] = field(default_factory=list)  # sorted
    warm_bins: Counter[int] = field(default_factory=Counter)  # by place in EDGES
    cold_bins: Counter[int] = field(default_factory=Counter)
    dollars: float = 0.0
    priced: int = 0  # runs whose price is known

    def ran(self, run: Invocation, *, region: str, architectures: Sequence[str]) -> None:
        """A run ended, well or badly."""
        self.done += 1
        duration = run.report.duration_ms if run.report else run.took_ms
        cold = bool(run.cold)
        share = self.versions.setdefault(run.executed_version or "?", Share())
        share.runs += 1
        insort(share.durations, duration)
        insort(self.durations, duration)
        (self.cold_bins if cold else self.warm_bins)[column(duration)] += 1
        share.cold += cold
        self.cold += cold
        if run.ok:
            self.ok += 1
        else:
            share.errors += 1
            kind = run.error.type if run.error and run.error.type else run.function_error
            self.errors[kind or f"status {run.status}"] += 1
        if run.report and (cost := of_run(run.report, region=region, architectures=architectures)):
            self.dollars += cost.dollars
            self.priced += 1

    def refused(self, error: ServiceError) -> None:
        """Lambda did not run it."""
        self.done += 1
        if isinstance(error, Throttled):
            self.throttled += 1
        else:
            self.errors[error.code] += 1

    @property
    def ran_count(self) -> int:
        """Runs that Lambda began."""
        return len(self.durations)

    def quantile(self, share: float) -> float:
        """The duration that so large a share of the runs did not pass."""
        return quantile(self.durations, share)


def column(duration_ms: float) -> int:
    """The place in EDGES of a duration."""
    return next((at for at, edge in enumerate(EDGES) if duration_ms <= edge), len(EDGES) - 1)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank quantile of values in order."""
    if not ordered:
        return 0.0
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


class Burst:
    """One burst, under way or over. It goes on when nobody looks."""

    def __init__(self, plan: BurstPlan, invoke: Invoke, *, region: str, architectures: Sequence[str]) -> None:
        self.plan = plan
        self.tally = Tally()
        self.cancelled = False
        self.broken = ""  # a failure that makes it senseless to go on
        self._invoke = invoke
        self._region, self._architectures = region, tuple(architectures)
        self._left = plan.runs
        self._began, self._ended = monotonic(), 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Send the first ones."""
        self._began = monotonic()
        self._task = asyncio.create_task(self._all())

    @property
    def is_over(self) -> bool:
        return bool(self._ended)

    @property
    def seconds(self) -> float:
        """How long it took, or takes so far."""
        return (self._ended or monotonic()) - self._began

    def cancel(self) -> None:
        """Send no more; those under way are let go, Lambda runs them to their end."""
        if not self.is_over:
            self.cancelled = True
            if self._task is not None:
                self._task.cancel()

    async def wait(self) -> None:
        """Until it is over. Who stops waiting does not stop the burst."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _all(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.plan.parallel, self.plan.runs)):
                    group.create_task(self._one_after_the_other())
        finally:
            self._ended = monotonic()

    async def _one_after_the_other(self) -> None:
        while self._left > 0 and not self.broken:
            self._left -= 1
            try:
                run = await self._invoke()
            except ServiceError as error:
                self.tally.refused(error)
                if not isinstance(error, Throttled) and not self.tally.ran_count:
                    self.broken = error.sentence  # the first ones all fail: so will the others
            else:
                self.tally.ran(run, region=self._region, architectures=self._architectures)


class Bursts:
    """The bursts on one target: one at a time, the last one stays to be looked at."""

    def __init__(self, invoker: Invoker, *, region: str) -> None:
        self._invoker = invoker
        self._region = region
        self.latest: Burst | None = None

    def start(self, plan: BurstPlan, *, architectures: Sequence[str] = ()) -> Burst:
        """Begin; the one before is cancelled."""
        if self.latest is not None:
            self.latest.cancel()

        def invoke() -> Awaitable[Invocation]:
            return self._invoker.invoke(
                plan.function,
                plan.payload,
                qualifier=plan.qualifier,
                client_context=plan.client_context,
                remember=False,
            )

        self.latest = Burst(plan, invoke, region=self._region, architectures=architectures)
        self.latest.start()
        return self.latest

    async def close(self) -> None:
        """Send nothing more."""
        if self.latest is not None:
            self.latest.cancel()
            await self.latest.wait()
