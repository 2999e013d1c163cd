"""Invoke, the hot path: the event is checked and passed on as the bytes that came; no task per call."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.api.names import Target, target
from lambdatui.engine.dispatch import InvokeRequest, Outcome, check_tenant
from lambdatui.engine.planning import refuse_what_cannot_run
from lambdatui.engine.store import versions
from lambdatui.engine.store.versions import LATEST
from lambdatui.engine.wire.errors import ApiError, invalid_parameter, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context
    from lambdatui.engine.http import Exchange

SYNC_LIMIT = 6_291_456
EVENT_LIMIT = 1_048_576
OLD_ASYNC_LIMIT = 262_144
_SOURCE = "at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"


def raw_invoke(ctx: Context, exchange: Exchange, request: dict[str, Any]) -> None:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    if request.get("DurableExecutionName"):
        raise invalid_parameter("This engine cannot run durable executions.")
    kind = request.get("InvocationType") or "RequestResponse"
    body = exchange.body
    check_event(body, kind, EVENT_LIMIT if kind == "Event" else SYNC_LIMIT)
    call = call_for(ctx, exchange, wanted, request)
    if kind == "RequestResponse":
        ctx.engine.dispatch.invoke(call, lambda outcome: _answer(ctx, exchange, outcome))
        return
    require_callable(ctx, wanted, call.tenant_id)
    if kind == "Event":
        _accept(ctx, exchange, call)
    else:
        ctx.respond(exchange, 204, "", b"")


def raw_invoke_async(ctx: Context, exchange: Exchange, request: dict[str, Any]) -> None:
    wanted = target(ctx, request["FunctionName"])
    check_event(exchange.body, "Event", OLD_ASYNC_LIMIT)
    require_callable(ctx, wanted)
    call = call_for(ctx, exchange, wanted, request)
    _accept(ctx, exchange, call)


def call_for(ctx: Context, exchange: Exchange, wanted: Target, request: dict[str, Any]) -> InvokeRequest:
    """What dispatch needs to know of a call."""
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
    lines = f"Content-Type: application/json\r\nX-Amz-Executed-Version: {outcome.executed_version}\r\n"
    if outcome.function_error:
        lines += f"X-Amz-Function-Error: {outcome.function_error}\r\n"
    if outcome.log_tail is not None:
        lines += f"X-Amz-Log-Result: {base64.b64encode(outcome.log_tail).decode()}\r\n"
    ctx.respond(exchange, 200, lines, outcome.payload)


def _accept(ctx: Context, exchange: Exchange, call: InvokeRequest) -> None:
    """Queue an event; it is answered once it is kept for good."""

    def kept(error: Exception | None) -> None:
        if error is None:
            ctx.respond(exchange, 202, "", b"")
        elif isinstance(error, ApiError):
            ctx.fail(exchange, error)
        else:
            ctx.fail(exchange, ApiError("ServiceException", str(error), 500, type="Service"))

    ctx.engine.queue.take(call, kept)


def require_callable(ctx: Context, wanted: Target, tenant_id: str | None = None) -> None:
    """Refuse at once what is not answered by dispatch: there is no such function, or it cannot run here."""
    if tenant_id is None and ctx.engine.dispatch.ready(*wanted.key, wanted.qualifier):
        return
    found = versions.get_version(ctx.store.read(), *wanted.key, wanted.qualifier)
    if found is None:
        raise not_found(f"Function not found: {wanted.arn_of(wanted.qualifier or LATEST)}")
    refuse_what_cannot_run(found)
    check_tenant("TenancyConfig" in found.config, tenant_id)


def check_event(body: bytes, kind: str, limit: int) -> None:
    """Refuse an event that is too large, or no JSON."""
    if len(body) > limit:
        text = f"{len(body)} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        raise ApiError("RequestEntityTooLargeException", text, 413, type=None)
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
