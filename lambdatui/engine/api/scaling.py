"""Scaling on managed instances: kept and shown. This engine has no instances that would scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.names import (
    Target,
    require_version,
    target,
)
from lambdatui.engine.store import facets
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.facets import Facet
from lambdatui.engine.store.versions import LATEST
from lambdatui.engine.wire.errors import invalid_parameter

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
KIND = "scaling"


async def put_function_scaling_config(ctx: Context, request: Request) -> Request:
    wanted = _scalable(ctx, request)
    document = request.get("FunctionScalingConfig", {})
    least, most = document.get("MinExecutionEnvironments"), document.get("MaxExecutionEnvironments")
    if least is not None and most is not None and least > most:
        raise invalid_parameter("MinExecutionEnvironments must not be greater than MaxExecutionEnvironments.")

    def change(conn: Connection) -> Request:
        record = require_version(conn, wanted)
        facets.put(conn, Facet(*wanted.key, KIND, wanted.qualifier or LATEST, document))
        return {"FunctionState": record.state}

    return await ctx.store.write(change)


async def get_function_scaling_config(ctx: Context, request: Request) -> Request:
    wanted = _scalable(ctx, request)
    conn = ctx.store.read()
    require_version(conn, wanted)
    # What is applied is not shown: there are no instances here on which it would be.
    return {
        "FunctionArn": wanted.qualified_arn,
        "RequestedFunctionScalingConfig": facets.get(conn, *wanted.key, KIND, wanted.qualifier or LATEST),
    }


def _scalable(ctx: Context, request: Request) -> Target:
    return target(ctx, request["FunctionName"], request["Qualifier"])
