"""Invoking a function and understanding what came of it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lambdatui.model import Invocation, InvocationType, InvokeError
from lambdatui.service import loglines
from lambdatui.service.clean import clean, clean_bytes, clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import TooLarge
from lambdatui.service.history import History

SYNC_LIMIT = 6_291_456
EVENT_LIMIT = 1_048_576
_LIMITS = {InvocationType.REQUEST_RESPONSE: SYNC_LIMIT, InvocationType.EVENT: EVENT_LIMIT}


class Invoker:
    """Lambda's Invoke. Never retried: a function that ran may have charged a card."""

    def __init__(
        self, connection: Connection, history: History, *, running: Callable[[], None] = lambda: None
    ) -> None:
        """``running`` is called when a function begins to run and when it has ended."""
        self._connection = connection
        self._history = history
        self._running = running

    async def invoke(
        self,
        name: str,
        payload: bytes,
        *,
        qualifier: str | None = None,
        type: InvocationType = InvocationType.REQUEST_RESPONSE,  # noqa: A002 - AWS's word
    ) -> Invocation:
        """Invoke a function, version or alias and remember it. Waits as long as a function may run;
        cancelling stops the waiting, not the function."""
        limit = _LIMITS.get(type)
        if limit is not None and len(payload) > limit:
            raise TooLarge(f"{len(payload)} bytes are too many for {type}: Lambda takes {limit}.")
        params: dict[str, Any] = {"FunctionName": name, "InvocationType": str(type)}
        if qualifier:
            params["Qualifier"] = qualifier
        if payload:
            params["Payload"] = payload
        if type is InvocationType.REQUEST_RESPONSE:
            params["LogType"] = "Tail"
        started, begin = datetime.now(UTC), time.perf_counter()
        self._running()
        answer = await self._connection.invoke(**params)
        took_ms = (time.perf_counter() - begin) * 1000
        invocation = _read(answer, name, qualifier, type, payload, started, took_ms)
        self._running()
        await self._history.add(invocation)
        return invocation


def _read(
    answer: Mapping[str, Any],
    name: str,
    qualifier: str | None,
    kind: InvocationType,
    payload: bytes,
    started: datetime,
    took_ms: float,
) -> Invocation:
    response: bytes = answer["Payload"]
    failed = answer.get("FunctionError")
    log = _log(answer.get("LogResult", ""))
    reports = [found for line in log if (found := loglines.line(line).report)]
    executed = answer.get("ExecutedVersion")
    return Invocation(
        function=name,
        qualifier=qualifier,
        type=kind,
        payload=payload,
        started=started,
        took_ms=took_ms,
        status=int(answer.get("StatusCode", 0)),
        request_id=clean_line(str(answer["ResponseMetadata"].get("RequestId", ""))),
        executed_version=clean_line(executed) if executed else None,
        response=response,
        text=clean_bytes(response),
        function_error=clean_line(failed) if failed else None,
        error=error_body(response) if failed else None,
        log=log,
        report=reports[-1] if reports else None,
    )


def _log(encoded: str) -> tuple[str, ...]:
    """The tail of the log as lines. It is cut at 4 KB, maybe in the middle of a sign."""
    text = base64.b64decode(encoded or b"").decode("utf-8", "replace")
    return tuple(clean(line) for line in text.replace("\xa0", " ").split("\n") if line)


def error_body(body: bytes) -> InvokeError:
    """What a failed run answered: Python, Node, Ruby, Java and custom runtimes say it in their own ways."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return InvokeError(type="", message=clean_bytes(body))
    trace = said.get("stackTrace") or said.get("trace") or ()
    return InvokeError(
        type=clean_line(str(said.get("errorType") or "")),
        message=clean(str(said.get("errorMessage") or "")),
        trace=tuple(_frames(trace)),
    )


def _frames(trace: object) -> list[str]:
    """Lines of a stack trace; frames may hold two lines, old Pythons wrote them as lists of parts."""
    if isinstance(trace, str):
        trace = [trace]
    if not isinstance(trace, list):
        return []
    lines: list[str] = []
    for frame in trace:
        text = ", ".join(map(str, frame)) if isinstance(frame, list) else str(frame)
        lines.extend(clean(part) for part in text.rstrip("\n").split("\n"))
    return lines
