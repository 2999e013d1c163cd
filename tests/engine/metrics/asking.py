"""How tests ask CloudWatch for metrics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

FLAKY = "def handler(event, context):\n    assert event != 'fail'\n    return event\n"


def place(name: str, resource: str | None = None, version: str | None = None) -> list[dict[str, str]]:
    found = {"FunctionName": name, "Resource": resource, "ExecutedVersion": version}
    return [{"Name": key, "Value": value} for key, value in found.items() if value is not None]


def query(number: int, metric: str, stat: str, dimensions: list[dict[str, str]], **more: Any) -> Any:
    of = {"Namespace": more.pop("namespace", "AWS/Lambda"), "MetricName": metric, "Dimensions": dimensions}
    return {"Id": f"q{number}", "MetricStat": {"Metric": of, "Period": 3600, "Stat": stat}, **more}


def span() -> dict[str, datetime]:
    now = datetime.now(UTC)
    return {"StartTime": now - timedelta(minutes=30), "EndTime": now + timedelta(minutes=2)}


def ask(watch: Any, *wanted: tuple[str, str, list[dict[str, str]]]) -> list[float | None]:
    """The only value of each query over the last half hour."""
    queries = [query(number, *one) for number, one in enumerate(wanted)]
    results = watch.get_metric_data(MetricDataQueries=queries, **span())["MetricDataResults"]
    assert [one["StatusCode"] for one in results] == ["Complete"] * len(wanted)
    return [sum(one["Values"]) if one["Values"] else None for one in results]


def minutes(custom: str, **more: Any) -> Any:
    made = query(1, "Total", "Sum", [{"Name": "Shop", "Value": "a"}], namespace=custom, **more)
    made["MetricStat"]["Period"] = 60
    return made


def refused(call: Callable[..., Any], **request: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    answer = caught.value.response
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status, answer["Error"]["Code"], answer["Error"]["Message"]
