"""Invoking a function and understanding what came of it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from lambdatui.model import Invocation, InvocationType, InvokeError
from lambdatui.model.invocation import Chunk
from lambdatui.service import loglines
from lambdatui.service.clean import clean, clean_bytes, clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Invalid, TooLarge
from lambdatui.service.history import History

SYNC_LIMIT = 6_291_456
EVENT_LIMIT = 1_048_576
CONTEXT_LIMIT = 3583
"""Bytes of the client context as it is sent, in base64."""

_LIMITS = {InvocationType.REQUEST_RESPONSE: SYNC_LIMIT, InvocationType.EVENT: EVENT_LIMIT}
_CHUNK_TEXT = 400  # characters of a chunk that are kept to be looked at
_CHUNKS = 2000  # of one response that are kept; all of them count


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
        client_context: str = "",
        remember: bool = True,
    ) -> Invocation:
        """Invoke a function, version or alias and ``remember`` it. Waits as long as a function may run;
        cancelling stops the waiting, not the function. ``client_context`` is JSON."""
        params = _params(name, payload, qualifier, type, client_context)
        started, begin = datetime.now(UTC), time.perf_counter()
        self._running()
        answer = await self._connection.invoke(**params)
        took_ms = (time.perf_counter() - begin) * 1000
        invocation = _read(answer, name, qualifier, type, payload, started, took_ms)
        self._running()
        if remember:
            await self._history.add(invocation)
        return invocation

    async def stream(
        self,
        name: str,
        payload: bytes,
        *,
        qualifier: str | None = None,
        client_context: str = "",
        on_chunk: Callable[[Chunk], None] = lambda chunk: None,
    ) -> Invocation:
        """Invoke with the response streamed: ``on_chunk`` hears of each part when it comes."""
        params = _params(name, payload, qualifier, InvocationType.REQUEST_RESPONSE, client_context)
        started, begin = datetime.now(UTC), time.perf_counter()
        answer: dict[str, Any] = {}
        parts: list[bytes] = []
        chunks: list[Chunk] = []
        self._running()
        async for event in self._connection.invoke_streaming(**params):
            if "PayloadChunk" in event:
                parts.append(event["PayloadChunk"].get("Payload", b""))
                chunk = _chunk(parts[-1], (time.perf_counter() - begin) * 1000)
                if len(chunks) < _CHUNKS:
                    chunks.append(chunk)
                on_chunk(chunk)
            elif "InvokeComplete" in event:
                _complete(answer, event["InvokeComplete"])
            else:
                answer |= {"StatusCode": 200} | event
        took_ms = (time.perf_counter() - begin) * 1000
        answer["Payload"] = b"".join(parts) or answer.get("Details", b"")
        kind = InvocationType.REQUEST_RESPONSE
        invocation = _read(answer, name, qualifier, kind, payload, started, took_ms, tuple(chunks))
        self._running()
        await self._history.add(invocation)
        return invocation


def _params(
    name: str, payload: bytes, qualifier: str | None, kind: InvocationType, client_context: str
) -> dict[str, Any]:
    limit = _LIMITS.get(kind)
    if limit is not None and len(payload) > limit:
        raise TooLarge(f"{len(payload)} bytes are too many for {kind}: Lambda takes {limit}.")
    params: dict[str, Any] = {"FunctionName": name, "InvocationType": str(kind)}
    if qualifier:
        params["Qualifier"] = qualifier
    if payload:
        params["Payload"] = payload
    if client_context and kind is InvocationType.REQUEST_RESPONSE:  # others do not get it from Lambda
        params["ClientContext"] = encoded_context(client_context)
    if kind is InvocationType.REQUEST_RESPONSE:
        params["LogType"] = "Tail"
    return params


def encoded_context(text: str) -> str:
    """A client context as Lambda takes it; raises what a person should read when it cannot be one."""
    try:
        said = json.loads(text)
    except ValueError as error:
        raise Invalid(f"The client context is not JSON: {error}.") from None
    except RecursionError:
        raise Invalid("The client context is nested too deeply.") from None
    if not isinstance(said, dict):
        raise Invalid('The client context is a JSON object, such as {"custom": {"user": "ada"}}.')
    encoded = base64.b64encode(json.dumps(said, separators=(",", ":")).encode()).decode()
    if len(encoded) > CONTEXT_LIMIT:
        raise TooLarge(
            f"The client context takes {len(encoded)} bytes in base64: Lambda takes {CONTEXT_LIMIT}."
        )
    return encoded


def _chunk(data: bytes, at_ms: float) -> Chunk:
    return Chunk(at_ms, len(data), clean(data[: 4 * _CHUNK_TEXT].decode("utf-8", "replace"))[:_CHUNK_TEXT])


def _complete(answer: dict[str, Any], end: Mapping[str, Any]) -> None:
    """The last event of a stream tells of errors and carries the log."""
    answer["LogResult"] = end.get("LogResult", "")
    if code := end.get("ErrorCode"):
        answer["FunctionError"] = code
        answer["Details"] = str(end.get("ErrorDetails", "")).encode()


def _read(
    answer: Mapping[str, Any],
    name: str,
    qualifier: str | None,
    kind: InvocationType,
    payload: bytes,
    started: datetime,
    took_ms: float,
    chunks: tuple[Chunk, ...] = (),
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
        error=error_body(answer.get("Details") or response) if failed else None,
        log=log,
        report=reports[-1] if reports else None,
        chunks=chunks,
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
