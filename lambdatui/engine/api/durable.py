"""Durable executions. This engine does not run them, so none is ever found; functions list none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.names import require_function, target
from lambdatui.engine.wire.errors import ApiError, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
CANNOT_RUN = "This engine cannot run durable executions."


async def list_durable_executions_by_function(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    require_function(ctx.store.read(), wanted)
    return {"DurableExecutions": []}


async def get_durable_execution(ctx: Context, request: Request) -> Request:
    raise _no_execution(request)


async def get_durable_execution_history(ctx: Context, request: Request) -> Request:
    raise _no_execution(request)


async def get_durable_execution_state(ctx: Context, request: Request) -> Request:
    raise _no_execution(request)


async def checkpoint_durable_execution(ctx: Context, request: Request) -> Request:
    raise _no_execution(request)


async def stop_durable_execution(ctx: Context, request: Request) -> Request:
    raise _no_execution(request)


async def send_durable_execution_callback_success(ctx: Context, request: Request) -> Request:
    raise _no_callback(request)


async def send_durable_execution_callback_failure(ctx: Context, request: Request) -> Request:
    raise _no_callback(request)


async def send_durable_execution_callback_heartbeat(ctx: Context, request: Request) -> Request:
    raise _no_callback(request)


def _no_execution(request: Request) -> ApiError:
    return not_found(f"Durable execution not found: {request['DurableExecutionArn']}. {CANNOT_RUN}")


def _no_callback(request: Request) -> ApiError:
    return not_found(f"Callback not found: {request['CallbackId']}. {CANNOT_RUN}")
