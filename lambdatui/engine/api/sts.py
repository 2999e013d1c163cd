"""STS, as far as tools need it to learn whose keys they hold."""

from __future__ import annotations

from typing import Any

from lambdatui.engine.context import Context


async def get_caller_identity(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    return {"UserId": ctx.user_id, "Account": ctx.account, "Arn": ctx.principal}
