"""Figures that CloudWatch keeps of functions, many with one call."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from lambdatui.model.metrics import AccountActivity, Activity, Use, VersionFigures
from lambdatui.service.connection import Connection
from lambdatui.service.together import together

_LONGEST_PERIOD_S = 86_400
_AT_ONCE = 500  # queries that one GetMetricData takes
_NAMESPACE = "AWS/Lambda"
_POINTS_KEPT_FOR_S = ((15 * 86_400, 60), (63 * 86_400, 300))  # AWS keeps minutes, then five, then hours


@dataclass(frozen=True, slots=True)
class _Span:
    """Equal steps up to now, each on a multiple of its length, as CloudWatch cuts time."""

    start: int
    step: int
    count: int

    @classmethod
    def until_now(cls, minutes: int, steps: int) -> _Span:
        step = max(60, ceil(minutes / steps) * 60)
        grain = next((grain for kept, grain in _POINTS_KEPT_FOR_S if minutes * 60 <= kept), 3600)
        step = ceil(step / grain) * grain
        count = max(1, ceil(minutes * 60 / step))
        return cls(int(time.time()) // step * step - (count - 1) * step, step, count)

    @classmethod
    def whole(cls, since: datetime) -> _Span:
        """One step that covers everything since the minute of a moment; a step for each day if it was long
        ago."""
        start = int(since.timestamp()) // 60 * 60
        length = max(60, ceil((time.time() - start) / 60) * 60)
        return cls(start, min(length, _LONGEST_PERIOD_S), ceil(length / _LONGEST_PERIOD_S))

    @property
    def from_(self) -> datetime:
        return datetime.fromtimestamp(self.start, UTC)

    @property
    def to(self) -> datetime:
        return datetime.fromtimestamp(self.start + self.step * self.count, UTC)

    def laid_out(self, points: Mapping[int, float]) -> tuple[int, ...]:
        """Whole numbers for every step; 0 where CloudWatch has no point."""
        return tuple(round(points.get(self.start + at * self.step, 0.0)) for at in range(self.count))


@dataclass(frozen=True, slots=True)
class _Query:
    metric: str
    stat: str
    dimensions: tuple[tuple[str, str], ...] = ()


class Metrics:
    """GetMetricData on one target. AWS charges for it by the metric: ask rarely there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def activity(
        self, names: Sequence[str], *, minutes: int = 60, steps: int = 30
    ) -> dict[str, Activity]:
        """Invocations and errors of functions over the last minutes, in at most so many steps.

        250 functions are one call, 500 two at a time. A function that never ran has zeros.
        """
        span = _Span.until_now(minutes, steps)
        queries = [
            _Query(metric, "Sum", (("FunctionName", name),))
            for name in names
            for metric in ("Invocations", "Errors")
        ]
        points = await self._ask(span, queries)
        return {
            name: Activity(span.from_, span.step, span.laid_out(invocations), span.laid_out(errors))
            for name, invocations, errors in zip(names, points[::2], points[1::2], strict=True)
        }

    async def use(self, names: Sequence[str], *, minutes: int = 60, steps: int = 30) -> dict[str, Use]:
        """Concurrency and throttles of functions over the last minutes; 250 functions are one call."""
        span = _Span.until_now(minutes, steps)
        queries = [
            _Query(metric, stat, (("FunctionName", name),))
            for name in names
            for metric, stat in (("ConcurrentExecutions", "Maximum"), ("Throttles", "Sum"))
        ]
        points = await self._ask(span, queries)
        return {
            name: Use(span.laid_out(concurrent), span.laid_out(throttles))
            for name, concurrent, throttles in zip(names, points[::2], points[1::2], strict=True)
        }

    async def by_version(
        self, name: str, alias: str, versions: Sequence[str], *, since: datetime
    ) -> tuple[VersionFigures, ...]:
        """How each of an alias's versions did since a moment, rounded down to its minute; one call.

        Beyond a day ``p95_ms`` is that of the slowest day.
        """
        wanted = (("Invocations", "Sum"), ("Errors", "Sum"), ("Throttles", "Sum"), ("Duration", "p95"))
        through = (("FunctionName", name), ("Resource", f"{name}:{alias}"))
        queries = [
            _Query(metric, stat, (*through, ("ExecutedVersion", version)))
            for version in versions
            for metric, stat in wanted
        ]
        span = _Span.whole(since)
        found = iter(await self._ask(span, queries))
        figures = []
        for version in versions:
            invocations, errors, throttles, slow = (list(next(found).values()) for _ in wanted)
            counts = [round(sum(each)) for each in (invocations, errors, throttles)]
            figures.append(VersionFigures(version, counts[0], counts[1], counts[2], max(slow, default=None)))
        return tuple(figures)

    async def account(self, *, minutes: int = 60, steps: int = 30) -> AccountActivity:
        """What the whole account did in this region; one call."""
        span = _Span.until_now(minutes, steps)
        sums = [_Query(metric, "Sum") for metric in ("Invocations", "Errors", "Throttles")]
        peaks = [
            _Query(metric, "Maximum") for metric in ("ConcurrentExecutions", "UnreservedConcurrentExecutions")
        ]
        points = await self._ask(span, [*sums, *peaks])
        return AccountActivity(span.from_, span.step, *map(span.laid_out, points))

    async def _ask(self, span: _Span, queries: Sequence[_Query]) -> list[dict[int, float]]:
        """The points of each query by the time of their step."""
        parts = [queries[at : at + _AT_ONCE] for at in range(0, len(queries), _AT_ONCE)]
        answers = await together(self._ask_for(span, part) for part in parts)
        return [points for answer in answers for points in answer]

    async def _ask_for(self, span: _Span, queries: Sequence[_Query]) -> list[dict[int, float]]:
        found: list[dict[int, float]] = [{} for _ in queries]
        pages = self._connection.pages(
            "cloudwatch",
            "get_metric_data",
            MetricDataQueries=[_written(at, query, span.step) for at, query in enumerate(queries)],
            StartTime=span.from_,
            EndTime=span.to,
            ScanBy="TimestampAscending",
        )
        async for page in pages:
            for result in page.get("MetricDataResults", ()):
                if (at := _number(result.get("Id"))) is not None and at < len(found):
                    found[at].update(_points(result))
        return found


def _written(at: int, query: _Query, period: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in query.dimensions]
    metric = {"Namespace": _NAMESPACE, "MetricName": query.metric, "Dimensions": dimensions}
    return {"Id": f"q{at}", "MetricStat": {"Metric": metric, "Period": period, "Stat": query.stat}}


def _number(query_id: object) -> int | None:
    found = re.fullmatch(r"q(\d{1,4})", str(query_id), re.ASCII)
    return int(found[1]) if found else None


def _points(result: Mapping[str, Any]) -> Iterator[tuple[int, float]]:
    for moment, value in zip(result.get("Timestamps", ()), result.get("Values", ()), strict=False):
        yield int(moment.timestamp()), float(value)
