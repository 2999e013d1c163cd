"""Functions that change, go, or are not there yet while they are called."""

from __future__ import annotations

import contextlib
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import ROLE, Answer, call, deploy, log_lines, settled, until, zipped

ECHO = "def handler(event, context):\n    return event\n"


WAITS = """
import time
def handler(event, context):
    print("reached", flush=True)
    time.sleep(event["s"])
    return "VERSION"
"""


@pytest.fixture(scope="module")
def logs(tiered_engine: EngineProcess) -> Any:
    return tiered_engine.client("logs")


def running(client: Any, logs: Any, name: str, pool: ThreadPoolExecutor, seconds: float) -> Future[Answer]:
    """An invocation that has reached its handler."""
    future = pool.submit(call, client, name, {"s": seconds})

    def reached() -> bool:
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            return "reached\n" in log_lines(logs, name)
        return False

    until(reached)
    return future


def test_what_runs_during_an_update_ends_on_the_old_code(client: Any, logs: Any) -> None:
    name = deploy(client, WAITS.replace("VERSION", "old"), Timeout=20)
    with ThreadPoolExecutor(1) as pool:
        old = running(client, logs, name, pool, 2.0)
        client.update_function_code(
            FunctionName=name, ZipFile=zipped({"app.py": WAITS.replace("VERSION", "new")})
        )
        settled(client, name)
        assert call(client, name, {"s": 0}).value == "new"
        assert old.result().value == "old"
    assert [call(client, name, {"s": 0}).value for _ in range(3)] == ["new"] * 3


def test_what_runs_while_its_function_is_deleted_still_answers(client: Any, logs: Any) -> None:
    name = deploy(client, WAITS, Timeout=20)
    with ThreadPoolExecutor(1) as pool:
        old = running(client, logs, name, pool, 1.5)
        client.delete_function(FunctionName=name)
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.invoke(FunctionName=name)
        assert old.result().value == "VERSION"


def test_a_pending_function_refuses(client: Any) -> None:
    name = f"pending-{uuid.uuid4().hex[:8]}"
    client.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="app.handler",
        Role=ROLE,
        Code={"ZipFile": zipped({"app.py": ECHO})},
    )
    with pytest.raises(client.exceptions.ResourceConflictException) as refused:
        client.invoke(FunctionName=name)
    assert refused.value.response["Error"]["Message"] == (
        "The operation cannot be performed at this time."
        " The function is currently in the following state: Pending"
    )
    settled(client, name)
    assert call(client, name, 1).value == 1


def test_an_unknown_function_is_named_with_latest(client: Any) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException) as refused:
        client.invoke(FunctionName="nobody")
    message = refused.value.response["Error"]["Message"]
    assert message == "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody:$LATEST"


def test_another_python_runs_when_it_is_asked_for(client: Any) -> None:
    name = deploy(
        client, "import sys\ndef handler(event, context): return sys.version\n", Runtime="python3.12"
    )
    answer: Answer = call(client, name)
    assert answer.error is None
    assert answer.value.startswith("3.")
