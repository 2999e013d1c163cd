"""Recursion: whether a function may be part of a loop of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.names import (
    function_only,
    require_function,
)
from lambdatui.engine.store import facets
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.facets import Facet

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
KIND = "recursion"


async def put_function_recursion_config(ctx: Context, request: Request) -> Request:
    wanted = function_only(ctx, request["FunctionName"])
    document = {"RecursiveLoop": request["RecursiveLoop"]}

    def change(conn: Connection) -> None:
        require_function(conn, wanted)
        facets.put(conn, Facet(*wanted.key, KIND, "", document))

    await ctx.store.write(change)
    return document


async def get_function_recursion_config(ctx: Context, request: Request) -> Request:
    wanted = function_only(ctx, request["FunctionName"])
    conn = ctx.store.read()
    require_function(conn, wanted)
    return facets.get(conn, *wanted.key, KIND) or {"RecursiveLoop": "Terminate"}
