"""Small settings of functions: recursion, runtime updates, scaling on managed instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.names import (
    Target,
    function_only,
    require_function,
    require_version,
    target,
)
from lambdatui.engine.api.runtimes import runtime_version_arn
from lambdatui.engine.store import facets
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.facets import Facet
from lambdatui.engine.store.versions import LATEST
from lambdatui.engine.wire.errors import invalid_parameter

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
RECURSION, RUNTIME, SCALING = "recursion", "runtime-management", "scaling"


async def put_function_recursion_config(ctx: Context, request: Request) -> Request:
    wanted = function_only(ctx, request["FunctionName"])
    document = {"RecursiveLoop": request["RecursiveLoop"]}

    def change(conn: Connection) -> None:
        require_function(conn, wanted)
        facets.put(conn, Facet(*wanted.key, RECURSION, "", document))

    await ctx.store.write(change)
    return document


async def get_function_recursion_config(ctx: Context, request: Request) -> Request:
    wanted = function_only(ctx, request["FunctionName"])
    conn = ctx.store.read()
    require_function(conn, wanted)
    return facets.get(conn, *wanted.key, RECURSION) or {"RecursiveLoop": "Terminate"}


async def put_runtime_management_config(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    document = {"UpdateRuntimeOn": request["UpdateRuntimeOn"]}
    pinned = request.get("RuntimeVersionArn")
    if (document["UpdateRuntimeOn"] == "Manual") != bool(pinned):
        raise invalid_parameter(
            "RuntimeVersionArn must be given when UpdateRuntimeOn is Manual, and only then."
        )
    if pinned:
        document["RuntimeVersionArn"] = pinned

    def change(conn: Connection) -> None:
        require_version(conn, wanted)
        facets.put(conn, Facet(*wanted.key, RUNTIME, wanted.qualifier or LATEST, document))

    await ctx.store.write(change)
    return {**document, "FunctionArn": wanted.arn_of(wanted.qualifier or LATEST)}


async def get_runtime_management_config(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    conn = ctx.store.read()
    record = require_version(conn, wanted)
    qualifier = wanted.qualifier or LATEST
    document = facets.get(conn, *wanted.key, RUNTIME, qualifier) or {"UpdateRuntimeOn": "Auto"}
    shown = {**document, "FunctionArn": wanted.arn_of(qualifier)}
    if document["UpdateRuntimeOn"] == "FunctionUpdate":
        shown["RuntimeVersionArn"] = runtime_version_arn(wanted.region, record.config.get("Runtime", ""))
    return shown


async def put_function_scaling_config(ctx: Context, request: Request) -> Request:
    wanted = _scalable(ctx, request)
    document = request.get("FunctionScalingConfig", {})
    least, most = document.get("MinExecutionEnvironments"), document.get("MaxExecutionEnvironments")
    if least is not None and most is not None and least > most:
        raise invalid_parameter("MinExecutionEnvironments must not be greater than MaxExecutionEnvironments.")

    def change(conn: Connection) -> Request:
        record = require_version(conn, wanted)
        facets.put(conn, Facet(*wanted.key, SCALING, wanted.qualifier or LATEST, document))
        return {"FunctionState": record.state}

    return await ctx.store.write(change)


async def get_function_scaling_config(ctx: Context, request: Request) -> Request:
    wanted = _scalable(ctx, request)
    conn = ctx.store.read()
    require_version(conn, wanted)
    # What is applied is not shown: there are no instances here on which it would be.
    return {
        "FunctionArn": wanted.qualified_arn,
        "RequestedFunctionScalingConfig": facets.get(conn, *wanted.key, SCALING, wanted.qualifier or LATEST),
    }


def _scalable(ctx: Context, request: Request) -> Target:
    return target(ctx, request["FunctionName"], request["Qualifier"])
