"""The Config operation by which a rule's function says what it found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lambdatui.engine.callbacks.registry import Kind
from lambdatui.engine.context import Context
from lambdatui.engine.wire.errors import ApiError

Request = dict[str, Any]


async def put_evaluations(ctx: Context, request: Request) -> Request:
    said = {
        **request,
        "Evaluations": [
            {name: value.isoformat() if isinstance(value, datetime) else value for name, value in one.items()}
            for one in request.get("Evaluations", ())
        ],
    }
    token = request["ResultToken"]
    if not await ctx.engine.callbacks.answer(Kind.CONFIG, token, "PutEvaluations", said):
        raise ApiError(
            "InvalidResultTokenException", "The specified ResultToken is not valid.", 400, type=None
        )
    return {"FailedEvaluations": []}
