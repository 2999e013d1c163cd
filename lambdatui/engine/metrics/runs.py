"""What invocations came to within one minute, and the AWS/Lambda series that this makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lambdatui.engine.concurrency import Entry
from lambdatui.engine.metrics.sketch import Distribution
from lambdatui.engine.store.metrics import Dimensions, Series

NAMESPACE = "AWS/Lambda"
UNITS = {
    "Duration": "Milliseconds",
    "AsyncEventAge": "Milliseconds",
    "IteratorAge": "Milliseconds",
    "PostRuntimeExtensionsDuration": "Milliseconds",
}
"""All others count."""

Seen = defaultdict[float, int]
"""Values, and how often each was seen."""

Function = tuple[str, str, str]  # account, region, name
Where = tuple[Function, str | None, str]
"""A function, the qualifier it was invoked by, and the version that ran."""
Beside = tuple[int, int, int]
"""How many ran of a function, of those by one qualifier, and of those one version that it led to."""


def _seen() -> Seen:
    return defaultdict(int)


@dataclass(slots=True)
class Runs:
    """The invocations of one version by one qualifier."""

    errors: int = 0
    throttles: int = 0
    spilled: int = 0
    durations: list[float] = field(default_factory=list)
    """One for each invocation, in milliseconds."""
    provisioned: Seen = field(default_factory=_seen)
    """How many provisioned environments ran, seen whenever an invocation in one of them was over."""
    utilization: Seen = field(default_factory=_seen)
    running: Seen = field(default_factory=_seen)
    """By this qualifier."""
    executing: Seen = field(default_factory=_seen)
    """By it, and of this version."""

    def figures(self) -> Iterator[tuple[str, Distribution]]:
        """The metrics with what was observed; a run that was no error counts as an error of 0, as on AWS."""
        invocations = len(self.durations)
        if invocations:
            yield "Invocations", _ones(invocations)
            yield "Errors", _ones(self.errors, invocations)
            yield "Duration", Distribution.of(*self.durations)
        if self.throttles or invocations:
            yield "Throttles", _ones(self.throttles, invocations + self.throttles)
        if self.provisioned:
            yield "ProvisionedConcurrencyInvocations", _ones(sum(self.provisioned.values()))
            yield "ProvisionedConcurrentExecutions", _weighted(self.provisioned)
            yield "ProvisionedConcurrencyUtilization", _weighted(self.utilization)
        if self.spilled:
            yield "ProvisionedConcurrencySpilloverInvocations", _ones(self.spilled)


@dataclass(slots=True)
class Peaks:
    """What ran at one time in an account, seen whenever an invocation was over."""

    running: Seen = field(default_factory=_seen)
    unreserved: Seen = field(default_factory=_seen)
    claimed: Seen = field(default_factory=_seen)


@dataclass(slots=True)
class MinuteOfRuns:
    """All invocations of one minute. `ran` is called for every one of them: it looks up and adds, no more."""

    runs: dict[Where, Runs] = field(default_factory=lambda: defaultdict(Runs))
    functions: dict[Function, Seen] = field(default_factory=lambda: defaultdict(_seen))
    accounts: dict[tuple[str, str], Peaks] = field(default_factory=lambda: defaultdict(Peaks))

    def ran(self, where: Where, duration_ms: float, failed: bool, beside: Beside, entry: Entry) -> None:
        """An invocation is over, and still counts among those that run."""
        runs = self.runs[where]
        runs.errors += failed
        runs.durations.append(duration_ms)
        of_function, by_qualifier, of_version = beside
        runs.running[by_qualifier] += 1
        if of_version:
            runs.executing[of_version] += 1
        self.functions[where[0]][of_function] += 1
        share, _, unreserved = entry
        account, peaks = share.account, self.accounts[share.place]
        peaks.running[account.running] += 1
        if unreserved:
            peaks.unreserved[account.unreserved] += 1
            peaks.claimed[account.unreserved + (account.promised or 0)] += 1

    def series(self) -> Iterator[tuple[Series, Distribution]]:
        """Everything as CloudWatch shows it; the same series may come several times."""
        for (function, qualifier, version), runs in self.runs.items():
            for metric, observed in runs.figures():
                for dimensions in places(function[2], qualifier, version):
                    yield made(function, metric, dimensions), observed
            of_resource, *of_version = [*places(function[2], qualifier, version)][2:]
            yield made(function, "ConcurrentExecutions", of_resource), _weighted(runs.running)
            for dimensions in of_version:
                yield made(function, "ConcurrentExecutions", dimensions), _weighted(runs.executing)
        for function, peak in self.functions.items():
            yield made(function, "ConcurrentExecutions", (("FunctionName", function[2]),)), _weighted(peak)
        for (account, region), peaks in self.accounts.items():
            place = (account, region, "")
            yield made(place, "ConcurrentExecutions", ()), _weighted(peaks.running)
            if peaks.unreserved:
                yield made(place, "UnreservedConcurrentExecutions", ()), _weighted(peaks.unreserved)
                yield made(place, "ClaimedAccountConcurrency", ()), _weighted(peaks.claimed)


def places(name: str, qualifier: str | None, version: str | None = None) -> Iterator[Dimensions]:
    """Where CloudWatch shows something of a function: together with all others, by function, by what was
    invoked, and by the version that an alias chose."""
    function = ("FunctionName", name)
    resource = ("Resource", f"{name}:{qualifier}" if qualifier else name)
    yield ()
    yield (function,)
    yield (function, resource)
    if qualifier and version and qualifier != version:
        yield (("ExecutedVersion", version), function, resource)


def made(function: Function, metric: str, dimensions: Dimensions) -> Series:
    return Series(*function[:2], NAMESPACE, metric, dimensions, UNITS.get(metric, "Count"))


def _ones(count: int, of: int | None = None) -> Distribution:
    """`count` times 1, the rest of `of` times 0."""
    return _weighted({1.0: count, 0.0: 0 if of is None else of - count})


def _weighted(seen: Mapping[float, int]) -> Distribution:
    made = Distribution()
    for value, times in seen.items():
        if times:
            made.add(value, times)
    return made
