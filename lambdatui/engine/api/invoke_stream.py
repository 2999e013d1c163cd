"""InvokeWithResponseStream: the answer leaves as an event stream while the function still writes it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.api.invoke import SYNC_LIMIT, call_for, check_event, require_callable
from lambdatui.engine.api.names import target
from lambdatui.engine.dispatch import Outcome
from lambdatui.engine.streamed_reply import StreamedReply
from lambdatui.engine.wire import event_stream
from lambdatui.engine.wire.errors import ApiError

if TYPE_CHECKING:
    from lambdatui.engine.context import Context
    from lambdatui.engine.http import Exchange

CHUNK = 1 << 20  # of an answer that comes whole
UNHANDLED = "Unhandled"


def raw_invoke_with_response_stream(ctx: Context, exchange: Exchange, request: dict[str, Any]) -> None:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    check_event(exchange.body, "RequestResponse", SYNC_LIMIT)
    if request.get("InvocationType") == "DryRun":
        require_callable(ctx, wanted, request.get("TenantId"))
        ctx.respond(exchange, 204, "", b"")
        return
    answer = _EventStream(ctx, exchange)
    call = call_for(ctx, exchange, wanted, request)
    call.reply = answer
    ctx.engine.dispatch.invoke(call, answer.done)


class _EventStream(StreamedReply):
    """The function's bytes as PayloadChunk events, then InvokeComplete, which alone tells of errors."""

    def __init__(self, ctx: Context, exchange: Exchange) -> None:
        super().__init__(exchange)
        self._ctx = ctx

    def begin(self, content_type: str) -> None:
        headers = [
            ("Content-Type", event_stream.CONTENT_TYPE),
            ("X-Amz-Executed-Version", self.version),
        ]
        self._ctx.start(self._exchange, 200, headers)

    def write(self, piece: bytes) -> None:
        self._exchange.send(event_stream.event("PayloadChunk", piece, "application/octet-stream"))

    def done(self, outcome: Outcome | ApiError) -> None:
        if self._exchange.gone:
            return
        if isinstance(outcome, ApiError):
            self._ctx.fail(self._exchange, outcome)
            return
        end: dict[str, str] = {}
        if outcome.function_error:
            streaming = self._exchange.answered  # then the error's own type is the code
            end["ErrorCode"] = (streaming and outcome.error_type) or UNHANDLED
            end["ErrorDetails"] = outcome.payload.decode("utf-8", "replace")
        if outcome.log_tail is not None:
            end["LogResult"] = base64.b64encode(outcome.log_tail).decode()
        if not self._exchange.answered:
            self.begin("application/json")
            if not outcome.function_error:
                for at in range(0, len(outcome.payload), CHUNK):
                    self.write(outcome.payload[at : at + CHUNK])
        self._exchange.send(event_stream.event("InvokeComplete", orjson.dumps(end), "application/json"))
        self._exchange.end()
