"""Responses that leave while they are made: custom runtimes and Node through InvokeWithResponseStream."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, log_lines, until
from tests.engine.streamers import Meeting, deploy_bootstrap

LIMIT = 200 * 1024 * 1024
Steps = list[list[Any]]

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js (Debian: nodejs)")


@pytest.fixture(scope="module")
def engine(tiered_engine: EngineProcess) -> EngineProcess:
    return tiered_engine


@pytest.fixture(scope="module")
def function(client: Any) -> str:
    return deploy_bootstrap(client)


def opened(client: Any, name: str, steps: Steps, **more: Any) -> Iterator[dict[str, Any]]:
    answer = client.invoke_with_response_stream(
        FunctionName=name, Payload=json.dumps({"steps": steps}), **more
    )
    assert answer["ExecutedVersion"] == "$LATEST"
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    return iter(answer["EventStream"])


def streamed(client: Any, name: str, steps: Steps, **more: Any) -> tuple[bytes, dict[str, Any]]:
    """Everything that came, and how it ended."""
    *chunks, end = list(opened(client, name, steps, **more))
    return b"".join(chunk["PayloadChunk"]["Payload"] for chunk in chunks), end["InvokeComplete"]


def test_a_chunk_arrives_before_the_next_is_made(client: Any, function: str) -> None:
    with Meeting() as meeting:
        steps: Steps = [["send", "one"], ["meet", meeting.port], ["send", "two"], ["meet", meeting.port]]
        events = opened(client, function, steps)
        assert next(events) == {"PayloadChunk": {"Payload": b"one"}}
        meeting.come()
        assert next(events) == {"PayloadChunk": {"Payload": b"two"}}
        meeting.come()
        assert list(events) == [{"InvokeComplete": {}}]


def test_the_clock_and_the_report_run_to_the_end_of_the_stream(
    client: Any, engine: EngineProcess, function: str
) -> None:
    with Meeting() as meeting:
        events = opened(
            client, function, [["send", "a"], ["meet", meeting.port], ["print", "almost"]], LogType="Tail"
        )
        next(events)
        meeting.come()
        (end,) = list(events)
    lines = base64.b64decode(end["InvokeComplete"]["LogResult"]).decode().splitlines()
    kinds = [line.split(" ", 1)[0] for line in lines if not line.startswith("INIT_START")]
    assert kinds[:2] == ["START", "almost"]
    assert [kind.split("\t")[0] for kind in kinds[-2:]] == ["END", "REPORT"]


def test_a_plain_invoke_gets_the_collected_answer(client: Any, function: str) -> None:
    answer = call(client, function, {"steps": [["send", '{"a":'], ["send", " 1}"]]})
    assert (answer.error, answer.body) == (None, b'{"a": 1}')
    failed = call(client, function, {"steps": [["send", "lost"], ["fail", "App.Late"]]})
    assert (failed.error, failed.value) == ("Unhandled", {"errorType": "App.Late", "errorMessage": "late"})


def test_a_collected_answer_keeps_to_the_limit_of_plain_ones(client: Any, function: str) -> None:
    assert len(call(client, function, {"steps": [["fill", 5]]}).body) == 5 * 1048576
    refused = call(client, function, {"steps": [["fill", 7]]})
    assert (refused.error, refused.value["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")
    assert call(client, function, {"steps": [["send", "again"]]}).body == b"again"


def test_more_than_two_hundred_megabytes_are_cut(client: Any, function: str) -> None:
    size, end = 0, None
    for event in opened(client, function, [["fill", 201]]):
        size += len(event.get("PayloadChunk", {}).get("Payload", b""))
        end = event.get("InvokeComplete", end)
    assert end is not None
    assert LIMIT - 2 * 1048576 <= size <= LIMIT
    assert end["ErrorCode"] == "Function.ResponseSizeTooLarge"
    assert json.loads(end["ErrorDetails"])["errorMessage"].endswith(f"({LIMIT} bytes).")
    assert streamed(client, function, [["send", "again"]]) == (b"again", {})


def test_an_error_in_the_trailers_is_told_at_the_end(
    client: Any, engine: EngineProcess, function: str
) -> None:
    body, end = streamed(client, function, [["send", "so far"], ["fail", "App.Late"]], LogType="Tail")
    assert (body, end["ErrorCode"]) == (b"so far", "App.Late")
    assert json.loads(end["ErrorDetails"]) == {"errorType": "App.Late", "errorMessage": "late"}
    assert "Error Type" not in base64.b64decode(end["LogResult"]).decode()


@pytest.mark.parametrize("body", ["?", "ü"])
def test_an_error_that_cannot_be_read_still_has_its_type(client: Any, function: str, body: str) -> None:
    _, end = streamed(client, function, [["send", "so far"], ["babble", body]])
    assert end["ErrorCode"] == "App.Late"
    assert json.loads(end["ErrorDetails"])["errorType"] == "App.Late"


@pytest.mark.parametrize("step", [["exit", 1], ["leave", None]])
def test_a_runtime_that_leaves_in_the_middle(client: Any, function: str, step: list[Any]) -> None:
    with Meeting() as meeting:
        events = opened(client, function, [["send", "so far"], ["meet", meeting.port], step])
        assert next(events) == {"PayloadChunk": {"Payload": b"so far"}}
        meeting.come()
        (end,) = list(events)
    assert end["InvokeComplete"]["ErrorCode"] == "Runtime.TruncatedResponse"
    assert streamed(client, function, [["send", "again"]]) == (b"again", {})


def test_a_timeout_in_the_middle(client: Any) -> None:
    name = deploy_bootstrap(client, Timeout=1, MemorySize=1769)  # a reset starts with its share of a CPU
    body, end = streamed(client, name, [["send", "so far"], ["hang", None]], LogType="Tail")
    assert (body, end["ErrorCode"]) == (b"so far", "Sandbox.Timedout")
    assert json.loads(end["ErrorDetails"])["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert "Status: timeout" in base64.b64decode(end["LogResult"]).decode()
    assert streamed(client, name, [["send", "again"]]) == (b"again", {})


def test_a_slow_client_holds_the_function_back(engine: EngineProcess, client: Any, function: str) -> None:
    """100 MB do not fit between a function and a client that does not read: nobody keeps them meanwhile."""
    with Meeting() as meeting:
        steps: Steps = [["send", "first"], ["fill", 100], ["meet", meeting.port]]
        events = opened(client, function, steps)
        assert next(events) == {"PayloadChunk": {"Payload": b"first"}}
        assert not meeting.arrived(within=1.0)
        size = 0
        for event in events:
            size += len(event.get("PayloadChunk", {}).get("Payload", b""))
            if size == 100 * 1048576:
                break
        meeting.come()
        assert list(events) == [{"InvokeComplete": {}}]


def test_a_function_goes_on_when_its_client_has_left(
    engine: EngineProcess, client: Any, function: str
) -> None:
    with Meeting() as meeting:
        steps: Steps = [["send", "x"], ["meet", meeting.port], ["fill", 40], ["print", "all the same"]]
        answer = client.invoke_with_response_stream(
            FunctionName=function, Payload=json.dumps({"steps": steps})
        )
        next(iter(answer["EventStream"]))
        answer["EventStream"].close()
        meeting.come()
    logs = engine.client("logs")
    until(lambda: "all the same\n" in log_lines(logs, function))


def test_a_failure_before_the_stream(client: Any) -> None:
    name = deploy(client, "def handler(event, context):\n    raise ValueError('no')\n")
    (end,) = list(opened(client, name, []))
    assert end["InvokeComplete"]["ErrorCode"] == "Unhandled"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke_with_response_stream(FunctionName="nowhere")


NODE = """
const net = require('net');
const meet = (port) => new Promise((resolve) => net.connect(port, '127.0.0.1').on('data', resolve));
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('one');
  await meet(event.port);
  stream.write('two');
  if (event.fails) throw new TypeError('late');
  stream.end();
});
"""


@needs_node
def test_nodes_streams(client: Any) -> None:
    name = deploy(client, {"app.js": NODE}, Runtime="nodejs20.x", Timeout=20)
    for fails in (False, True):
        with Meeting() as meeting:
            payload = json.dumps({"port": meeting.port, "fails": fails})
            answer = client.invoke_with_response_stream(FunctionName=name, Payload=payload)
            events = iter(answer["EventStream"])
            assert next(events) == {"PayloadChunk": {"Payload": b"one"}}
            meeting.come()
            assert next(events) == {"PayloadChunk": {"Payload": b"two"}}
            (end,) = list(events)
        assert end["InvokeComplete"].get("ErrorCode") == ("TypeError" if fails else None)
