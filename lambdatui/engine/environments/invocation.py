"""One try of an invocation inside an environment, and what came of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import orjson


class Reply(Protocol):
    """A caller who takes a streamed answer as it comes. How it ended is told by the invocation's `done`."""

    version: str
    """The version that answers; set before anything else happens."""
    on_drain: Callable[[], None] | None
    """Called when more may be written after `blocked` was true, or when the caller has left."""

    @property
    def blocked(self) -> bool:
        """The caller takes it slower than it comes."""

    def begin(self, content_type: str) -> None:
        """The function answers by a stream of this type."""

    def write(self, piece: bytes) -> None:
        """The next bytes of it."""


@dataclass(slots=True)
class Outcome:
    """The end of an invocation that ran, well or badly."""

    payload: bytes
    executed_version: str
    error_type: str | None = None
    """Set if it failed, whatever the payload says."""
    duration_ms: float = 0.0
    log_tail: bytes | None = None

    @property
    def function_error(self) -> str | None:
        """How the API says that it failed."""
        return "Unhandled" if self.error_type else None


def _nobody(outcome: Outcome) -> None:
    """Who hears of an invocation that has no place to run yet."""


@dataclass(slots=True)
class InvokeRequest:
    """An invocation as it was asked for; and, once it has a place to run, as what and for whom."""

    account: str
    region: str
    name: str
    qualifier: str | None
    payload: bytes
    request_id: str
    tail: bool = False
    client_context: str | None = None
    """Base64, as it came."""
    trace_id: str | None = None
    """The trace header: that of the request, then that of the run."""
    tenant_id: str | None = None
    reply: Reply | None = None
    """Who takes a streamed response as it comes; without it the response is collected."""
    arn: str = ""
    """The function's ARN as it was invoked, with the qualifier if there was one."""
    done: Callable[[Outcome], None] = _nobody
    """Called exactly once, when it has run."""

    @property
    def context_json(self) -> str:
        """Client context as one line of ASCII JSON, fit for a header."""
        return json.dumps(orjson.loads(base64.b64decode(self.client_context or "")))


def error_body(error_type: str, message: str, **more: Any) -> bytes:
    """The JSON that Lambda itself answers with when a runtime gave no answer of its own."""
    return orjson.dumps({"errorType": error_type, "errorMessage": message, **more})


def timed_out(request_id: str, timeout_s: float) -> tuple[str, bytes]:
    """Type and body for a function that did not answer in time."""
    kind = "Sandbox.Timedout"
    return kind, error_body(
        kind, f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds"
    )


def broke(kind: str, request_id: str, reason: str) -> tuple[str, bytes]:
    """Type and body for an environment that broke down."""
    return kind, error_body(kind, f"RequestId: {request_id} Error: {reason}")


def exited(request_id: str, reason: str) -> tuple[str, bytes]:
    """Type and body for a runtime whose process ended."""
    return broke("Runtime.ExitError", request_id, reason)


def without_program(request_id: str, problem: tuple[str, str]) -> bytes:
    """Body for a function that has nothing to run."""
    kind, message = problem
    return error_body(kind, f"RequestId: {request_id} Error: {message}")


def exit_reason(status: int | None) -> str:
    """What Lambda says about the end of a runtime; `status` as os.waitpid gives it."""
    if status is None or status == 0:
        return "Runtime exited without providing a reason"
    return f"Runtime exited with error: {ended_with(status)}"


def ended_with(status: int | None) -> str:
    """What Lambda says about the end of any process."""
    if status is None or status == 0:
        return "exit code 0"
    number = status & 0x7F
    return f"signal: {SIGNALS.get(number, number)}" if number else f"exit status {status >> 8}"


SIGNALS = {
    1: "hangup",
    2: "interrupt",
    3: "quit",
    4: "illegal instruction",
    5: "trace/breakpoint trap",
    6: "aborted",
    7: "bus error",
    8: "floating point exception",
    9: "killed",
    10: "user defined signal 1",
    11: "segmentation fault",
    12: "user defined signal 2",
    13: "broken pipe",
    14: "alarm clock",
    15: "terminated",
}


def too_large(limit: int) -> tuple[str, bytes]:
    """Type and body for a response that is over the limit."""
    kind = "Function.ResponseSizeTooLarge"
    message = f"Response payload size exceeded maximum allowed payload size ({limit} bytes)."
    return kind, orjson.dumps({"errorMessage": message, "errorType": kind})
