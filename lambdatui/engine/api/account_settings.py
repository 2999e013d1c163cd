"""The account's limits and how much of them is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.packages import UNZIPPED_LIMIT, ZIPPED_LIMIT
from lambdatui.engine.store import facets, functions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.layers import LayerRecord
from lambdatui.engine.store.versions import VersionRecord
from lambdatui.engine.wire.errors import ApiError

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


def charge(ctx: Context, conn: Connection, where: VersionRecord | LayerRecord, size: int) -> None:
    """Count code towards the account's storage, or refuse it."""
    if not ctx.store.code_usage.fits(conn, where.account, where.region, size, CODE_STORAGE):
        raise ApiError("CodeStorageExceededException", "Code storage limit exceeded.")


async def get_account_settings(ctx: Context, request: dict[str, Any]) -> dict[str, Any]:
    return await ctx.store.main.scan(lambda conn: _settings(conn, ctx.account, ctx.region))


def _settings(conn: Connection, account: str, region: str) -> dict[str, Any]:
    return {
        "AccountLimit": {
            "TotalCodeSize": CODE_STORAGE,
            "CodeSizeUnzipped": UNZIPPED_LIMIT,
            "CodeSizeZipped": ZIPPED_LIMIT,
            "ConcurrentExecutions": CONCURRENCY,
            "UnreservedConcurrentExecutions": unreserved(conn, account, region),
        },
        "AccountUsage": {
            "TotalCodeSize": functions.code_bytes(conn, account, region),
            "FunctionCount": functions.count(conn, account, region),
        },
    }
