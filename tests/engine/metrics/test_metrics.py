"""The metrics of real runs, read as any client of CloudWatch reads them."""

from __future__ import annotations

import json
import math
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.loaders import Loader

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, settled, until
from tests.engine.extending import extended
from tests.engine.own import OwnApi

FLAKY = "def handler(event, context):\n    assert event != 'fail'\n    return event\n"


@pytest.fixture(scope="module")
def watch(engine: EngineProcess) -> Any:
    return engine.client("cloudwatch")


def place(name: str, resource: str | None = None, version: str | None = None) -> list[dict[str, str]]:
    found = {"FunctionName": name, "Resource": resource, "ExecutedVersion": version}
    return [{"Name": key, "Value": value} for key, value in found.items() if value is not None]


def query(number: int, metric: str, stat: str, dimensions: list[dict[str, str]], **more: Any) -> Any:
    of = {"Namespace": more.pop("namespace", "AWS/Lambda"), "MetricName": metric, "Dimensions": dimensions}
    return {"Id": f"q{number}", "MetricStat": {"Metric": of, "Period": 3600, "Stat": stat}, **more}


def active(client: Any, name: str, version: str) -> None:
    """Wait until a version can be invoked: it may be Pending for longer than $LATEST is."""
    until(
        lambda: client.get_function_configuration(FunctionName=name, Qualifier=version)["State"] == "Active"
    )


def span() -> dict[str, datetime]:
    now = datetime.now(UTC)
    return {"StartTime": now - timedelta(minutes=30), "EndTime": now + timedelta(minutes=2)}


def ask(watch: Any, *wanted: tuple[str, str, list[dict[str, str]]]) -> list[float | None]:
    """The only value of each query over the last half hour."""
    queries = [query(number, *one) for number, one in enumerate(wanted)]
    results = watch.get_metric_data(MetricDataQueries=queries, **span())["MetricDataResults"]
    assert [one["StatusCode"] for one in results] == ["Complete"] * len(wanted)
    return [sum(one["Values"]) if one["Values"] else None for one in results]


def test_invocations_errors_and_durations(client: Any, watch: Any) -> None:
    name = deploy(client, FLAKY)
    for event in ("ok", "fail", "ok"):
        call(client, name, event)
    where = place(name)
    stats = [("Invocations", "Sum"), ("Errors", "Sum"), ("Errors", "Average"), ("Throttles", "Sum")]
    stats += [("Duration", stat) for stat in ("SampleCount", "Minimum", "p50", "p99.9", "Maximum", "Average")]
    values = ask(watch, *((metric, stat, where) for metric, stat in stats))
    assert values[:3] == [3, 1, pytest.approx(1 / 3)]
    assert values[3:5] == [0, 3]
    least, middle, high, most, average = (value or 0.0 for value in values[5:])
    assert 0 < least <= middle <= high <= most
    assert least <= average <= most


def test_dimensions_tell_what_was_invoked_and_what_ran(client: Any, watch: Any) -> None:
    name = deploy(client, FLAKY, Publish=True)
    client.update_function_configuration(FunctionName=name, Description="other")
    settled(client, name)
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="2")
    call(client, name)
    call(client, name, "fail", Qualifier="live")
    call(client, name, Qualifier="1")
    asked = [place(name), place(name, name), place(name, f"{name}:live"), place(name, f"{name}:1")]
    asked += [place(name, f"{name}:live", "2"), place(name, f"{name}:live", "1")]
    invocations = ask(watch, *(("Invocations", "Sum", where) for where in asked))
    assert invocations == [3, 1, 1, 1, 1, None]
    assert ask(watch, *(("Errors", "Sum", where) for where in asked[:5])) == [1, 0, 1, 0, 1]


def test_what_all_functions_did_together(client: Any, engine: EngineProcess, watch: Any) -> None:
    other = {"access_key": "300000000001"}
    mine, theirs = engine.client("lambda", **other), engine.client("cloudwatch", **other)
    for name in (deploy(mine, FLAKY), deploy(mine, FLAKY)):
        call(mine, name)
    account = ["Invocations", "ConcurrentExecutions", "UnreservedConcurrentExecutions"]
    values = ask(theirs, *((metric, "Maximum", []) for metric in account))
    assert values == [1, 1, 1]
    assert ask(theirs, ("Invocations", "Sum", [])) == [2]
    before = (ask(watch, ("Invocations", "Sum", []))[0] or 0) - 0
    call(mine, deploy(mine, FLAKY))
    assert ask(watch, ("Invocations", "Sum", []))[0] in (before, None)


