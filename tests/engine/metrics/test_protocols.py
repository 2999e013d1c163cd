"""CloudWatch in CBOR, JSON and query, by SDKs and the command line."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.loaders import Loader

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy
from tests.engine.metrics.asking import FLAKY, minutes, query, refused, span


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
