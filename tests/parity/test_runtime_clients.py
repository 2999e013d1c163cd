"""Every runtime client sees the same engine: AWS's own and a bare C program as ours."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy
from tests.parity.clients import CLIENTS, RuntimeClient

TIMEOUT_S = 20


@pytest.fixture(scope="module", params=CLIENTS)
def client(request: pytest.FixtureRequest) -> RuntimeClient:
    return CLIENTS[request.param]()


@pytest.fixture(scope="module")
def api(tiered_engine: EngineProcess) -> Any:
    return tiered_engine.client("lambda")


def deployed(api: Any, client: RuntimeClient, handler: str = "app.handler", timeout: int = TIMEOUT_S) -> str:
    files = {**client.language.handlers, **client.files}
    return deploy(api, files, Runtime=client.runtime, Handler=handler, Timeout=timeout, MemorySize=256)


@pytest.fixture(scope="module")
def function(api: Any, client: RuntimeClient) -> str:
    return deployed(api, client)


EVENTS: list[Any] = [
    {},
    {"text": "Grüße, 世界 😀", "nested": {"list": [1, 2.5, None, True, {"a": []}]}},
    {"long": "x" * 100_000},
]


@pytest.mark.parametrize("event", EVENTS, ids=["empty", "unicode", "long"])
def test_it_answers_with_what_it_got(api: Any, function: str, event: Any) -> None:
    answer = call(api, function, event)
    assert answer.error is None
    assert answer.value == event


def test_six_megabytes_in_and_out(api: Any, function: str) -> None:
    event = {"text": "x" * (5 << 20)}
    reply = api.invoke(FunctionName=function, Payload=json.dumps(event))
    assert "FunctionError" not in reply
    assert json.loads(reply["Payload"].read()) == event


def test_an_error_has_type_message_and_stack(api: Any, client: RuntimeClient, function: str) -> None:
    answer = call(api, function, {"do": "raise"})
    assert answer.error == "Unhandled"
    assert answer.value["errorType"] == "Error"
    assert answer.value["errorMessage"] == "no, on purpose"
    assert any(client.language.in_trace in line for line in answer.value[client.language.trace])
    assert call(api, function, {"after": "it"}).value == {"after": "it"}


def test_it_knows_its_invocation(api: Any, function: str) -> None:
    given = base64.b64encode(json.dumps({"custom": {"colour": "green"}}).encode()).decode()
    answer = call(api, function, {"do": "context"}, ClientContext=given)
    seen = answer.value
    assert 0 < seen.pop("left") <= TIMEOUT_S * 1000
    assert "[$LATEST]" in seen.pop("stream")
    assert seen == {
        "request": answer.request_id,
        "arn": f"arn:aws:lambda:us-east-1:000000000000:function:{function}",
        "name": function,
        "version": "$LATEST",
        "memory": "256",
        "group": f"/aws/lambda/{function}",
        "custom": {"colour": "green"},
    }


def test_what_it_prints_stands_between_start_and_end(api: Any, function: str) -> None:
    answer = call(api, function, {"do": "print"})
    start, said = answer.tail.find("START RequestId"), answer.tail.find("said hello")
    assert 0 <= start < said < answer.tail.find("END RequestId") < answer.tail.find("REPORT RequestId")


def test_it_lives_from_event_to_event(api: Any, client: RuntimeClient) -> None:
    name = deployed(api, client)
    assert [call(api, name, {"do": "count"}).value for _ in range(3)] == [1, 2, 3]


def test_a_broken_start_is_an_init_error(api: Any, client: RuntimeClient) -> None:
    answer = call(api, deployed(api, client, "broken.handler"))
    assert answer.error == "Unhandled"
    assert (answer.value["errorType"], answer.value["errorMessage"]) == client.language.init_error
    assert "INIT_REPORT" in answer.tail


def test_an_exit_is_told_and_overcome(api: Any, function: str) -> None:
    answer = call(api, function, {"do": "exit"})
    assert answer.error == "Unhandled"
    assert answer.value == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {answer.request_id} Error: Runtime exited with error: exit status 3",
    }
    assert call(api, function, {"after": "it"}).value == {"after": "it"}


def test_a_timeout_is_told_and_overcome(api: Any, client: RuntimeClient) -> None:
    name = deployed(api, client, timeout=3)
    answer = call(api, name, {"do": "hang"})
    assert answer.value == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {answer.request_id} Error: Task timed out after 3.00 seconds",
    }
    assert call(api, name, {"after": "it"}).value == {"after": "it"}


def test_a_stream_comes_in_its_pieces(api: Any, client: RuntimeClient) -> None:
    if client.language.streams is None:
        pytest.skip("this language's client does not stream")
    name = deployed(api, client, client.language.streams)
    answer = api.invoke_with_response_stream(FunctionName=name, Payload=json.dumps({"do": "stream"}))
    *pieces, end = answer["EventStream"]
    assert b"".join(piece["PayloadChunk"]["Payload"] for piece in pieces) == b"onetwo"
    assert end == {"InvokeComplete": {}}
