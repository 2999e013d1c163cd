"""`lambdatui event … --invoke` in the place of callers that wait to be called back."""

from __future__ import annotations

import json

import pytest

from lambdatui import cli
from tests.conftest import EngineProcess
from tests.engine.deploying import deploy

HANDLER = """
import http.client, json, urllib.parse

def put(event, kind=""):
    url = urllib.parse.urlsplit(event["ResponseURL"])
    told = {"Status": "SUCCESS", "PhysicalResourceId": "made-1"}
    told |= {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.request("PUT", url.path, json.dumps(told), {"content-type": kind})
    connection.getresponse().read()

def handler(event, context):
    import boto3
    if "ResponseURL" in event:
        name = event["ResourceProperties"].get("Name")
        if name != "silent":
            put(event, "application/json" if name == "typed" else "")
    elif "CodePipeline.job" in event:
        boto3.client("codepipeline").put_job_success_result(jobId=event["CodePipeline.job"]["id"])
    else:
        item = json.loads(event["invokingEvent"])["configurationItem"]
        found = {"ComplianceResourceType": item["resourceType"], "ComplianceResourceId": item["resourceId"],
                 "ComplianceType": "COMPLIANT", "OrderingTimestamp": item["configurationItemCaptureTime"]}
        boto3.client("config").put_evaluations(ResultToken=event["resultToken"], Evaluations=[found])
"""
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def name(engine: EngineProcess) -> str:
    return deploy(engine.client("lambda"), HANDLER, Timeout=20)


def test_cloudformation_is_answered(name: str, here: list[str], capsys: Captured) -> None:
    assert cli.main(["event", "cloudformation", "--invoke", name, *here]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["PhysicalResourceId"] == "made-1"
    assert captured.err.splitlines()[-1] == "✓ the resource is created as made-1"


def test_a_missing_answer_is_shown_with_its_deadline(name: str, here: list[str], capsys: Captured) -> None:
    silent = ["event", "cloudformation", "--invoke", name, "--wait", "0.5", *here]
    assert cli.main([*silent, "--properties", '{"Name": "silent"}']) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    said = captured.err.splitlines()[-1]
    assert said.startswith("× within 0.5 s CloudFormation got no PUT to the ResponseURL. It waits until ")
    assert "(3600 s); then the stack is stuck until ServiceTimeout." in said


def test_an_answer_that_s3_refuses_is_said(name: str, here: list[str], capsys: Captured) -> None:
    typed = ["event", "cloudformation", "--invoke", name, "--wait", "4", *here]
    assert cli.main([*typed, "--properties", '{"Name": "typed"}']) == 1
    assert "sent with the Content-Type application/json" in capsys.readouterr().err


def test_codepipeline_and_config_are_called_with_boto3(name: str, here: list[str], capsys: Captured) -> None:
    assert cli.main(["event", "codepipeline", "--invoke", name, *here]) == 0
    captured = capsys.readouterr()
    assert "jobId" in json.loads(captured.out)
    assert captured.err.splitlines()[-1] == "✓ the action succeeds"
    assert cli.main(["event", "config", "--invoke", name, *here]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["Evaluations"][0]["ComplianceResourceId"] == "my-bucket"
    assert captured.err.splitlines()[-1] == "✓ the rule finds 1 COMPLIANT"


def test_an_address_of_ones_own_is_left_alone(name: str, here: list[str], capsys: Captured) -> None:
    own = ["event", "cloudformation", "--response-url", "http://127.0.0.1:9/nobody", "--invoke", name]
    assert cli.main([*own, *here]) == 0
    assert "waits for PUT to the ResponseURL" in capsys.readouterr().err
