"""The account's limits and how much of them is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.packages import UNZIPPED_LIMIT, ZIPPED_LIMIT
from lambdatui.engine.store import facets, functions

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

CODE_STORAGE = 80_530_636_800
CONCURRENCY = 1000


def reserved_total(ctx: Context) -> int:
    """What all functions together have reserved of the account's concurrency."""
    found = facets.of_kind(ctx.store.read(), "concurrency", ctx.account, ctx.region)
    return sum(int(facet.document["ReservedConcurrentExecutions"]) for facet in found)


async def get_account_settings(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    conn = ctx.store.read()
    return {
        "AccountLimit": {
            "TotalCodeSize": CODE_STORAGE,
            "CodeSizeUnzipped": UNZIPPED_LIMIT,
            "CodeSizeZipped": ZIPPED_LIMIT,
            "ConcurrentExecutions": CONCURRENCY,
            "UnreservedConcurrentExecutions": CONCURRENCY - reserved_total(ctx),
        },
        "AccountUsage": {
            "TotalCodeSize": functions.code_bytes(conn, ctx.account, ctx.region),
            "FunctionCount": functions.count(conn, ctx.account, ctx.region),
        },
    }
