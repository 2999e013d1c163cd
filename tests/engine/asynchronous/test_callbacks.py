"""Callers that wait to be called back, as functions and SDKs reach them."""

from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import EngineProcess
from tests.engine.asynchronous.sending import Async
from tests.engine.deploying import call, deploy
from tests.engine.own import OwnApi

JOB = "11111111-abcd-1111-abcd-111111abcdef"
PUTS = """
import http.client, json, urllib.parse
def handler(event, context):
    url = urllib.parse.urlsplit(event["ResponseURL"])
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.request("PUT", url.path, json.dumps({"Status": "SUCCESS"}), {"content-type": ""})
    return connection.getresponse().status
"""


@pytest.fixture
def own(engine: EngineProcess) -> OwnApi:
    return OwnApi(engine)


def put(url: str, body: bytes, method: str = "PUT", **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, body, method=method)
    request.add_header("Content-Type", headers.get("kind", ""))
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_function_answers_cloudformation(engine: EngineProcess, own: OwnApi) -> None:
    waiting = own("POST", "callbacks", {"kind": "cloudformation"})
    assert (waiting["state"], waiting["answer"]) == ("waiting", None)
    client = engine.client("lambda")
    assert call(client, deploy(client, PUTS), {"ResponseURL": waiting["url"]}).value == 200
    found = own("GET", f"callbacks/{waiting['id']}?wait_s=10")
    assert (found["state"], found["call"]) == ("answered", "PUT")
    assert json.loads(found["answer"]) == {"Status": "SUCCESS"}
    assert put(waiting["url"], b"again")[0] == 200
    assert own("GET", f"callbacks/{waiting['id']}")["answer"] == found["answer"], "the first answer counts"


def test_what_s3_would_refuse(own: OwnApi) -> None:
    waiting = own("POST", "callbacks", {"kind": "cloudformation"})
    status, text = put(waiting["url"], b"{}", kind="application/json")
    assert status == 403
    assert "SignatureDoesNotMatch" in text
    found = own("GET", f"callbacks/{waiting['id']}")
    assert found["state"] == "waiting"
    assert "application/json" in found["refused"][0]
    assert put(waiting["url"], b"{}", method="POST")[0] == 403
    assert put(waiting["url"][:-1], b"{}")[0] == 403
    own("DELETE", f"callbacks/{waiting['id']}")
    assert put(waiting["url"], b"{}")[0] == 403


def test_a_job_of_codepipeline(engine: EngineProcess, own: OwnApi) -> None:
    client = engine.client("codepipeline")
    with pytest.raises(ClientError) as caught:
        client.put_job_success_result(jobId=JOB)
    assert caught.value.response["Error"]["Code"] == "JobNotFoundException"
    first = own("POST", "callbacks", {"kind": "codepipeline", "key": JOB})
    client.put_job_failure_result(jobId=JOB, failureDetails={"type": "JobFailed", "message": "no"})
    found = own("GET", f"callbacks/{first['id']}")
    assert (found["state"], found["call"]) == ("answered", "PutJobFailureResult")
    assert found["answer"]["failureDetails"] == {"type": "JobFailed", "message": "no"}


def test_the_evaluations_of_a_config_rule(engine: EngineProcess, own: OwnApi) -> None:
    client = engine.client("config")
    evaluation = {
        "ComplianceResourceType": "AWS::S3::Bucket",
        "ComplianceResourceId": "b",
        "ComplianceType": "NON_COMPLIANT",
        "OrderingTimestamp": 1_700_000_000,
    }
    request: Any = {"ResultToken": "the-token", "Evaluations": [evaluation]}
    with pytest.raises(ClientError) as caught:
        client.put_evaluations(**request)
    assert caught.value.response["Error"]["Code"] == "InvalidResultTokenException"
    waiting = own("POST", "callbacks", {"kind": "config", "key": "the-token"})
    assert waiting["deadline"] is None
    assert client.put_evaluations(**request)["FailedEvaluations"] == []
    found = own("GET", f"callbacks/{waiting['id']}")
    assert found["answer"]["Evaluations"][0]["ComplianceType"] == "NON_COMPLIANT"
    assert found["answer"]["Evaluations"][0]["OrderingTimestamp"].startswith("2023-11-14T")
    with pytest.raises(ClientError) as caught:
        client.describe_config_rules()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_deadline_passes_on_the_engines_clock(world: Async) -> None:
    own = world.own
    waiting = own("POST", "callbacks", {"kind": "cloudformation", "deadline_s": 600})
    assert waiting["deadline"] == own("GET", "clock")["now"] + 600
    own.advance(599)
    assert own("GET", f"callbacks/{waiting['id']}")["state"] == "waiting"
    own.advance(1)
    assert own("GET", f"callbacks/{waiting['id']}?wait_s=5")["state"] == "missed"
    assert put(waiting["url"], b"late")[0] == 200
    assert own("GET", f"callbacks/{waiting['id']}")["state"] == "missed"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "s3"},
        {"kind": "config"},
        {"kind": "cloudformation", "key": "mine"},
        {"kind": "cloudformation", "deadline_s": -1},
        {"kind": "cloudformation", "url": "http://elsewhere"},
    ],
)
def test_what_makes_no_sense_is_said(own: OwnApi, body: dict[str, Any]) -> None:
    status, answer = own.ask("POST", "callbacks", body)
    assert status == 400
    assert answer["message"].endswith(".")
    assert own.ask("GET", "callbacks/999999")[0] == 404


