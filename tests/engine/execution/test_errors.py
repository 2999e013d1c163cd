"""What comes back of a function that fails, and what is true afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.deploying import call, deploy

COUNTS = """
import os
n = 0
def handler(event, context):
    global n
    n += 1
    return {}
"""
RAISES = """class Bad(Exception): pass

def inner():
    raise Bad('boom')

def handler(event, context):
    inner()
"""


def test_an_exception(client: Any) -> None:
    answer = call(client, deploy(client, RAISES))
    assert answer.error == "Unhandled"
    assert list(answer.value) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert answer.value == {
        "errorMessage": "boom",
        "errorType": "Bad",
        "requestId": answer.request_id,
        "stackTrace": [
            '  File "/var/task/app.py", line 7, in handler\n    inner()\n',
            "  File \"/var/task/app.py\", line 4, in inner\n    raise Bad('boom')\n",
        ],
    }


@pytest.mark.parametrize(
    ("code", "handler", "kind", "message"),
    [
        (
            "import nowhere\n",
            "app.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'nowhere'",
        ),
        (
            "",
            "other.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'other': No module named 'other'",
        ),
        ("x = 1\n", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        (
            "x = 1\n",
            "handler",
            "Runtime.MalformedHandlerName",
            "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
        ),
        (
            "def handler(event, context:\n",
            "app.handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': '(' was never closed (app.py, line 1)",
        ),
    ],
)
def test_a_handler_that_cannot_be_loaded(
    client: Any, code: str, handler: str, kind: str, message: str
) -> None:
    answer = call(client, deploy(client, code, Handler=handler))
    assert answer.error == "Unhandled"
    assert (answer.value["errorType"], answer.value["errorMessage"]) == (kind, message)
    assert answer.value["requestId"] == ""
    assert f"[ERROR] {kind}: {message}" in answer.tail


def test_an_exception_at_import_shows_the_import(client: Any) -> None:
    answer = call(client, deploy(client, "raise ValueError('at import')\n"))
    assert (answer.value["errorType"], answer.value["requestId"]) == ("ValueError", "")
    assert answer.value["stackTrace"][0].startswith(
        '  File "/var/lang/lib/python3.11/importlib/__init__.py", line '
    )
    assert answer.value["stackTrace"][-1] == (
        "  File \"/var/task/app.py\", line 1, in <module>\n    raise ValueError('at import')\n"
    )


def test_a_result_that_is_no_json(client: Any) -> None:
    answer = call(client, deploy(client, "def handler(event, context): return {1}\n"))
    assert answer.value["errorType"] == "Runtime.MarshalError"
    assert (
        answer.value["errorMessage"]
        == "Unable to marshal response: Object of type set is not JSON serializable"
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sys.exit()", "Runtime exited without providing a reason"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("sys.exit(2)", "Runtime exited with error: exit status 2"),
        ("os._exit(127)", "Runtime exited with error: exit status 127"),
        ("os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
@pytest.mark.parametrize("place", ["handler", "import"])
def test_the_end_of_the_process(client: Any, body: str, reason: str, place: str) -> None:
    code = f"import os, sys\ndef handler(event, context):\n    {body}\n"
    answer = call(client, deploy(client, code if place == "handler" else f"import os, sys\n{body}\n"))
    assert answer.error == "Unhandled"
    assert answer.value == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {answer.request_id} Error: {reason}",
    }
    assert answer.tail.rstrip().endswith("Status: error\tError Type: Runtime.ExitError")


def test_after_a_crash_the_next_invocation_starts_afresh(client: Any) -> None:
    name = deploy(client, COUNTS.format("n if event else os._exit(1)"))
    assert [call(client, name, {"go": 1}).value for _ in range(2)] == [1, 2]
    assert call(client, name, {}).error == "Unhandled"
    assert call(client, name, {"go": 1}).value == 1
