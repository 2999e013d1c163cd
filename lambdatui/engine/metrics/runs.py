"""What invocations came to within one minute, and the AWS/Lambda series that this makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lambdatui.engine.concurrency import Entry
from lambdatui.engine.metrics.sketch import Distribution
from lambdatui.engine.store.metrics import Dimensions, Series

NAMESPACE = "AWS/Lambda"
UNITS = {
    "Duration": "Milliseconds",
    "AsyncEventAge": "Milliseconds",
    "IteratorAge": "Milliseconds",
}
"""All others count."""

Function = tuple[str, str, str]  # account, region, name
Where = tuple[Function, str | None, str]
"""A function, the qualifier it was invoked by, and the version that ran."""


@dataclass(slots=True)
class Runs:
    """The invocations of one version by one qualifier."""

    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    spilled: int = 0
    durations: Distribution = field(default_factory=Distribution)
    provisioned: Distribution = field(default_factory=Distribution)
    """How many provisioned environments ran, seen whenever an invocation in one of them was over."""
    utilization: Distribution = field(default_factory=Distribution)

    def figures(self) -> Iterator[tuple[str, Distribution]]:
        """The metrics with what was observed; a run that was no error counts as an error of 0, as on AWS."""
        if self.invocations:
            yield "Invocations", _ones(self.invocations)
            yield "Errors", _ones(self.errors, self.invocations)
            yield "Duration", self.durations
        if self.throttles or self.invocations:
            yield "Throttles", _ones(self.throttles, self.invocations + self.throttles)
        if self.provisioned.count:
            yield "ProvisionedConcurrencyInvocations", _ones(int(self.provisioned.count))
            yield "ProvisionedConcurrentExecutions", self.provisioned
            yield "ProvisionedConcurrencyUtilization", self.utilization
        if self.spilled:
            yield "ProvisionedConcurrencySpilloverInvocations", _ones(self.spilled)


@dataclass(slots=True)
class Peaks:
    """What ran at one time in an account, seen whenever an invocation was over."""

    running: Distribution = field(default_factory=Distribution)
    unreserved: Distribution = field(default_factory=Distribution)
    claimed: Distribution = field(default_factory=Distribution)


@dataclass(slots=True)
class MinuteOfRuns:
    """All invocations of one minute. `ran` is called for every one of them: it looks up and adds, no more."""

    runs: dict[Where, Runs] = field(default_factory=dict)
    functions: dict[Function, Distribution] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Peaks] = field(default_factory=dict)

    def ran(self, where: Where, duration_ms: float, failed: bool, running: int, entry: Entry) -> None:
        """An invocation is over, and still counts among those that run."""
        runs = self.of(where)
        runs.invocations += 1
        runs.errors += failed
        runs.durations.add(duration_ms)
        function = where[0]
        peak = self.functions.get(function)
        if peak is None:
            peak = self.functions[function] = Distribution()
        peak.add(running)
        account = entry.account
        peaks = self.accounts.get(function[:2])
        if peaks is None:
            peaks = self.accounts[function[:2]] = Peaks()
        peaks.running.add(account.running)
        if entry.unreserved:
            peaks.unreserved.add(account.unreserved)
            peaks.claimed.add(account.unreserved + (account.promised or 0))

    def of(self, where: Where) -> Runs:
        """The runs of a version by a qualifier."""
        runs = self.runs.get(where)
        if runs is None:
            runs = self.runs[where] = Runs()
        return runs

    def series(self) -> Iterator[tuple[Series, Distribution]]:
        """Everything as CloudWatch shows it; the same series may come several times."""
        for (function, qualifier, version), runs in self.runs.items():
            for metric, observed in runs.figures():
                for dimensions in places(function[2], qualifier, version):
                    yield made(function, metric, dimensions), observed
        for function, peak in self.functions.items():
            yield made(function, "ConcurrentExecutions", (("FunctionName", function[2]),)), peak
        for (account, region), peaks in self.accounts.items():
            place = (account, region, "")
            yield made(place, "ConcurrentExecutions", ()), peaks.running
            if peaks.unreserved.count:
                yield made(place, "UnreservedConcurrentExecutions", ()), peaks.unreserved
                yield made(place, "ClaimedAccountConcurrency", ()), peaks.claimed


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
    made = Distribution()
    if count:
        made.add(1.0, count)
    if of is not None and of > count:
        made.add(0.0, of - count)
    return made