def test_an_address_keeps_only_the_last_refusals(own: OwnApi) -> None:
    waiting = own("POST", "callbacks", {"kind": "cloudformation"})
    for number in range(30):
        assert put(waiting["url"], b"{}", kind=f"text/{number}")[0] == 403
    refused = own("GET", f"callbacks/{waiting['id']}")["refused"]
    assert len(refused) == 20
    assert "text/29" in refused[-1]


def test_who_waits_for_the_same_job_again_is_found_when_the_first_gives_up(
    engine: EngineProcess, own: OwnApi
) -> None:
    job = "33333333-abcd-1111-abcd-111111abcdef"
    first, second = (own("POST", "callbacks", {"kind": "codepipeline", "key": job}) for _ in range(2))
    own("DELETE", f"callbacks/{first['id']}")
    engine.client("codepipeline").put_job_success_result(jobId=job)
    assert own("GET", f"callbacks/{second['id']}")["state"] == "answered"


def test_who_waits_outlives_the_engine(fresh_engine: Callable[..., EngineProcess], tmp_path: Path) -> None:
    """Killed at any moment: it waits on, and knows what was answered, refused or too late."""

    def start() -> tuple[EngineProcess, OwnApi]:
        engine = fresh_engine("--clock", "manual", data_dir=tmp_path / "data")
        return engine, OwnApi(engine)

    engine, own = start()
    stack = own("POST", "callbacks", {"kind": "cloudformation"})
    late = own("POST", "callbacks", {"kind": "cloudformation", "deadline_s": 60})
    job = own("POST", "callbacks", {"kind": "codepipeline", "key": JOB})
    given_up = own("POST", "callbacks", {"kind": "config", "key": "token"})
    own("DELETE", f"callbacks/{given_up['id']}")
    assert put(stack["url"], b"{}", kind="text/plain")[0] == 403
    own.advance(61)
    engine.client("codepipeline").put_job_success_result(jobId=JOB)
    told = {one["id"]: one for one in own("GET", "callbacks")["callbacks"]}
    assert {one["state"] for one in told.values()} == {"waiting", "missed", "answered"}
    engine.stop(signal.SIGKILL)

    engine, own = start()
    kept = {one["id"]: one for one in own("GET", "callbacks")["callbacks"]}
    for number, one in told.items():
        assert {**kept[number], "url": one["url"]} == one
    assert kept.keys() == {stack["id"], late["id"], job["id"]}
    assert own("POST", "callbacks", {"kind": "cloudformation"})["id"] > job["id"]
    assert put(kept[stack["id"]]["url"], b'{"Status": "SUCCESS"}')[0] == 200
    engine.stop(signal.SIGKILL)

    _, own = start()
    assert own("GET", f"callbacks/{stack['id']}")["answer"] == '{"Status": "SUCCESS"}'


def test_a_deadline_holds_over_a_restart(fresh_engine: Callable[..., EngineProcess], tmp_path: Path) -> None:
    engine = fresh_engine("--clock", "manual", data_dir=tmp_path / "data")
    waiting = OwnApi(engine)("POST", "callbacks", {"kind": "config", "key": "t", "deadline_s": 600})
    engine.stop(signal.SIGKILL)
    own = OwnApi(fresh_engine("--clock", "manual", data_dir=tmp_path / "data"))
    own.advance(590)
    assert own("GET", f"callbacks/{waiting['id']}")["state"] == "waiting"
    own.advance(10)
    assert own("GET", f"callbacks/{waiting['id']}?wait_s=5")["state"] == "missed"
