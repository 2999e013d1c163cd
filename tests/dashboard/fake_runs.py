"""Invocations without a function, and the log that they leave."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from lambdatui.model import (
    FollowKind,
    FollowState,
    Invocation,
    InvocationType,
    InvokeError,
    LogEvent,
    LogKind,
    Report,
)
from lambdatui.model.invocation import Chunk
from lambdatui.service.errors import Invalid
from lambdatui.service.last_event import LastEvent
from tests.dashboard.fake_account import NOW, FakeStore, Gates

TRACE = (
    '  File "/var/task/handler.py", line 21, in handler\n    return charge(order)',
    '  File "/var/task/handler.py", line 14, in charge\n    raise PaymentRefused(order)',
)


class FakeInvoker:
    """Answers with the event; ``boom`` in the event raises, ``cold`` makes it a cold start."""

    def __init__(self, store: FakeStore, gates: Gates) -> None:
        self._store, self._gates = store, gates
        self._runs = 0

    async def invoke(
        self,
        name: str,
        payload: bytes,
        *,
        qualifier: str | None = None,
        type: InvocationType = InvocationType.REQUEST_RESPONSE,  # noqa: A002 - as the service names it
        client_context: str = "",
        remember: bool = True,
    ) -> Invocation:
        if client_context:
            await self._gates.pass_through("client_context", client_context)
        await self._gates.pass_through("invoke", name, payload, qualifier, type)
        self._store.need(name)
        try:
            event = json.loads(payload)
        except ValueError as error:
            raise Invalid("The payload is not JSON.", code="InvalidRequestContentException") from error
        self._runs += 1
        request_id = f"7c1e{self._runs:04d}-0000-4000-8000-0000000000aa"
        sent = Invocation(name, qualifier, type, payload, NOW, 14.0, 200, request_id)
        if type is InvocationType.DRY_RUN:
            return replace(sent, status=204)
        run = self._run(sent, event, qualifier)
        self._store.write_log(f"/aws/lambda/{name}", *_log_of(run))
        if type is InvocationType.EVENT:
            return replace(sent, status=202)
        return run

    async def stream(
        self,
        name: str,
        payload: bytes,
        *,
        qualifier: str | None = None,
        client_context: str = "",
        on_chunk: Callable[[Chunk], None] = lambda chunk: None,
    ) -> Invocation:
        run = await self.invoke(name, payload, qualifier=qualifier, client_context=client_context)
        chunks = []
        for at, piece in enumerate(('{"charged": ', "true}")):
            chunks.append(Chunk(100.0 * (at + 1), len(piece), piece))
            on_chunk(chunks[-1])
            await self._gates.pass_through("chunk", at)
        answer = "".join(chunk.text for chunk in chunks)
        return replace(run, response=answer.encode(), text=answer, chunks=tuple(chunks))

    def _run(self, sent: Invocation, event: object, qualifier: str | None) -> Invocation:
        executed = qualifier or "$LATEST"
        if alias := self._store.aliases[sent.function].get(executed):
            executed = alias.version
        failed = isinstance(event, dict) and "boom" in event
        cold = isinstance(event, dict) and "cold" in event
        error = InvokeError("PaymentRefused", "order 42: refused by the bank", TRACE) if failed else None
        answer = (
            {"errorMessage": error.message, "errorType": error.type, "stackTrace": list(error.trace)}
            if error
            else {"charged": True, "event": event}
        )
        return replace(
            sent,
            executed_version=executed,
            response=json.dumps(answer).encode(),
            text=json.dumps(answer),
            function_error="Unhandled" if error else None,
            error=error,
            log=("charging card ****4242", "done"),
            report=Report(sent.request_id, 12.3, 13, 256, 41, 109.2 if cold else None),
        )


def _log_of(run: Invocation) -> list[LogEvent]:
    at = int(NOW.timestamp() * 1000)
    report = run.report
    assert report is not None
    stream = f"2026/11/21/[{run.executed_version}]aa"
    level = "ERROR" if run.error else ""
    message = f"[ERROR] {run.error.type}: {run.error.message}" if run.error else "charging card ****4242"

    def event(offset: int, text: str, kind: LogKind, **more: object) -> LogEvent:
        return LogEvent(
            at + offset,
            text,
            stream,
            f"{run.request_id}-{offset}",
            kind,
            run.request_id,
            **more,  # type: ignore[arg-type]
        )

    start = f"START RequestId: {run.request_id} Version: {run.executed_version}"
    figures = (
        f"REPORT RequestId: {run.request_id}\tDuration: {report.duration_ms:.2f} ms\t"
        f"Billed Duration: {report.billed_ms} ms\tMemory Size: 256 MB\tMax Memory Used: 41 MB"
    )
    return [
        event(0, start, LogKind.START, version=run.executed_version or ""),
        event(5, message, LogKind.OUTPUT, level=level),
        event(12, f"END RequestId: {run.request_id}", LogKind.END),
        event(13, figures, LogKind.REPORT, report=report),
    ]


class FakeLogs:
    def __init__(self, store: FakeStore, gates: Gates) -> None:
        self._store, self._gates = store, gates

    async def follow(
        self,
        group: str,
        *,
        since_ms: int | None = None,
        poll_s: float | None = None,
        on_state: Callable[[FollowState], None] = lambda state: None,
    ) -> AsyncIterator[list[LogEvent]]:
        await self._gates.pass_through("follow", group)
        on_state(FollowState(FollowKind.FOLLOWING))
        sent = 0
        while True:
            events = self._store.logs.get(group, [])
            if len(events) > sent:
                yield events[sent:]
                sent = len(events)
            self._store.log_grew.clear()
            await self._store.log_grew.wait()


class FakeHistory:
    def __init__(self) -> None:
        self.runs: dict[str, list[Invocation]] = {}

    async def of(self, function: str, *, limit: int = 200) -> list[Invocation]:
        return self.runs.get(function, [])[:limit]


class FakeLastEvents:
    def __init__(self) -> None:
        self.found: LastEvent | None = None

    async def of(self, function: str, group: str, now_ms: int) -> LastEvent | None:
        return self.found
