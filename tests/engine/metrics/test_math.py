"""Expressions over metrics, asked for as any client asks."""

from __future__ import annotations

import contextlib
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdatui.engine.metrics.expressions import BadExpression, Scope, evaluate
from tests.conftest import EngineProcess

NOW = datetime.now(UTC).replace(second=0, microsecond=0)


@pytest.fixture(scope="module")
def watch(engine: EngineProcess) -> Any:
    """Three minutes of runs, the second without any; errors in the third only, of one kind."""
    watch = engine.client("cloudwatch", access_key="300000000003")
    figures = {"runs": (10.0, None, 20.0), "errors": (0.0, None, 5.0), "rare": (None, None, 1.0)}
    data = [
        {"MetricName": name, "Timestamp": NOW - timedelta(minutes=3 - at), "Value": value}
        for name, values in figures.items()
        for at, value in enumerate(values)
        if value is not None
    ]
    watch.put_metric_data(Namespace="Math", MetricData=data)
    return watch


def ask(watch: Any, expression: str, *more: dict[str, Any]) -> Any:
    metrics = [
        {
            "Id": name,
            "MetricStat": {"Metric": {"Namespace": "Math", "MetricName": name}, "Period": 60, "Stat": "Sum"},
            "ReturnData": False,
        }
        for name in ("runs", "errors", "rare")
    ]
    asked = [*metrics, {"Id": "e1", "Expression": expression}, *more]
    times = {"StartTime": NOW - timedelta(minutes=3), "EndTime": NOW}
    return watch.get_metric_data(MetricDataQueries=asked, ScanBy="TimestampAscending", **times)


def values(watch: Any, expression: str) -> list[float]:
    [result] = ask(watch, expression)["MetricDataResults"]
    assert (result["Id"], result["StatusCode"]) == ("e1", "Complete")
    found: list[float] = result["Values"]
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("errors / runs * 100", [0, 25]),
        ("100 * (runs - errors) / runs", [100, 75]),
        ("runs + rare", [21]),
        ("runs + FILL(rare, 0)", [10, 21]),
        ("-runs ^ 2", [-100, -400]),
        ("runs / errors", [4]),
        ("SUM(METRICS())", [10, 26]),
        ("SUM([errors, rare])", [0, 6]),
        ("MAX(METRICS('r'))", [10, 20]),
        ("runs / SUM(runs)", [pytest.approx(1 / 3), pytest.approx(2 / 3)]),
        ("AVG([runs, errors])", [5, 12.5]),
        ("CEIL(runs / 3) + FLOOR(runs / 3) + ABS(-1 * runs)", [17, 33]),
        ("runs / PERIOD(runs)", [pytest.approx(1 / 6), pytest.approx(1 / 3)]),
    ],
)
def test_arithmetic(watch: Any, expression: str, expected: list[float]) -> None:
    assert values(watch, expression) == expected


def test_expressions_build_on_expressions(watch: Any) -> None:
    more = {"Id": "e2", "Expression": "e1 * 2", "Label": "twice"}
    results = ask(watch, "errors / runs", more)["MetricDataResults"]
    assert [(one["Id"], one["Label"], one["Values"]) for one in results] == [
        ("e1", "e1", [0, 0.25]),
        ("e2", "twice", [0, 0.5]),
    ]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("errors /", "it ends where a value should be"),
        ("errors + missing", "missing is no id of this request"),
        ("e1 + 1", "e1 depends on itself"),
        ("ANOMALY_DETECTION_BAND(runs)", "the lambdatui engine has no function ANOMALY_DETECTION_BAND"),
        ("METRICS()", "it makes several series, and must make one series"),
        ("1 + 1", "it makes a number, and must make one series"),
        ("1 / 0", "1 / 0 is no number"),
        ("runs ? 2", "'? 2' cannot be understood"),
        ("(" * 100, "it is nested too deeply"),
        ("runs)", ") is not expected here"),
    ],
)
def test_what_cannot_be_computed(watch: Any, expression: str, why: str) -> None:
    with pytest.raises(ClientError) as caught:
        ask(watch, expression)
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"] == f"Error in expression 'e1': {why}"


def test_an_expression_has_no_metric_of_its_own(watch: Any) -> None:
    stat = {"Metric": {"Namespace": "Math", "MetricName": "runs"}, "Period": 60, "Stat": "Sum"}
    with pytest.raises(ClientError, match="mutually exclusive"):
        ask(watch, "runs", {"Id": "e2", "Expression": "runs", "MetricStat": stat})


PARTS = [
    "a",
    "b",
    "2",
    "0",
    "+",
    "-",
    "*",
    "/",
    "^",
    "(",
    ")",
    "[",
    "]",
    ",",
    "SUM(",
    "FILL(",
    "METRICS()",
    "ABS(",
]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=14).map(" ".join))
def test_whatever_is_written_gives_points_or_a_reason(text: str) -> None:
    points = {"a": {0: 1.0, 60: 0.0}, "b": {60: 3.0}}
    scope = Scope(lambda name: points[name], lambda: list(points.items()), lambda name: 60)
    with contextlib.suppress(BadExpression):
        assert all(math.isfinite(value) for value in evaluate(text, scope).values())


@pytest.mark.parametrize("expression", ["-" * 1500 + "runs", "^".join(["1"] * 1000)], ids=["signs", "powers"])
def test_an_expression_that_is_too_deep(watch: Any, expression: str) -> None:
    with pytest.raises(ClientError) as refused:
        ask(watch, expression)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert "nested too deeply" in refused.value.response["Error"]["Message"]


def test_a_long_chain_of_expressions(watch: Any) -> None:
    chain = [{"Id": f"e{number}", "Expression": f"e{number + 1}"} for number in range(2, 400)]
    with pytest.raises(ClientError) as refused:
        ask(watch, "e2", *chain, {"Id": "e400", "Expression": "runs"})
    assert refused.value.response["Error"]["Code"] == "ValidationError"
