"""What CloudWatch answers: pages, labels, periods, statistics; and what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy
from tests.engine.metrics.asking import FLAKY, minutes, query, refused, span


def test_pages_go_on_where_they_ended(watch: Any, custom: str) -> None:
    pages = watch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[minutes(custom), {**minutes(custom), "Id": "again"}],
        ScanBy="TimestampAscending",
        MaxDatapoints=7,
        **span(),
    )
    found: dict[str, list[float]] = {"q1": [], "again": []}
    codes = []
    for page in pages:
        for result in page["MetricDataResults"]:
            found[result["Id"]] += result["Values"]
            codes.append(result["StatusCode"])
            assert len(result["Timestamps"]) == len(result["Values"])
    assert found == {"q1": [float(one) for one in range(1, 11)], "again": [float(o) for o in range(1, 11)]}
    assert codes == ["PartialData", "PartialData", "Complete", "PartialData", "Complete", "Complete"]


def test_labels_order_and_hidden_queries(watch: Any, custom: str) -> None:
    asked = [minutes(custom, Label="orders"), {**minutes(custom), "Id": "hidden", "ReturnData": False}]
    answer = watch.get_metric_data(MetricDataQueries=asked, **span())
    [result] = answer["MetricDataResults"]
    assert (result["Label"], result["Values"]) == ("orders", [float(one) for one in range(10, 0, -1)])
    assert result["Timestamps"] == sorted(result["Timestamps"], reverse=True)
    assert all(moment.second == 0 for moment in result["Timestamps"])


def test_periods_put_minutes_together(watch: Any, custom: str) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    answer = watch.get_metric_statistics(
        Namespace=custom,
        MetricName="Total",
        Dimensions=[{"Name": "Shop", "Value": "a"}],
        StartTime=now - timedelta(minutes=60),
        EndTime=now + timedelta(minutes=60),
        Period=7200,
        Statistics=["Sum", "Average", "SampleCount", "Minimum", "Maximum"],
        ExtendedStatistics=["p50"],
    )
    [point] = answer["Datapoints"]
    assert answer["Label"] == "Total"
    assert point["ExtendedStatistics"]["p50"] == pytest.approx(5, rel=0.02)
    assert {
        name: point[name] for name in ("Sum", "Average", "SampleCount", "Minimum", "Maximum", "Unit")
    } == {
        "Sum": 55,
        "Average": 5.5,
        "SampleCount": 10,
        "Minimum": 1,
        "Maximum": 10,
        "Unit": "Count",
    }


def test_weighted_values_and_sets_of_statistics(watch: Any, custom: str) -> None:
    queries = [
        query(number, metric, stat, [], namespace=custom)
        for number, (metric, stat) in enumerate(
            [("Size", "p98"), ("Size", "p100"), ("Size", "SampleCount"), ("Set", "Average"), ("Set", "p50")]
        )
    ]
    results = watch.get_metric_data(MetricDataQueries=queries, **span())["MetricDataResults"]
    assert [one["Values"] for one in results] == [[pytest.approx(1, rel=0.02)], [100], [100], [5], []]


def test_the_list_of_metrics(client: Any, watch: Any, custom: str) -> None:
    name = deploy(client, FLAKY)
    call(client, name)
    chosen = [{"Name": "FunctionName", "Value": name}]
    found = watch.list_metrics(Namespace="AWS/Lambda", Dimensions=chosen, RecentlyActive="PT3H")["Metrics"]
    assert {one["MetricName"] for one in found} == {
        *("Invocations", "Errors", "Duration", "Throttles", "ConcurrentExecutions"),
    }
    assert {"Name": "Resource", "Value": name} in [pair for one in found for pair in one["Dimensions"]]
    assert [one["MetricName"] for one in watch.list_metrics(Namespace=custom)["Metrics"]] == [
        *("Total", "Size", "Set"),
    ]


def test_many_metrics_are_listed_in_pages(engine: EngineProcess) -> None:
    watch = engine.client("cloudwatch", access_key="300000000002")
    data = [{"MetricName": f"m{number}", "Value": 1.0} for number in range(700)]
    watch.put_metric_data(Namespace="Many", MetricData=data)
    pages = list(watch.get_paginator("list_metrics").paginate())
    assert [len(page["Metrics"]) for page in pages] == [500, 200]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"MetricStat": {"Stat": "Min"}},
            "The value Min for parameter MetricDataQueries.member.1.MetricStat.Stat"
            " is not a valid statistic.",
        ),
        (
            {"MetricStat": {"Period": 90}},
            "The parameter MetricDataQueries.member.1.MetricStat.Period must be 1, 5, 10, 20, 30"
            " or a multiple of 60.",
        ),
        ({"ReturnData": False}, "At least one of the elements of MetricDataQueries must return data."),
    ],
)
def test_queries_that_make_no_sense(watch: Any, custom: str, change: dict[str, Any], message: str) -> None:
    asked = minutes(custom)
    asked |= {**change, "MetricStat": {**asked["MetricStat"], **change.get("MetricStat", {})}}
    said = refused(watch.get_metric_data, MetricDataQueries=[asked], **span())
    assert said == (400, "ValidationError", message)


def test_requests_that_make_no_sense(watch: Any, custom: str) -> None:
    times = span()
    backwards = {"StartTime": times["EndTime"], "EndTime": times["StartTime"]}
    said = refused(watch.get_metric_data, MetricDataQueries=[minutes(custom)], **backwards)
    assert said == (
        400,
        "ValidationError",
        "The parameter StartTime must be less than the parameter EndTime.",
    )
    many = [{**minutes(custom), "Id": f"q{number}"} for number in range(501)]
    said = refused(watch.get_metric_data, MetricDataQueries=many, **times)
    assert said[2] == "The collection MetricDataQueries must not have a size greater than 500."
    for token in ("?", "日本"):
        said = refused(watch.get_metric_data, MetricDataQueries=[minutes(custom)], NextToken=token, **times)
        assert said[:2] == (400, "InvalidNextToken")
    one = {"Namespace": custom, "MetricName": "Total", "Period": 60, **times}
    said = refused(watch.get_metric_statistics, **one)
    assert said == (
        400,
        "InvalidParameterCombination",
        "Must specify either Statistics or ExtendedStatistics",
    )
    one |= {"Statistics": ["Sum"], "StartTime": times["EndTime"] - timedelta(days=2)}
    said = refused(watch.get_metric_statistics, **one)
    assert said[1] == "InvalidParameterCombination"
    assert said[2].startswith("You have requested up to 2,881 datapoints, which exceeds the limit of 1,440.")
    said = refused(
        watch.put_metric_data, Namespace="AWS/Lambda", MetricData=[{"MetricName": "x", "Value": 1}]
    )
    assert said[:2] == (400, "InvalidParameterValue")
    assert refused(watch.describe_alarms)[0] == 501
