"""Invoke over the wire: what is checked before a function runs, and what comes back."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.engine.api.aws import Failure, Lambda, invalid, missing, zipped

ECHO = {"Code": {"ZipFile": zipped("def handler(event, context):\n    print('seen')\n    return event\n")}}
RUNTIME = {"Runtime": "python3.11"}


def answer(shown: dict[str, Any]) -> Any:
    return json.loads(shown["Payload"].read())


@pytest.mark.parametrize(
    "event", [{"a": [1, 2.5, "é😀", None]}, True, None, [], 17, 'say "hi" \\', {"big": "x" * 1_000_000}]
)
def test_an_event_comes_back_as_it_was(aws: Lambda, event: Any) -> None:
    aws.function("f", **ECHO, **RUNTIME)
    shown = aws("invoke", FunctionName="f", Payload=json.dumps(event))
    assert (shown["status"], shown["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in shown
    assert "LogResult" not in shown
    assert answer(shown) == event


def test_versions_and_aliases_say_which_version_ran(aws: Lambda) -> None:
    aws.function("f", **ECHO, **RUNTIME)
    aws("publish_version", FunctionName="f")
    aws("create_alias", FunctionName="f", Name="live", FunctionVersion="1")
    for name, qualifier in (("f", "1"), ("f:1", None), (aws.arn("f", "live"), None), ("f", "live")):
        members = {"FunctionName": name} | ({"Qualifier": qualifier} if qualifier else {})
        assert aws("invoke", **members)["ExecutedVersion"] == "1"


def test_the_tail_of_the_log_comes_on_request(aws: Lambda) -> None:
    aws.function("f", **ECHO, **RUNTIME)
    shown = aws("invoke", FunctionName="f", LogType="Tail")
    assert answer(shown) == {}  # no event at all is an empty one
    lines = base64.b64decode(shown["LogResult"]).decode().splitlines()
    assert lines[0].startswith("START RequestId: ")
    assert "seen" in lines
    assert lines[-1].startswith("REPORT RequestId: ")


def test_a_call_like_one_before_is_not_taken_for_it(own: Lambda) -> None:
    own.function("again", **ECHO, **RUNTIME)
    for event in (1, 2):
        assert answer(own("invoke", FunctionName="again", Payload=json.dumps(event))) == event
    failure = own.failure("invoke", FunctionName="again", InvocationType="Sometimes")
    assert (failure.status, failure.code) == (400, "ValidationException")
    assert "LogResult" in own("invoke", FunctionName="again", LogType="Tail")
    assert "LogResult" not in own("invoke", FunctionName="again")


def test_a_dry_run_and_an_event_answer_at_once(own: Lambda) -> None:
    dry = own("invoke", FunctionName="f", InvocationType="DryRun")
    assert dry["status"] == 204
    event = own("invoke", FunctionName="f", InvocationType="Event", Payload=b"{}")
    assert event["status"] == 202
    for shown in (dry, event):
        assert "ExecutedVersion" not in shown
        assert shown["Payload"].read() == b""
    assert own("invoke_async", FunctionName="f", InvokeArgs=b"{}")["Status"] == 202


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_whom_nobody_can_invoke(own: Lambda, kind: str) -> None:
    for name, sentence in (
        ("none", f"Function not found: {own.arn('none')}:$LATEST"),
        ("f:none", f"Function not found: {own.arn('f')}:none"),
        ("f:9", f"Function not found: {own.arn('f')}:9"),
    ):
        assert own.failure("invoke", FunctionName=name, InvocationType=kind) == missing(sentence)
    assert own.failure("invoke", FunctionName="f:1", Qualifier="live", InvocationType=kind) == invalid(
        "The derived qualifier from the function name does not match the specified qualifier."
    )


BAD_JSON = [
    (b"x", "Unexpected character ('x' (code 120)): expected a valid value (JSON String, Number, Array, Object"
     " or token 'null', 'true' or 'false')\n", "line: 1, column: 1]"),
    (b'{"a"\n:\n x}', "Unexpected character ('x' (code 120)): ", "line: 3, column: 2]"),
    (b'{"\x87":1}', "Invalid UTF-8 start byte 0x87\n", "line: 1, column: 3]"),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "detail", "place"), BAD_JSON)
@pytest.mark.parametrize("kind", ["RequestResponse", "Event"])
def test_an_event_must_be_json(own: Lambda, kind: str, payload: bytes, detail: str, place: str) -> None:
    failure = own.failure("invoke", FunctionName="f", InvocationType=kind, Payload=payload)
    assert (failure.status, failure.code, failure.type) == (400, "InvalidRequestContentException", "User")
    assert failure.message is not None
    opening = "Could not parse request body into json: Could not parse payload into json: "
    assert failure.message.startswith(opening + detail)
    assert failure.message.endswith(place)


@pytest.mark.parametrize(("kind", "limit"), [("RequestResponse", 6_291_456), ("Event", 1_048_576)])
def test_an_event_has_a_limit(own: Lambda, kind: str, limit: int) -> None:
    over = b'"' + b"x" * (limit - 1) + b'"'
    assert own.failure("invoke", FunctionName="f", InvocationType=kind, Payload=over) == Failure(
        413,
        "RequestEntityTooLargeException",
        f"{limit + 1} byte payload is too large for the {kind} invocation type (limit {limit} bytes)",
        None,
    )


def test_the_old_way_takes_less(own: Lambda) -> None:
    failure = own.failure("invoke_async", FunctionName="f", InvokeArgs=b'"' + b"x" * 262_144 + b'"')
    assert (failure.status, failure.code) == (413, "RequestEntityTooLargeException")
    assert own("invoke_async", FunctionName="f", InvokeArgs=b'"' + b"x" * 262_142 + b'"')["Status"] == 202


def test_client_context_must_be_what_it_says(own: Lambda) -> None:
    failure = own.failure("invoke", FunctionName="f", ClientContext="not base64!")
    assert failure == Failure(
        400,
        "InvalidRequestContentException",
        "Client context must be a valid Base64-encoded JSON object.",
        "User",
    )


def test_nothing_reserved_is_nothing_run(own: Lambda) -> None:
    own("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=0)
    assert own.failure("invoke", FunctionName="f") == Failure(
        429, "TooManyRequestsException", "Rate Exceeded.", "User"
    )
    assert own("invoke", FunctionName="f", InvocationType="Event")["status"] == 202


def test_a_stream_brings_the_answer_and_its_end(aws: Lambda) -> None:
    fails = (
        "def handler(event, context):\n    if event:\n        return event\n    raise ValueError('nothing')\n"
    )
    aws.function("f", Code={"ZipFile": zipped(fails)}, **RUNTIME)
    event = json.dumps({"text": "é" * 1_000_000}).encode()
    shown = aws("invoke_with_response_stream", FunctionName="f", Payload=event, LogType="Tail")
    assert (shown["status"], shown["ExecutedVersion"]) == (200, "$LATEST")
    *chunks, end = list(shown["EventStream"])
    assert json.loads(b"".join(chunk["PayloadChunk"]["Payload"] for chunk in chunks)) == json.loads(event)
    log = base64.b64decode(end["InvokeComplete"].pop("LogResult")).decode()
    assert log.startswith("START RequestId: ")
    assert end == {"InvokeComplete": {}}
    (failed,) = list(aws("invoke_with_response_stream", FunctionName="f")["EventStream"])
    assert failed["InvokeComplete"]["ErrorCode"] == "Unhandled"
    assert json.loads(failed["InvokeComplete"]["ErrorDetails"])["errorMessage"] == "nothing"
    dry = aws("invoke_with_response_stream", FunctionName="f", InvocationType="DryRun")
    assert dry["status"] == 204
    assert aws.failure("invoke_with_response_stream", FunctionName="none") == missing(
        f"Function not found: {aws.arn('none')}:$LATEST"
    )
