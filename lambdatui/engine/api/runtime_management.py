"""Runtime management: when a function gets a newer runtime. Kept and shown; runtimes are the machine's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.names import (
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
KIND = "runtime-management"


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
        facets.put(conn, Facet(*wanted.key, KIND, wanted.qualifier or LATEST, document))

    await ctx.store.write(change)
    return {**document, "FunctionArn": wanted.arn_of(wanted.qualifier or LATEST)}


async def get_runtime_management_config(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    conn = ctx.store.read()
    record = require_version(conn, wanted)
    qualifier = wanted.qualifier or LATEST
    document = facets.get(conn, *wanted.key, KIND, qualifier) or {"UpdateRuntimeOn": "Auto"}
    shown = {**document, "FunctionArn": wanted.arn_of(qualifier)}
    if document["UpdateRuntimeOn"] == "FunctionUpdate":
        shown["RuntimeVersionArn"] = runtime_version_arn(wanted.region, record.config.get("Runtime", ""))
    return shown
