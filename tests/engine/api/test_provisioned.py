"""Provisioned concurrency as functions see it: initialised before it is READY, used first, accounted for."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import IN_SIGHT, EngineProcess
from tests.engine.api.aws import Answer, Failure, Lambda, zipped

RUNTIME = f"python3.{sys.version_info.minor}"
CODE = """
import os, time, uuid
TYPE, ME = os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], uuid.uuid4().hex
STARTED = os.path.join({folder!r}, ME)
open(STARTED, "w").close()

def handler(event, context):
    while "hold" in event and os.path.exists(event["hold"]):
        time.sleep(0.01)
    return {{"type": TYPE, "me": ME, "version": context.function_version}}
"""
BROKEN = "raise RuntimeError('never')\n"
READY = {"Status": "READY", "AvailableProvisionedConcurrentExecutions": 2}


@pytest.fixture
def engine(open_engine: EngineProcess) -> EngineProcess:
    """Functions here leave files where their tests look."""
    return open_engine


def deploy(aws: Lambda, folder: Path, code: str = CODE) -> None:
    """A function ``f`` whose environments leave a file in ``folder``, with version 1 and alias ``live``."""
    text = code.format(folder=str(folder)) if code is CODE else code
    aws.function("f", Runtime=RUNTIME, Timeout=20, Code={"ZipFile": zipped(text)}, Publish=True)
    aws("create_alias", FunctionName="f", Name="live", FunctionVersion="1")


def provision(aws: Lambda, qualifier: str, count: int) -> Answer:
    begun = aws(
        "put_provisioned_concurrency_config",
        FunctionName="f",
        Qualifier=qualifier,
        ProvisionedConcurrentExecutions=count,
    )
    assert (begun["status"], begun["Status"]) == (202, "IN_PROGRESS")
    return aws.until(
        lambda: aws("get_provisioned_concurrency_config", FunctionName="f", Qualifier=qualifier),
        lambda shown: shown["Status"] != "IN_PROGRESS",
    )


def invoke(aws: Lambda, qualifier: str, event: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = aws("invoke", FunctionName="f", Qualifier=qualifier, Payload=json.dumps(event or {}).encode())
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    return said


@contextmanager
def held(aws: Lambda, qualifier: str, folder: Path, count: int) -> Iterator[list[dict[str, Any]]]:
    """So many invocations that do not end before this does."""
    hold, answers = folder / "hold", list[dict[str, Any]]()
    hold.touch()
    running = [
        threading.Thread(target=lambda: answers.append(invoke(aws, qualifier, {"hold": str(hold)})))
        for _ in range(count)
    ]
    for thread in running:
        thread.start()
    time.sleep(0.3)  # they are under way; those that are not make the test weaker, not wrong
    try:
        yield answers
    finally:
        hold.unlink()
        for thread in running:
            thread.join(20)


def test_ready_means_initialised(aws: Lambda, tmp_path: Path) -> None:
    deploy(aws, tmp_path)
    assert list(tmp_path.iterdir()) == []
    shown = provision(aws, "1", 2)
    assert {member: shown[member] for member in READY} == READY
    assert shown["AllocatedProvisionedConcurrentExecutions"] == 2
    made = {entry.name for entry in tmp_path.iterdir()}
    assert len(made) == 2
    answers = [invoke(aws, "1") for _ in range(4)]
    assert {answer["type"] for answer in answers} == {"provisioned-concurrency"}
    assert {answer["me"] for answer in answers} <= made
    assert invoke(aws, "$LATEST")["type"] == "on-demand"


def test_an_alias_serves_its_version_too_and_what_is_too_much_runs_on_demand(
    aws: Lambda, tmp_path: Path
) -> None:
    deploy(aws, tmp_path)
    provision(aws, "live", 2)
    assert invoke(aws, "live")["type"] == invoke(aws, "1")["type"] == "provisioned-concurrency"
    with held(aws, "live", tmp_path, 2) as answers:
        assert invoke(aws, "live")["type"] == "on-demand"
    assert [answer["type"] for answer in answers] == ["provisioned-concurrency"] * 2


def test_before_it_is_ready_and_after_it_went_functions_run_on_demand(aws: Lambda, tmp_path: Path) -> None:
    deploy(aws, tmp_path)
    aws(
        "put_provisioned_concurrency_config",
        FunctionName="f",
        Qualifier="1",
        ProvisionedConcurrentExecutions=1,
    )
    assert invoke(aws, "1")["type"] == "on-demand"
    aws.until(
        lambda: aws("get_provisioned_concurrency_config", FunctionName="f", Qualifier="1"),
        lambda shown: shown["Status"] == "READY",
    )
    assert invoke(aws, "1")["type"] == "provisioned-concurrency"
    aws("delete_provisioned_concurrency_config", FunctionName="f", Qualifier="1")
    assert invoke(aws, "1")["type"] == "on-demand"


def test_a_moved_alias_takes_its_environments_along(aws: Lambda, tmp_path: Path) -> None:
    deploy(aws, tmp_path)
    aws("update_function_configuration", FunctionName="f", Description="two")
    aws.settled("f")
    aws("publish_version", FunctionName="f")
    provision(aws, "live", 1)
    aws("update_alias", FunctionName="f", Name="live", FunctionVersion="2")
    shown = aws("get_provisioned_concurrency_config", FunctionName="f", Qualifier="live")
    assert (shown["Status"], shown["AllocatedProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 0)
    assert invoke(aws, "1")["type"] == "on-demand"
    aws.until(
        lambda: aws("get_provisioned_concurrency_config", FunctionName="f", Qualifier="live"),
        lambda shown: shown["Status"] == "READY",
    )
    answer = invoke(aws, "live")
    assert (answer["type"], answer["version"]) == ("provisioned-concurrency", "2")


def test_what_cannot_be_initialised_fails_and_runs_on_demand(aws: Lambda, tmp_path: Path) -> None:
    deploy(aws, tmp_path, BROKEN)
    shown = provision(aws, "1", 1)
    assert (shown["Status"], shown["StatusReason"]) == ("FAILED", "FUNCTION_ERROR_INIT_FAILURE")
    assert shown["AvailableProvisionedConcurrentExecutions"] == 0
    assert shown["AllocatedProvisionedConcurrentExecutions"] == 0
    assert invoke(aws, "1")["errorType"] == "RuntimeError"


def test_more_and_fewer(aws: Lambda, tmp_path: Path) -> None:
    deploy(aws, tmp_path)
    provision(aws, "1", 1)
    assert provision(aws, "1", 3)["AllocatedProvisionedConcurrentExecutions"] == 3
    assert len(list(tmp_path.iterdir())) == 3
    assert provision(aws, "1", 1)["AllocatedProvisionedConcurrentExecutions"] == 1
    with held(aws, "1", tmp_path, 1):
        assert invoke(aws, "1")["type"] == "on-demand"


def throttled(reason: str) -> Failure:
    return Failure(429, "TooManyRequestsException", "Rate Exceeded.", "User")


def test_what_is_provisioned_is_taken_out_of_what_is_reserved(aws: Lambda, tmp_path: Path) -> None:
    deploy(aws, tmp_path)
    aws("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=2)
    provision(aws, "1", 2)
    refused = throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
    assert aws.failure("invoke", FunctionName="f") == refused
    assert invoke(aws, "1")["type"] == "provisioned-concurrency"
    with held(aws, "1", tmp_path, 2):
        assert aws.failure("invoke", FunctionName="f", Qualifier="1") == refused
    aws("delete_provisioned_concurrency_config", FunctionName="f", Qualifier="1")
    assert invoke(aws, "$LATEST")["type"] == "on-demand"


def test_what_is_reserved_bounds_all_versions_together(aws: Lambda, tmp_path: Path) -> None:
    deploy(aws, tmp_path)
    aws("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=2)
    with held(aws, "1", tmp_path, 1), held(aws, "$LATEST", tmp_path / "..", 1):
        with pytest.raises(aws.client.exceptions.TooManyRequestsException) as caught:
            aws.client.invoke(FunctionName="f", Qualifier="live")
        assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert invoke(aws, "live")["type"] == "on-demand"


def test_a_restarted_engine_initialises_again(
    fresh_engine: Callable[..., EngineProcess], tmp_path: Path
) -> None:
    folder = tmp_path / "started"
    folder.mkdir()
    first = fresh_engine(*IN_SIGHT)
    aws = Lambda(first.client("lambda"), "000000000000")
    deploy(aws, folder)
    provision(aws, "1", 2)
    first.stop()
    second = Lambda(fresh_engine(*IN_SIGHT, data_dir=first.data_dir).client("lambda"), "000000000000")
    second.until(lambda: {"n": len(list(folder.iterdir()))}, lambda seen: seen["n"] == 4)
    second.until(lambda: invoke(second, "1"), lambda answer: answer["type"] == "provisioned-concurrency")


UNRUNNABLE: list[tuple[str, dict[str, Any], str]] = [
    (
        "durable",
        {"DurableConfig": {"ExecutionTimeout": 60}},
        "This engine cannot run durable functions: nothing keeps their checkpoints.",
    ),
    (
        "capacity provider",
        {
            "CapacityProviderConfig": {
                "LambdaManagedInstancesCapacityProviderConfig": {
                    "CapacityProviderArn": "arn:aws:lambda:us-east-1:000000000000:capacity-provider:p"
                }
            }
        },
        "This engine has no managed instances to run functions of a capacity provider.",
    ),
]


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
@pytest.mark.parametrize(
    ("members", "text"), [row[1:] for row in UNRUNNABLE], ids=[row[0] for row in UNRUNNABLE]
)
def test_what_cannot_run_here_says_so(aws: Lambda, members: dict[str, Any], text: str, kind: str) -> None:
    aws.function("f", Runtime=RUNTIME, **members)
    failure = aws.failure("invoke", FunctionName="f", InvocationType=kind)
    assert failure == Failure(400, "InvalidParameterValueException", text, "User")


def test_tenants_are_named_where_they_are_kept_apart(aws: Lambda) -> None:
    aws.function("f", Runtime=RUNTIME)
    aws.function("apart", Runtime=RUNTIME, TenancyConfig={"TenantIsolationMode": "PER_TENANT"})
    for kind in ("RequestResponse", "Event", "DryRun"):
        with_one = aws.failure("invoke", FunctionName="f", TenantId="blue", InvocationType=kind)
        assert (with_one.status, with_one.code) == (400, "InvalidParameterValueException")
        assert "is not enabled with tenancy configuration" in (with_one.message or "")
        without = aws.failure("invoke", FunctionName="apart", InvocationType=kind)
        assert (without.status, without.code) == (400, "InvalidParameterValueException")
        assert "Add a valid tenant ID" in (without.message or "")
    assert aws("invoke", FunctionName="apart", TenantId="blue")["status"] == 200
