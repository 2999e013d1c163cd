"""Counts and values by minute, in memory: what the AWS/Lambda metrics are made of."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

KEPT_MINUTES = 24 * 60

Function = tuple[str, str, str]  # account, region, name


@dataclass(slots=True)
class Minute:
    """What was observed within one minute."""

    start: int
    """Seconds since 1970, a multiple of 60."""
    count: int = 0
    sum: float = 0.0
    least: float = float("inf")
    most: float = float("-inf")

    def add(self, value: float) -> None:
        self.count += 1
        self.sum += value
        self.least = min(self.least, value)
        self.most = max(self.most, value)


@dataclass(slots=True)
class Series:
    """One metric of one function (and resource): its minutes, oldest first, and its sum since the start."""

    function: Function
    metric: str
    resource: str | None
    total: float = 0.0
    minutes: deque[Minute] = field(default_factory=lambda: deque(maxlen=KEPT_MINUTES))


class Metrics:
    """All series of an engine."""

    def __init__(self) -> None:
        self._series: dict[tuple[Function, str, str | None], Series] = {}

    def add(
        self, function: Function, metric: str, value: float, now: float, *, resource: str | None = None
    ) -> None:
        """Observe a value (1 for a count) at a time of the engine's clock."""
        key = (function, metric, resource)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = Series(function, metric, resource)
        series.total += value
        start = int(now // 60) * 60
        if not series.minutes or series.minutes[-1].start < start:
            series.minutes.append(Minute(start))
        series.minutes[-1].add(value)

    def total(self, function: Function, metric: str) -> float:
        """The sum of a function's metric since the engine started, over all resources."""
        return sum(one.total for one in self if one.function == function and one.metric == metric)

    def __iter__(self) -> Iterator[Series]:
        return iter(list(self._series.values()))
