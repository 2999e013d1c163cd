"""CodePipeline operations by which a function ends the action that invoked it."""

from __future__ import annotations

from typing import Any

from lambdatui.engine.callbacks.registry import Kind
from lambdatui.engine.context import Context
from lambdatui.engine.wire.errors import ApiError

Request = dict[str, Any]


async def put_job_success_result(ctx: Context, request: Request) -> Request:
    return await _end(ctx, request, "PutJobSuccessResult")


async def put_job_failure_result(ctx: Context, request: Request) -> Request:
    return await _end(ctx, request, "PutJobFailureResult")


async def _end(ctx: Context, request: Request, call: str) -> Request:
    if not await ctx.engine.callbacks.answer(Kind.CODEPIPELINE, request["jobId"], call, request):
        text = "The job was specified in an invalid format or cannot be found."
        raise ApiError("JobNotFoundException", text, 400, type=None)
    return {}
