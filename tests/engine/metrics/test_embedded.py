"""Metrics that a function prints."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, log_lines
from tests.engine.processes import cpu_s

PRINTS = "import json\ndef handler(event, context):\n    print(json.dumps(event))\n"


def line(**more: Any) -> dict[str, Any]:
    directive = {
        "Namespace": "Shop",
        "Dimensions": [["service"], ["service", "stage"]],
        "Metrics": [{"Name": "Orders", "Unit": "Count"}, {"Name": "Took", "Unit": "Milliseconds"}],
    }
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": about, "service": "pay", "stage": "prod", "Orders": 2, "Took": [10, 30], **more}


@pytest.fixture(scope="module")
def shop(engine: EngineProcess) -> Any:
    """What a function printed, as CloudWatch has it."""
    keys = {"access_key": "300000000004"}
    client, logs = engine.client("lambda", **keys), engine.client("logs", **keys)
    name = deploy(client, PRINTS)
    for event in (line(), line(), line(Orders="many"), line(stage=None, Orders=7) | {"_aws": {}}):
        call(client, name, event)
    assert len([one for one in log_lines(logs, name) if one.startswith("{")]) == 4
    return engine.client("cloudwatch", **keys)


def values(shop: Any, metric: str, stat: str, *dimensions: tuple[str, str]) -> list[float]:
    now = datetime.now(UTC)
    of = {
        "Namespace": "Shop",
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
    }
    query = {"Id": "q", "MetricStat": {"Metric": of, "Period": 3600, "Stat": stat}}
    times = {"StartTime": now - timedelta(minutes=10), "EndTime": now + timedelta(minutes=1)}
    found: list[float] = shop.get_metric_data(MetricDataQueries=[query], **times)["MetricDataResults"][0][
        "Values"
    ]
    return found


def test_values_are_counted_for_every_set_of_dimensions(shop: Any) -> None:
    pay, prod = ("service", "pay"), ("stage", "prod")
    assert values(shop, "Orders", "Sum", pay) == [4]
    assert values(shop, "Orders", "Sum", pay, prod) == [4]
    assert values(shop, "Took", "SampleCount", pay) == [6]
    assert values(shop, "Took", "Maximum", prod, pay) == [30]


def test_what_is_not_in_the_format_is_a_log_line_and_nothing_else(shop: Any) -> None:
    listed = shop.list_metrics(Namespace="Shop")["Metrics"]
    assert {one["MetricName"] for one in listed} == {"Orders", "Took"}
    assert len(listed) == 4


def test_lines_of_others_count_at_their_own_time(engine: EngineProcess) -> None:
    keys = {"access_key": "300000000005"}
    logs, watch = engine.client("logs", **keys), engine.client("cloudwatch", **keys)
    logs.create_log_group(logGroupName="/app")
    logs.create_log_stream(logGroupName="/app", logStreamName="s")
    then = int((time.time() - 7200) * 1000)
    printed = line()
    printed["_aws"]["Timestamp"] = then
    logs.put_log_events(
        logGroupName="/app",
        logStreamName="s",
        logEvents=[{"timestamp": then, "message": json.dumps(printed)}],
    )
    [point] = watch.get_metric_statistics(
        Namespace="Shop",
        MetricName="Orders",
        Dimensions=[{"Name": "service", "Value": "pay"}],
        StartTime=datetime.now(UTC) - timedelta(hours=3),
        EndTime=datetime.now(UTC),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    assert point["Sum"] == 2
    assert abs(point["Timestamp"].timestamp() - then / 1000) <= 60


def test_a_line_that_means_a_million_metrics_is_a_log_line(engine: EngineProcess) -> None:
    """Everybody else waits while a line is read."""
    keys = {"access_key": "300000000006"}
    logs, watch = engine.client("logs", **keys), engine.client("cloudwatch", **keys)
    logs.create_log_group(logGroupName="/app")
    logs.create_log_stream(logGroupName="/app", logStreamName="s")
    many = line(Orders=[1] * 100)
    directive = many["_aws"]["CloudWatchMetrics"][0]
    directive |= {"Dimensions": [[]] * 10_000, "Metrics": [{"Name": "Orders"}] * 10_000}
    wide = line(Orders=[1] * 100)
    wide["_aws"]["CloudWatchMetrics"] = [
        wide["_aws"]["CloudWatchMetrics"][0] | {"Metrics": [{"Name": "Orders"}] * 9}
    ] * 10
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": json.dumps(one)} for one in (many, wide)]
    before = cpu_s(engine.process.pid)
    logs.put_log_events(logGroupName="/app", logStreamName="s", logEvents=events)
    assert watch.list_metrics(Namespace="Shop")["Metrics"] == []
    assert cpu_s(engine.process.pid) - before < 5
