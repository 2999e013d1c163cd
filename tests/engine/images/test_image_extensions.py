"""Extensions that an image brings: programs of the same container, started before the runtime."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, log_lines, settled, until
from tests.engine.images.extending import extended_image, told
from tests.engine.images.test_images import create, seen


@pytest.fixture
def logs(engine: EngineProcess) -> Any:
    return engine.client("logs")


def extended(client: Any, folder: Path, *names: str, **variables: str) -> str:
    """A function made from an image with these extensions."""
    uri = f"oci:{extended_image(*names).lay_out(folder / 'layout', 'v1')}:v1"
    return create(client, uri, MemorySize=512, Environment={"Variables": variables})


def events(logs: Any, function: str, name: str, number: int) -> list[dict[str, Any]]:
    """The events that an extension got, when there are so many."""

    def found() -> list[dict[str, Any]]:
        return [json.loads(line) for line in told(logs, function, name) if line.startswith("{")]

    until(lambda: len(found()) >= number)
    return found()


def test_they_are_started_before_the_runtime_in_its_container(client: Any, logs: Any, folder: Path) -> None:
    name = extended(client, folder, "alpha", "beta", "gamma")
    answer = call(client, name, {"n": 1})
    assert answer.error is None, (answer.value, answer.tail)
    assert sorted(answer.value["files"][0].split()) == ["alpha", "beta", "gamma"], "they share a /tmp"
    for extension in ("alpha", "beta", "gamma"):
        (event,) = events(logs, name, extension, 1)
        assert told(logs, name, extension)[0] == "registered, task root unknown"
        assert (event["eventType"], event["requestId"]) == ("INVOKE", answer.request_id)
        state = f"EXTENSION\tName: {extension}\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n"
        assert state in log_lines(logs, name)


def test_they_are_told_of_the_end(client: Any, logs: Any, folder: Path) -> None:
    name = extended(client, folder, "alpha", "beta")
    assert seen(client, name)["event"] == {}
    client.update_function_configuration(FunctionName=name, Description="changed")
    for extension in ("alpha", "beta"):
        _, last = events(logs, name, extension, 2)
        assert (last["eventType"], last["shutdownReason"]) == ("SHUTDOWN", "SPINDOWN")


def test_a_runtime_that_ends_does_not_end_them_first(client: Any, logs: Any, folder: Path) -> None:
    name = extended(client, folder, "alpha", "beta")
    answer = call(client, name, {"exit": 1})
    assert answer.value["errorType"] == "Runtime.ExitError"
    for extension in ("alpha", "beta"):
        assert events(logs, name, extension, 2)[-1]["shutdownReason"] == "FAILURE"
    assert seen(client, name)["files"][0].split(), "they are started again with it"
    assert events(logs, name, "beta", 3)[-1]["eventType"] == "INVOKE"


@pytest.mark.parametrize("culprit", ["alpha", "beta"])
def test_one_that_crashes_is_named_as_the_reason(client: Any, logs: Any, folder: Path, culprit: str) -> None:
    name = extended(client, folder, "alpha", "beta", CRASH=culprit)
    for _ in range(3):
        answer = call(client, name, {"hang": 1})
        assert answer.value["errorType"] == "Extension.Crash", answer.value
    assert len(events(logs, name, culprit, 3)) == 3


def test_a_timeout_is_told_to_them(client: Any, logs: Any, folder: Path) -> None:
    name = extended(client, folder, "alpha")
    client.update_function_configuration(FunctionName=name, Timeout=1)
    settled(client, name)
    answer = call(client, name, {"hang": 1})
    assert answer.value["errorType"] == "Sandbox.Timedout"
    assert events(logs, name, "alpha", 2)[-1]["shutdownReason"] == "TIMEOUT"


def test_they_hear_the_platform(client: Any, logs: Any, folder: Path) -> None:
    name = extended(client, folder, "alpha", TELL="alpha")
    answer = call(client, name, {"n": 1})
    assert answer.error is None, (answer.value, answer.tail)

    def heard() -> bool:
        return any(
            answer.request_id in line for line in log_lines(logs, name) if line.startswith("EXT told ")
        )

    until(lambda: heard() or (call(client, name) is not None and heard()))
