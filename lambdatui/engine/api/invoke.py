"""Invoke, the hot path: the event is checked and passed on as the bytes that came; no task per call."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.api.background import soon
from lambdatui.engine.api.names import Target, target
from lambdatui.engine.dispatch import InvokeRequest, Outcome
from lambdatui.engine.store import StoreUnavailable, versions
from lambdatui.engine.store.versions import LATEST
from lambdatui.engine.wire import event_stream
from lambdatui.engine.wire.errors import ApiError, invalid_parameter, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context
    from lambdatui.engine.http import Exchange

SYNC_LIMIT = 6_291_456
EVENT_LIMIT = 1_048_576
OLD_ASYNC_LIMIT = 262_144
CHUNK = 1 << 20
_JSON = ("Content-Type", "application/json")
_SOURCE = "at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"


def raw_invoke(ctx: Context, exchange: Exchange, request: dict[str, Any]) -> None:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    if request.get("DurableExecutionName"):
        raise invalid_parameter("This engine cannot run durable executions.")
    kind = request.get("InvocationType") or "RequestResponse"
    body = exchange.body
    _check_size(body, kind, EVENT_LIMIT if kind == "Event" else SYNC_LIMIT)
    _check_json(body)
    call = _call(ctx, exchange, wanted, request)
    if kind == "RequestResponse":
        ctx.engine.dispatch.invoke(call, lambda outcome: _answer(ctx, exchange, outcome))
        return
    _require(ctx, wanted)
    if kind == "Event":
        soon(lambda: _accept(ctx, exchange, call))
    else:
        ctx.respond(exchange, 204, (), b"")


def raw_invoke_with_response_stream(ctx: Context, exchange: Exchange, request: dict[str, Any]) -> None:
    """The same, answered as an event stream once the function is done."""
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    _check_size(exchange.body, "RequestResponse", SYNC_LIMIT)
    _check_json(exchange.body)
    if request.get("InvocationType") == "DryRun":
        _require(ctx, wanted)
        ctx.respond(exchange, 204, (), b"")
        return
    call = _call(ctx, exchange, wanted, request)
    ctx.engine.dispatch.invoke(call, lambda outcome: _answer_stream(ctx, exchange, outcome))


def raw_invoke_async(ctx: Context, exchange: Exchange, request: dict[str, Any]) -> None:
    wanted = target(ctx, request["FunctionName"])
    _check_size(exchange.body, "Event", OLD_ASYNC_LIMIT)
    _check_json(exchange.body)
    _require(ctx, wanted)
    call = _call(ctx, exchange, wanted, request)
    soon(lambda: _accept(ctx, exchange, call))


def _call(ctx: Context, exchange: Exchange, wanted: Target, request: dict[str, Any]) -> InvokeRequest:
    context = request.get("ClientContext")
    if context:
        _check_client_context(context)
    return InvokeRequest(
        account=wanted.account,
        region=wanted.region,
        name=wanted.name,
        qualifier=wanted.qualifier,
        payload=exchange.body or b"{}",
        request_id=ctx.request_id,
        tail=request.get("LogType") == "Tail",
        client_context=context,
        trace_id=exchange.headers.get("x-amzn-trace-id"),
        tenant_id=request.get("TenantId"),
    )


def _answer(ctx: Context, exchange: Exchange, outcome: Outcome | ApiError) -> None:
    if isinstance(outcome, ApiError):
        ctx.fail(exchange, outcome)
        return
    headers = [_JSON, ("X-Amz-Executed-Version", outcome.executed_version)]
    if outcome.function_error:
        headers.append(("X-Amz-Function-Error", outcome.function_error))
    if outcome.log_tail is not None:
        headers.append(("X-Amz-Log-Result", base64.b64encode(outcome.log_tail).decode()))
    ctx.respond(exchange, 200, headers, outcome.payload)


def _answer_stream(ctx: Context, exchange: Exchange, outcome: Outcome | ApiError) -> None:
    """The function's answer in chunks, then how it ended; an error is told only in the end."""
    if isinstance(outcome, ApiError):
        ctx.fail(exchange, outcome)
        return
    end: dict[str, str] = {}
    chunks = [outcome.payload[at : at + CHUNK] for at in range(0, len(outcome.payload), CHUNK)]
    if outcome.function_error:
        end |= {
            "ErrorCode": outcome.function_error,
            "ErrorDetails": outcome.payload.decode("utf-8", "replace"),
        }
        chunks = []
    if outcome.log_tail is not None:
        end["LogResult"] = base64.b64encode(outcome.log_tail).decode()
    messages = [event_stream.event("PayloadChunk", chunk, "application/octet-stream") for chunk in chunks]
    messages.append(event_stream.event("InvokeComplete", orjson.dumps(end), "application/json"))
    headers = [
        ("Content-Type", event_stream.CONTENT_TYPE),
        ("X-Amz-Executed-Version", outcome.executed_version),
    ]
    ctx.respond(exchange, 200, headers, b"".join(messages))


async def _accept(ctx: Context, exchange: Exchange, call: InvokeRequest) -> None:
    """Queue an event; it is answered once it is kept for good."""
    try:
        await ctx.engine.queue.accept(call)
    except ApiError as error:
        ctx.fail(exchange, error)
    except StoreUnavailable as error:
        ctx.fail(exchange, ApiError("ServiceException", str(error), 500, type="Service"))
    else:
        ctx.respond(exchange, 202, (), b"")


def _require(ctx: Context, wanted: Target) -> None:
    """404 before an event is taken for a function that is not there; dispatch says it for the others."""
    if versions.get_version(ctx.store.read(), *wanted.key, wanted.qualifier) is None:
        raise not_found(f"Function not found: {wanted.arn_of(wanted.qualifier or LATEST)}")


def _check_size(body: bytes, kind: str, limit: int) -> None:
    if len(body) > limit:
        text = f"{len(body)} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        raise ApiError("RequestEntityTooLargeException", text, 413, type=None)


def _check_json(body: bytes) -> None:
    if not body:
        return
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ApiError(
            "InvalidRequestContentException",
            "Could not parse request body into json: Could not parse payload into json: "
            + _complaint(body, error),
        ) from None


def _complaint(body: bytes, error: orjson.JSONDecodeError) -> str:
    """What AWS's parser would say of the first fault."""
    try:
        text = body.decode()
    except UnicodeDecodeError as fault:
        before = body[: fault.start]
        where = _place(before.decode())
        return f"Invalid UTF-8 start byte 0x{body[fault.start]:02x}\n {where}"
    where = _place(text[: error.pos])
    if error.pos >= len(text):
        return f"Unexpected end-of-input\n {where}"
    sign = text[error.pos]
    return (
        f"Unexpected character ('{sign}' (code {ord(sign)})): expected a valid value"
        f" (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n {where}"
    )


def _place(before: str) -> str:
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return f"{_SOURCE}; line: {line}, column: {column}]"


def _check_client_context(text: str) -> None:
    try:
        orjson.loads(base64.b64decode(text, validate=True))
    except ValueError:
        raise ApiError(
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object.",
        ) from None