def test_concurrency_of_a_function_of_what_was_invoked_and_of_what_ran(client: Any, watch: Any) -> None:
    meets = """
import socket
def handler(event, context):
    with socket.create_connection(("127.0.0.1", event)) as line:
        line.recv(1)  # when all are there
"""
    name = deploy(client, meets, Timeout=60, MemorySize=512, Publish=True)
    active(client, name, "1")
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(3) as pool:
        server.settimeout(60)
        port = server.getsockname()[1]
        qualifiers: list[dict[str, str]] = [{"Qualifier": "live"}, {"Qualifier": "live"}, {}]
        calls = [pool.submit(call, client, name, port, **more) for more in qualifiers]
        lines = [server.accept()[0] for _ in calls]
        for line in lines:
            line.close()
        assert [one.result().error for one in calls] == [None] * 3
    asked = [place(name), place(name, name), place(name, f"{name}:live"), place(name, f"{name}:live", "1")]
    asked += [place(name, f"{name}:1")]
    most = ask(watch, *(("ConcurrentExecutions", "Maximum", where) for where in asked))
    assert most == [3, 1, 2, 2, None]


def test_extensions_that_go_on_after_the_answer(client: Any, watch: Any) -> None:
    lingers = "register('INVOKE')\nloop(lambda event: time.sleep(0.2))\n"
    name = extended(client, {"lingerer": lingers}, Publish=True)
    active(client, name, "1")
    call(client, name, Qualifier="1")
    call(client, name, Qualifier="1")  # begins when the first is over

    def known() -> bool:
        found = ask(watch, ("PostRuntimeExtensionsDuration", "SampleCount", place(name)))
        return found == [2]

    until(known)
    for where in (place(name), place(name, f"{name}:1")):
        (least,) = ask(watch, ("PostRuntimeExtensionsDuration", "Minimum", where))
        assert least is not None
        assert 150 < least < 10_000
    without = deploy(client, FLAKY)
    call(client, without)
    assert ask(watch, ("PostRuntimeExtensionsDuration", "SampleCount", place(without))) == [None]


def test_throttles_are_no_invocations(client: Any, watch: Any) -> None:
    name = deploy(client, FLAKY)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    for _ in range(2):
        with pytest.raises(ClientError, match="TooManyRequests"):
            call(client, name)
    where = place(name)
    throttles = [("Throttles", "Sum", where), ("Invocations", "Sum", where), ("Errors", "Sum", where)]
    assert ask(watch, *throttles) == [2, None, None]


def test_provisioned_concurrency(client: Any, watch: Any) -> None:
    name = deploy(client, FLAKY, Publish=True)
    client.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=1
    )
    of_it = {"FunctionName": name, "Qualifier": "1"}
    until(lambda: client.get_provisioned_concurrency_config(**of_it)["Status"] == "READY")
    call(client, name, Qualifier="1")
    where = place(name, f"{name}:1")
    metrics = ("Invocations", "SpilloverInvocations", "Utilization")
    found = ask(watch, *((f"ProvisionedConcurrency{one}", "Sum", where) for one in metrics))
    assert found == [1, None, 1]
    assert ask(watch, ("ProvisionedConcurrentExecutions", "Maximum", where)) == [1]


def test_asynchronous_events(client: Any, engine: EngineProcess, watch: Any) -> None:
    name = deploy(client, FLAKY)
    client.invoke(FunctionName=name, InvocationType="Event", Payload=b'"ok"')
    OwnApi(engine).settle()
    metrics = [("AsyncEventsReceived", "Sum"), ("AsyncEventAge", "SampleCount"), ("Invocations", "Sum")]
    assert ask(watch, *((*one, place(name)) for one in metrics)) == [1, 1, 1]


# -- the shape of answers ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def custom(watch: Any) -> str:
    """A namespace with ten minutes of values 1 to 10."""
    namespace, now = "Shop/Orders", datetime.now(UTC)
    data = [
        {
            "MetricName": "Total",
            "Dimensions": [{"Name": "Shop", "Value": "a"}],
            "Timestamp": now - timedelta(minutes=10 - number),
            "Value": number + 1.0,
            "Unit": "Count",
        }
        for number in range(10)
    ]
    watch.put_metric_data(Namespace=namespace, MetricData=data)
    watch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": "Size", "Values": [1.0, 100.0], "Counts": [99.0, 1.0], "Unit": "Bytes"},
            {
                "MetricName": "Set",
                "StatisticValues": {"SampleCount": 4.0, "Sum": 20.0, "Minimum": 2.0, "Maximum": 9.0},
            },
        ],
    )
    return namespace


def minutes(custom: str, **more: Any) -> Any:
    made = query(1, "Total", "Sum", [{"Name": "Shop", "Value": "a"}], namespace=custom, **more)
    made["MetricStat"]["Period"] = 60
    return made


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


# -- what is refused ---------------------------------------------------------------------------------


