"""The account's limits and how much of them is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.packages import UNZIPPED_LIMIT, ZIPPED_LIMIT
from lambdatui.engine.store import facets, functions
from lambdatui.engine.store.database import Connection

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

CODE_STORAGE = 80_530_636_800
CONCURRENCY = 1000
UNRESERVED_MINIMUM = 100


def unreserved(conn: Connection, account: str, region: str, *, without: str | None = None) -> int:
    """What the functions (all but ``without``) have left unreserved of the account's concurrency."""
    reserved = facets.of_kind(conn, "concurrency", account, region)
    return CONCURRENCY - sum(
        int(facet.document["ReservedConcurrentExecutions"]) for facet in reserved if facet.name != without
    )


async def get_account_settings(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    conn = ctx.store.read()
    return {
        "AccountLimit": {
            "TotalCodeSize": CODE_STORAGE,
            "CodeSizeUnzipped": UNZIPPED_LIMIT,
            "CodeSizeZipped": ZIPPED_LIMIT,
            "ConcurrentExecutions": CONCURRENCY,
            "UnreservedConcurrentExecutions": unreserved(conn, ctx.account, ctx.region),
        },
        "AccountUsage": {
            "TotalCodeSize": functions.code_bytes(conn, ctx.account, ctx.region),
            "FunctionCount": functions.count(conn, ctx.account, ctx.region),
        },
    }
