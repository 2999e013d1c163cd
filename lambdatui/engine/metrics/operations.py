"""CloudWatch operations by which Lambda's users read metrics, and send their own."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import Any

from lambdatui.engine.context import Context
from lambdatui.engine.metrics import queries, statistics
from lambdatui.engine.metrics.queries import Answer, Span, dimensions_of, validation
from lambdatui.engine.metrics.sketch import LARGEST, Distribution
from lambdatui.engine.store import metrics
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.metrics import Dimensions, Series
from lambdatui.engine.wire.errors import ApiError

Request = dict[str, Any]

MOST_DATAPOINTS = 100_800
MOST_STATISTICS_POINTS = 1_440
LISTED_AT_ONCE = 500
RECENT_S = 3 * 3600
MOST_DATA, MOST_VALUES = 1000, 150


# -- reading -----------------------------------------------------------------------------------------


async def get_metric_data(ctx: Context, request: Request) -> Request:
    """Series of points; a page holds `MaxDatapoints` of them, and the next one goes on where it ended."""
    span = Span.of(request)
    asked = queries.read(ctx.account, ctx.region, request["MetricDataQueries"])
    most = request.get("MaxDatapoints", MOST_DATAPOINTS)
    if not 0 < most <= MOST_DATAPOINTS:
        raise validation(f"The parameter MaxDatapoints must be between 1 and {MOST_DATAPOINTS}.")
    first = _number(request.get("NextToken"))
    await ctx.engine.execution.metrics.flush()

    found = await ctx.store.logs.scan(lambda conn: queries.answers(conn, span, asked))
    if request.get("ScanBy", "TimestampDescending") == "TimestampDescending":
        for answer in found:
            answer.points.reverse()
    results, rest = _page(found, first, most)
    return {"MetricDataResults": results, "Messages": [], "NextToken": rest}


def _page(found: list[Answer], first: int, most: int) -> tuple[list[Request], str | None]:
    """The points from number `first` on, over all answers; an answer that goes on is partial."""
    results = []
    skipped, left = first, most
    total = sum(len(answer.points) for answer in found)
    for answer in found:
        points = answer.points[skipped : skipped + left]
        whole = len(answer.points) <= skipped + left
        results.append(
            {
                "Id": answer.id,
                "Label": answer.label,
                "Timestamps": [at for at, _ in points],
                "Values": [value for _, value in points],
                "StatusCode": "Complete" if whole else "PartialData",
            }
        )
        skipped = max(0, skipped - len(answer.points))
        left -= len(points)
    return results, _token(first + most) if first + most < total else None


async def get_metric_statistics(ctx: Context, request: Request) -> Request:
    """All statistics of one metric, in no order that a caller may rely on."""
    plain, extended = request.get("Statistics", ()), request.get("ExtendedStatistics", ())
    if not plain and not extended:
        raise ApiError(
            "InvalidParameterCombinationException",
            "Must specify either Statistics or ExtendedStatistics",
            400,
            type=None,
        )
    for number, name in enumerate(extended, 1):
        if statistics.extended(name) is None:
            text = f"The value {name} for parameter ExtendedStatistics.member.{number} is not supported."
            raise _invalid(text)
    if problem := queries.period_problem(request["Period"]):
        raise _invalid(f"The parameter Period {problem}")
    span, period = Span.of(request), max(60, request["Period"])
    points = -(-(span.end - span.start) // period)
    if points > MOST_STATISTICS_POINTS:
        raise ApiError(
            "InvalidParameterCombinationException",
            f"You have requested up to {points:,} datapoints, which exceeds the limit of"
            f" {MOST_STATISTICS_POINTS:,}. You may reduce the datapoints requested by increasing Period,"
            " or decreasing the time range.",
            400,
            type=None,
        )
    dimensions = dimensions_of(request.get("Dimensions", ()))
    series = Series(ctx.account, ctx.region, request["Namespace"], request["MetricName"], dimensions)
    await ctx.engine.execution.metrics.flush()
    unit, minutes = await ctx.store.logs.scan(
        lambda conn: metrics.minutes(conn, series, span.start, span.end)
    )
    if request.get("Unit") not in (None, unit):
        minutes = []
    shown = statistics.by_period(minutes, span.start, period)
    return {
        "Label": request["MetricName"],
        "Datapoints": [_datapoint(at, seen, unit, plain, extended) for at, seen in shown.items()],
    }


def _datapoint(at: int, seen: Distribution, unit: str | None, plain: Any, extended: Any) -> Request:
    found: Request = {"Timestamp": at, "Unit": unit}
    found |= {name: statistics.PLAIN[name](seen) for name in plain}
    known = {name: seen.percentile(float(name[1:])) for name in extended}
    if extended:
        found["ExtendedStatistics"] = {name: value for name, value in known.items() if value is not None}
    return found


async def list_metrics(ctx: Context, request: Request) -> Request:
    """The metrics there are, 500 at a time."""
    await ctx.engine.execution.metrics.flush()
    filters = [(one["Name"], one.get("Value")) for one in request.get("Dimensions", ())]
    recent = int(time.time()) - RECENT_S if request.get("RecentlyActive") else 0
    after = _number(request.get("NextToken"))

    def wanted(dimensions: Dimensions) -> bool:
        known = dict(dimensions)
        return all(name in known and value in (None, known[name]) for name, value in filters)

    def look(conn: Connection) -> list[metrics.SeriesRecord]:
        series = metrics.listed(
            conn,
            ctx.account,
            ctx.region,
            namespace=request.get("Namespace"),
            metric=request.get("MetricName"),
            active_since=recent,
            after=after,
        )
        return list(islice((one for one in series if wanted(one.dimensions)), LISTED_AT_ONCE + 1))

    found = await ctx.store.logs.scan(look)
    shown = found[:LISTED_AT_ONCE]
    return {
        "Metrics": [
            {
                "Namespace": one.namespace,
                "MetricName": one.metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions],
            }
            for one in shown
        ],
        "NextToken": _token(shown[-1].id) if len(found) > len(shown) else None,
    }


# -- sending -----------------------------------------------------------------------------------------


async def put_metric_data(ctx: Context, request: Request) -> Request:
    """Metrics of one's own; AWS's namespaces are AWS's."""
    namespace, data = request["Namespace"], request.get("MetricData", ())
    if namespace.startswith("AWS/"):
        raise _invalid("The value AWS/ for parameter Namespace is invalid.")
    if not data:
        raise ApiError(
            "MissingRequiredParameterException", "The parameter MetricData is required.", 400, type=None
        )
    if len(data) > MOST_DATA:
        raise _invalid(f"The collection MetricData must not have a size greater than {MOST_DATA}.")
    now = time.time()
    observed = []
    for number, datum in enumerate(data, 1):
        seen = _observed(f"MetricData.member.{number}", datum)
        at = datum["Timestamp"].timestamp() if "Timestamp" in datum else now
        if not now - metrics.OLDEST_S <= at <= now + metrics.AHEAD_S:
            raise _invalid(
                f"The parameter MetricData.member.{number}.Timestamp must specify a time no more than"
                " two weeks before or two hours after the current time."
            )
        dimensions = dimensions_of(datum.get("Dimensions", ()))
        unit = datum.get("Unit", "None")
        series = Series(ctx.account, ctx.region, namespace, datum["MetricName"], dimensions, unit)
        observed.append((int(at) // 60 * 60, series, seen))
    await ctx.store.logs.write(partial(metrics.record, observed=observed))
    return {}


def _observed(where: str, datum: Request) -> Distribution:
    """From a value, values with counts, or a set of statistics: one of them, as on AWS."""
    given = [name for name in ("Value", "Values", "StatisticValues") if name in datum]
    if not given:
        raise ApiError(
            "MissingRequiredParameterException",
            f"At least one of the parameters {where}.Value, {where}.Values or {where}.StatisticValues"
            " must be specified.",
            400,
            type=None,
        )
    if len(given) > 1:
        raise ApiError(
            "InvalidParameterCombinationException",
            f"The parameters {where}.{given[0]} and {where}.{given[1]} are mutually exclusive"
            " and you have specified both.",
            400,
            type=None,
        )
    made = Distribution()
    if "StatisticValues" in datum:
        stats = datum["StatisticValues"]
        _check_numbers(where, stats.values())
        return Distribution(stats["SampleCount"], stats["Sum"], stats["Minimum"], stats["Maximum"])
    values = datum.get("Values") or [datum.get("Value", 0.0)]
    counts = datum.get("Counts", [1.0] * len(values))
    if len(values) > MOST_VALUES:
        raise _invalid(f"The collection {where}.Values must not have a size greater than {MOST_VALUES}.")
    _check_numbers(where, (*values, *counts))
    if len(counts) != len(values):
        raise _invalid(f"The parameters {where}.Values and {where}.Counts must be of the same size.")
    for value, times in zip(values, counts, strict=True):
        made.add(value, times)
    return made


def _check_numbers(where: str, numbers: Iterable[float]) -> None:
    if not all(abs(one) <= LARGEST for one in numbers):
        raise _invalid(f"The parameter {where} holds a value that is not a finite number.")


# -- parts -------------------------------------------------------------------------------------------


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterValueException", message, 400, type=None)


def _token(number: int) -> str:
    return base64.urlsafe_b64encode(str(number).encode()).decode()


def _number(token: str | None) -> int:
    if not token:
        return 0
    try:
        text = base64.urlsafe_b64decode(token).decode()
    except ValueError:  # also of text that is not ASCII
        text = ""
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ApiError("InvalidNextToken", "The provided NextToken is not valid.", 400, type=None)
    return int(text)
