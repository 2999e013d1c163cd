"""Durable executions. This engine does not run them, so none is ever found; functions list none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.names import require_function, target
from lambdatui.engine.wire.errors import not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
CANNOT_RUN = "This engine cannot run durable executions."


async def list_durable_executions_by_function(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    require_function(ctx.store.read(), wanted)
    return {"DurableExecutions": []}


async def get_durable_execution(ctx: Context, request: Request) -> Request:
    raise not_found(f"Durable execution not found: {request['DurableExecutionArn']}. {CANNOT_RUN}")


get_durable_execution_history = get_durable_execution
get_durable_execution_state = get_durable_execution
checkpoint_durable_execution = get_durable_execution
stop_durable_execution = get_durable_execution


async def send_durable_execution_callback_success(ctx: Context, request: Request) -> Request:
    raise not_found(f"Callback not found: {request['CallbackId']}. {CANNOT_RUN}")


send_durable_execution_callback_failure = send_durable_execution_callback_success
send_durable_execution_callback_heartbeat = send_durable_execution_callback_success
