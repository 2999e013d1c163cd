"""What goes in and what comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.deploying import call, deploy

ECHO = "def handler(event, context):\n    return event\n"
COUNTS = """
import os
n = 0
def handler(event, context):
    global n
    n += 1
    return {}
"""


@pytest.fixture(scope="module")
def echo(client: Any) -> str:
    return deploy(client, ECHO, Timeout=20)


@pytest.mark.parametrize(
    "event",
    [{"a": [1, 2.5, None, True]}, [], "text", 7, None, False, {"emoji": "🦊", "quotes": '"\\"'}],
)
def test_any_json_value_comes_back_equal(client: Any, echo: str, event: Any) -> None:
    assert call(client, echo, json.dumps(event).encode()).value == event


def test_no_payload_is_an_empty_object(client: Any, echo: str) -> None:
    assert json.load(client.invoke(FunctionName=echo)["Payload"]) == {}


def test_returning_nothing_gives_null(client: Any) -> None:
    name = deploy(client, "def handler(event, context): pass\n")
    answer = call(client, name)
    assert (answer.body, answer.version, answer.error) == (b"null", "$LATEST", None)


def test_six_megabytes_in_and_out(client: Any, echo: str) -> None:
    event = "x" * (6_291_456 - 2)
    assert call(client, echo, event).value == event


def test_a_response_that_is_too_large_is_an_error_and_leaves_the_environment_usable(client: Any) -> None:
    name = deploy(client, COUNTS.format("'x' * event['size'] + str(n)"), Timeout=20, MemorySize=512)
    answer = call(client, name, {"size": 6_291_556})
    assert answer.error == "Unhandled"
    assert answer.value == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    assert call(client, name, {"size": 0}).value == "2"


def test_decimals_and_text_beyond_ascii_are_written_as_on_lambda(client: Any) -> None:
    code = "from decimal import Decimal\ndef handler(event, context): return [Decimal('1.5'), 'ü']\n"
    assert call(client, deploy(client, code)).value == [1.5, "ü"]
