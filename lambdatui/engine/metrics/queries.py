"""GetMetricData's queries: checked as one request, answered one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lambdatui.engine.metrics import statistics
from lambdatui.engine.metrics.expressions import BadExpression, Points, Scope, evaluate
from lambdatui.engine.store import metrics
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.metrics import Dimensions, Series
from lambdatui.engine.wire.errors import ApiError

MOST_QUERIES = 500
LONGEST_PERIOD = 86_400
Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """From the first minute (included) to the last one (not), in seconds since 1970."""

    start: int
    end: int

    @classmethod
    def of(cls, request: Request) -> Span:
        start, end = request["StartTime"], request["EndTime"]
        if start >= end:
            raise validation("The parameter StartTime must be less than the parameter EndTime.")
        first = int(start.timestamp()) // 60 * 60
        return cls(first, max(first + 1, _ceiling(end)))


@dataclass(slots=True)
class Answer:
    """One query's label and points."""

    id: str
    label: str
    points: list[tuple[int, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Query:
    """One metric's statistic, period by period."""

    id: str
    label: str
    series: Series
    unit: str | None
    period: int
    stat: str
    shown: bool = True

    def answer(self, conn: Connection, span: Span) -> Answer:
        """In the thread that reads."""
        compute = statistics.statistic(self.stat)
        assert compute is not None
        unit, minutes = metrics.minutes(conn, self.series, span.start, span.end)
        found = Answer(self.id, self.label)
        if self.unit is not None and self.unit != unit:
            return found
        for at, seen in statistics.by_period(minutes, span.start, self.period).items():
            value = compute(seen)
            if value is not None:
                found.points.append((at, value))
        return found


@dataclass(frozen=True, slots=True)
class Math:
    """An expression over other queries."""

    id: str
    label: str
    expression: str
    shown: bool = True


def answers(conn: Connection, span: Span, asked: Sequence[Query | Math]) -> list[Answer]:
    """What the queries that return data come to; in the thread that reads."""
    metrics_of = {one.id: one for one in asked if isinstance(one, Query)}
    maths = {one.id: one for one in asked if isinstance(one, Math)}
    found = {name: query.answer(conn, span) for name, query in metrics_of.items()}
    computing: list[str] = []

    def find(name: str) -> Points:
        if name not in found:
            if name not in maths or name in computing:
                why = "depends on itself" if name in computing else "is no id of this request"
                raise BadExpression(f"{name} {why}")
            compute(maths[name])
        return dict(found[name].points)

    def compute(one: Math) -> None:
        computing.append(one.id)
        points = evaluate(one.expression, scope)
        found[one.id] = Answer(one.id, one.label, sorted(points.items()))
        computing.pop()

    def period(name: str) -> int:
        if name not in metrics_of:
            raise BadExpression(f"{name} is no metric of this request")
        return metrics_of[name].period

    scope = Scope(find, lambda: [(name, dict(found[name].points)) for name in metrics_of], period)
    for one in maths.values():
        try:
            find(one.id)
        except BadExpression as problem:
            raise validation(f"Error in expression '{one.id}': {problem}") from None
        except RecursionError:
            raise validation(f"Error in expression '{one.id}': it is nested too deeply") from None
    return [found[one.id] for one in asked if one.shown]


def read(account: str, region: str, queries: Sequence[Request]) -> list[Query | Math]:
    """The queries, checked. Everything that is wrong with them is said at once, as AWS does."""
    if not queries:
        raise validation("The parameter MetricDataQueries is required.")
    if len(queries) > MOST_QUERIES:
        raise validation(
            f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
        )
    problems: list[str] = []
    seen: set[str] = set()
    for number, query in enumerate(queries, 1):
        problems += _problems(f"MetricDataQueries.member.{number}", query)
        if query["Id"] in seen:
            problems.append(f"The values for parameter id in MetricDataQueries are not unique: {query['Id']}")
        seen.add(query["Id"])
    if problems:
        raise validation("\n".join(problems))
    if not any(query.get("ReturnData", True) for query in queries):
        raise validation("At least one of the elements of MetricDataQueries must return data.")
    return [_query(account, region, query) for query in queries]


def dimensions_of(given: Sequence[Mapping[str, str]]) -> Dimensions:
    """As series are kept: by name."""
    return tuple(sorted((one["Name"], one["Value"]) for one in given))


def period_problem(period: int) -> str | None:
    """What is wrong with a period, after the parameter's name."""
    if period % 60 and period not in (1, 5, 10, 20, 30):
        return "must be 1, 5, 10, 20, 30 or a multiple of 60."
    return f"must not be greater than {LONGEST_PERIOD}." if period > LONGEST_PERIOD else None


def validation(message: str) -> ApiError:
    return ApiError("ValidationError", message, 400, type=None)


def _problems(where: str, query: Request) -> list[str]:
    stat = query.get("MetricStat")
    if "Expression" in query and stat is not None:
        return [f"The parameters {where}.Expression and {where}.MetricStat are mutually exclusive."]
    if "Expression" not in query and stat is None:
        return [f"Either {where}.MetricStat or {where}.Expression must be specified."]
    first = query["Id"][:1]
    found = []
    if not (first.isascii() and first.islower() and query["Id"].replace("_", "a").isalnum()):
        found.append(
            f"The value {query['Id']} for parameter {where}.Id is not matching the expected pattern"
            " ^[a-z][a-zA-Z0-9_]*$."
        )
    if stat is None:
        return found
    found += [
        f"The parameter {where}.MetricStat.Metric.{name} is required."
        for name in ("Namespace", "MetricName")
        if name not in stat["Metric"]
    ]
    if statistics.statistic(stat["Stat"]) is None:
        found.append(
            f"The value {stat['Stat']} for parameter {where}.MetricStat.Stat is not a valid statistic."
        )
    if problem := period_problem(stat["Period"]):
        found.append(f"The parameter {where}.MetricStat.Period {problem}")
    return found


def _query(account: str, region: str, query: Request) -> Query | Math:
    shown = query.get("ReturnData", True)
    if "Expression" in query:
        return Math(query["Id"], query.get("Label") or query["Id"], query["Expression"], shown)
    stat = query["MetricStat"]
    metric = stat["Metric"]
    dimensions = dimensions_of(metric.get("Dimensions", ()))
    series = Series(account, region, metric["Namespace"], metric["MetricName"], dimensions)
    return Query(
        id=query["Id"],
        label=query.get("Label") or metric["MetricName"],
        series=series,
        unit=stat.get("Unit"),
        period=max(60, stat["Period"]),
        stat=stat["Stat"],
        shown=shown,
    )


def _ceiling(moment: datetime) -> int:
    """Seconds since 1970, of which none is lost."""
    seconds = int(moment.timestamp())
    return seconds + bool(moment.microsecond)
