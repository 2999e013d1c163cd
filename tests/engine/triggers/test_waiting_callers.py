"""Secrets Manager and Step Functions wait for what a function answers."""

from __future__ import annotations

import json

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import ROLE, unique, until
from tests.engine.triggers.callee import ECHO, Function


def test_secrets_are_rotated_by_our_function(engine: EngineProcess) -> None:
    code = ECHO.replace("return event", "return None")
    function, secrets = Function(engine, code), engine.client("secretsmanager")
    name = secrets.create_secret(Name=unique("secret"), SecretString="one")["Name"]
    function.client.add_permission(
        FunctionName=function.name,
        StatementId="rotation",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
    )
    secrets.rotate_secret(
        SecretId=name, RotationLambdaARN=function.arn, RotationRules={"AutomaticallyAfterDays": 30}
    )
    steps = [event["Step"] for event in function.got(4)]
    assert steps == ["createSecret", "setSecret", "testSecret", "finishSecret"]


def test_state_machines_run_our_functions(engine: EngineProcess) -> None:
    pytest.importorskip("antlr4")
    function = Function(engine)
    steps = engine.client("stepfunctions")
    definition = {
        "StartAt": "Direct",
        "States": {
            "Direct": {"Type": "Task", "Resource": function.arn, "ResultPath": "$.direct", "Next": "Invoke"},
            "Invoke": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": function.arn, "Payload": {"deep.$": "$.direct.n"}},
                "OutputPath": "$.Payload",
                "End": True,
            },
        },
    }
    machine = steps.create_state_machine(
        name=unique("machine"), definition=json.dumps(definition), roleArn=ROLE
    )["stateMachineArn"]
    run = steps.start_execution(stateMachineArn=machine, input='{"n": 7}')["executionArn"]
    until(lambda: steps.describe_execution(executionArn=run)["status"] != "RUNNING", 30)
    ended = steps.describe_execution(executionArn=run)
    assert (ended["status"], json.loads(ended.get("output", "null"))) == ("SUCCEEDED", {"deep": 7})
