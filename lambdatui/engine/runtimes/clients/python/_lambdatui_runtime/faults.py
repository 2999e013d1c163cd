"""Errors as Lambda words them. Imported when there is one."""

from __future__ import annotations

import os
import sys
import time
import traceback
from json import dumps

from . import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Any

OURS = os.path.dirname(os.path.dirname(__file__)) + "/"


class Fault(Exception):  # noqa: N818
    """An error of the runtime's own kind, with the stack that Lambda shows for it."""

    def __init__(self, kind: str, message: str, stack: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.stack = list(stack)


def place_of(path: str) -> str:
    """A file by the place it has on Lambda."""
    library = os.path.dirname(os.__file__)
    moves = [(os.environ.get("LAMBDA_TASK_ROOT", ""), "/var/task"), (lines.State.opt, "/opt")]
    moves.append((library, "/var/lang/lib/python{}.{}".format(*sys.version_info[:2])))
    for real, place in moves:
        if real and path.startswith(real + "/"):
            return place + path[len(real) :]
    return path


def stack_of(where: TracebackType | None) -> list[str]:
    """The frames of a traceback as Lambda prints them, ours left out."""
    frames = list(traceback.extract_tb(where))
    while frames and frames[0].filename.startswith(OURS):
        frames = frames[1:]
    shown = []
    for frame in frames:
        line = f'  File "{place_of(frame.filename)}", line {frame.lineno}, in {frame.name}\n'
        shown.append(f"{line}    {frame.line.strip()}\n" if frame.line else line)
    return shown


def syntax_fault(module: str, problem: SyntaxError) -> Fault:
    """What Lambda says of code that does not parse."""
    place = place_of(str(problem.filename))
    message = f"Syntax error in module '{module}': {problem}"
    stack = [f'  File "{place}" Line {problem.lineno}\n    {problem.text}']
    return Fault("Runtime.UserCodeSyntaxError", message, stack)


def body_of(failure: BaseException, request_id: str) -> dict[str, Any]:
    """The body that is posted for an exception."""
    if isinstance(failure, Fault):
        kind, stack = failure.kind, failure.stack
    else:
        kind, stack = type(failure).__name__, stack_of(failure.__traceback__)
    body: dict[str, Any] = {"errorMessage": str(failure), "errorType": kind}
    if tuple(sys.version_info) >= (3, 9):  # as the runtimes of their time
        body["requestId"] = request_id
    body["stackTrace"] = stack
    return body


def header_of(body: dict[str, Any]) -> bytes:
    """The header that tells Lambda the error's type."""
    return b"Lambda-Runtime-Function-Error-Type: %b\r\n" % body["errorType"].encode("ascii", "replace")


def log(body: dict[str, Any]) -> None:
    """One log event for an uncaught exception."""
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
        lines.write(dumps({"timestamp": stamp, "level": "ERROR", **body}))
        return
    shown = [f"[ERROR] {body['errorType']}: {body['errorMessage']}", "Traceback (most recent call last):"]
    for entry in body["stackTrace"]:
        shown.extend(entry.splitlines())
    lines.write("\n".join(shown))
