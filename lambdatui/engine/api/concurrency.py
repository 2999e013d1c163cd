"""Reserved concurrency: a share of the account's that a function keeps, and its ceiling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.account_settings import UNRESERVED_MINIMUM, unreserved
from lambdatui.engine.api.names import function_only, require_function
from lambdatui.engine.store import facets, functions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.facets import Facet
from lambdatui.engine.wire.errors import invalid_parameter, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
KIND = "concurrency"


async def put_function_concurrency(ctx: Context, request: Request) -> Request:
    wanted = function_only(ctx, request["FunctionName"])
    document = {"ReservedConcurrentExecutions": request["ReservedConcurrentExecutions"]}

    def change(conn: Connection) -> None:
        if not functions.exists(conn, *wanted.key):
            raise not_found(f"Function not found: {wanted.arn}:$LATEST")
        facet = Facet(*wanted.key, KIND, "", document)
        _check(conn, facet)
        facets.put(conn, facet)

    await ctx.store.write(change)
    ctx.engine.dispatch.forget(*wanted.key)
    return document


def _check(conn: Connection, facet: Facet) -> None:
    asked = int(facet.document["ReservedConcurrentExecutions"])
    left = unreserved(conn, facet.account, facet.region, without=facet.name) - asked
    if asked and left < UNRESERVED_MINIMUM:
        raise invalid_parameter(
            "Specified ReservedConcurrentExecutions for function decreases account's"
            f" UnreservedConcurrentExecution below its minimum value of [{UNRESERVED_MINIMUM}].",
            type=None,
        )
    provisioned = sum(
        int(other.document["RequestedProvisionedConcurrentExecutions"])
        for other in facets.of_function(conn, facet.account, facet.region, facet.name, "provisioned")
    )
    if asked < provisioned:
        raise invalid_parameter(
            f" ReservedConcurrentExecutions  {asked} should not be lower than function's total provisioned"
            f" concurrency [{provisioned}].",
            type=None,
        )


async def get_function_concurrency(ctx: Context, request: Request) -> Request:
    wanted = function_only(ctx, request["FunctionName"])
    conn = ctx.store.read()
    require_function(conn, wanted)
    return facets.get(conn, *wanted.key, KIND) or {}


async def delete_function_concurrency(ctx: Context, request: Request) -> Request:
    wanted = function_only(ctx, request["FunctionName"])

    def change(conn: Connection) -> None:
        require_function(conn, wanted)
        facets.delete(conn, *wanted.key, KIND)

    await ctx.store.write(change)
    ctx.engine.dispatch.forget(*wanted.key)
    return {}