def refused(call: Callable[..., Any], **request: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    answer = caught.value.response
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status, answer["Error"]["Code"], answer["Error"]["Message"]


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


# -- protocols ---------------------------------------------------------------------------------------


class OnlyCbor(Loader):  # type: ignore[misc]
    """botocore's models for a client that prefers CBOR, as several SDKs do."""

    def load_service_model(self, service_name: str, type_name: str, api_version: Any = None) -> Any:
        model = dict(super().load_service_model(service_name, type_name, api_version))
        if "metadata" in model:
            model["metadata"] = {**model["metadata"], "protocols": ["smithy-rpc-v2-cbor"]}
        return model


@pytest.fixture(scope="module")
def cbor(engine: EngineProcess) -> Any:
    session = botocore.session.Session()
    session.register_component(
        "data_loader", OnlyCbor(list(session.get_component("data_loader").search_paths))
    )
    client = session.create_client(
        "cloudwatch",
        endpoint_url=engine.url,
        region_name="us-east-1",
        aws_access_key_id=engine.access_key,
        aws_secret_access_key=engine.secret_key,
        config=Config(retries={"total_max_attempts": 1}),
    )
    assert client.meta.service_model.resolved_protocol == "smithy-rpc-v2-cbor"
    return client


def test_cbor_says_the_same(cbor: Any, watch: Any, custom: str) -> None:
    times = {name: moment.replace(microsecond=0) for name, moment in span().items()}
    asked = {"MetricDataQueries": [minutes(custom)], **times}
    answers = [one.get_metric_data(**asked) for one in (cbor, watch)]
    assert answers[0]["MetricDataResults"] == answers[1]["MetricDataResults"]
    assert len(answers[0]["MetricDataResults"][0]["Values"]) == 10
    cbor.put_metric_data(
        Namespace="Cbor", MetricData=[{"MetricName": f"m{number}", "Value": -0.5} for number in range(600)]
    )
    assert len(cbor.list_metrics(Namespace="Cbor")["Metrics"]) == 500
    low = [query(1, "m3", "Minimum", [], namespace="Cbor")]
    assert cbor.get_metric_data(MetricDataQueries=low, **times)["MetricDataResults"][0]["Values"] == [-0.5]
    wrong = {"MetricData": [{"MetricName": "x", "Value": math.nan}]}
    said = refused(cbor.put_metric_data, Namespace="Mine", **wrong)
    assert said == (
        400,
        "InvalidParameterValue",
        "The parameter MetricData.member.1 holds a value that is not a finite number.",
    )
    assert refused(cbor.get_metric_data, **asked, NextToken="?")[1] == "InvalidNextToken"


def spoken(engine: EngineProcess, body: bytes, **headers: str) -> tuple[int, str]:
    request = AWSRequest(
        "POST", engine.url + "/", data=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    SigV4Auth(Credentials(engine.access_key, engine.secret_key), "monitoring", "us-east-1").add_auth(request)
    plain = urllib.request.Request(engine.url + "/", body, dict(request.headers), method="POST")
    try:
        with urllib.request.urlopen(plain, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_older_protocols_say_the_same(engine: EngineProcess, watch: Any, custom: str) -> None:
    asked = {"Namespace": custom, "MetricName": "Total"}
    form = urlencode({"Action": "ListMetrics", "Version": "2010-08-01", **asked}).encode()
    status, xml = spoken(engine, form, Content_Type="application/x-www-form-urlencoded")
    assert status == 200
    assert "<member><Namespace>Shop/Orders</Namespace><MetricName>Total</MetricName>" in xml
    target = "GraniteServiceVersion20100801."
    json_type = {"Content_Type": "application/x-amz-json-1.0"}
    status, text = spoken(
        engine, json.dumps(asked).encode(), X_Amz_Target=f"{target}ListMetrics", **json_type
    )
    assert status == 200
    assert json.loads(text)["Metrics"] == watch.list_metrics(**asked)["Metrics"]
    status, text = spoken(engine, b"{}", X_Amz_Target=f"{target}GetMetricData", **json_type)
    assert status == 400


def test_the_command_line(engine: EngineProcess, client: Any) -> None:
    name = deploy(client, FLAKY)
    call(client, name)
    now = datetime.now(UTC)
    command = [sys.executable, "-m", "awscli", "cloudwatch", "get-metric-statistics"]
    command += ["--namespace", "AWS/Lambda", "--metric-name", "Invocations", "--statistics", "Sum"]
    command += ["--dimensions", f"Name=FunctionName,Value={name}", "--period", "3600"]
    command += ["--start-time", (now - timedelta(minutes=5)).isoformat()]
    command += ["--end-time", (now + timedelta(minutes=5)).isoformat(), "--output", "json"]
    run = subprocess.run(command, env=engine.env(), capture_output=True, timeout=60, check=True)
    assert [point["Sum"] for point in json.loads(run.stdout)["Datapoints"]] == [1.0]


# -- what lasts --------------------------------------------------------------------------------------


def test_metrics_outlive_the_engine(fresh_engine: Callable[..., EngineProcess]) -> None:
    first = fresh_engine()
    name = deploy(first.client("lambda"), FLAKY)
    call(first.client("lambda"), name)
    first.stop()
    second = fresh_engine(data_dir=first.data_dir)
    call(second.client("lambda"), name)
    assert ask(second.client("cloudwatch"), ("Invocations", "Sum", place(name))) == [2]
