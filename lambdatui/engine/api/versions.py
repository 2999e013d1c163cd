"""Published versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api import paging, publishing, states
from lambdatui.engine.api.configuration import render, render_listed
from lambdatui.engine.api.names import require_function, require_latest, unqualified
from lambdatui.engine.api.values import check_revision
from lambdatui.engine.store import versions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.versions import VersionRecord
from lambdatui.engine.wire.errors import invalid_parameter

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]


async def publish_version(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])
    publishing.refuse_target(request)

    def change(conn: Connection) -> VersionRecord:
        latest = require_latest(conn, wanted)
        check_revision(request.get("RevisionId"), latest.revision_id)
        _check_code(request.get("CodeSha256"), latest.code_sha256)
        states.refuse_unsettled(latest)
        return publishing.publish(ctx, conn, latest, request.get("Description")).version

    published = await ctx.store.write(change)
    return render(published, published.version)


def _check_code(given: str | None, actual: str) -> None:
    if given and given != actual:
        raise invalid_parameter(
            f"CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({actual})."
            " Please try again with the CodeSHA256 in $LATEST."
        )


async def list_versions_by_function(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])
    conn = ctx.store.read()
    require_function(conn, wanted)
    after = paging.start(request, -1)
    found = versions.of_function(conn, *wanted.key, after=after, limit=paging.size(request) + 1)
    return paging.answer(
        request,
        "Versions",
        found,
        lambda record: render_listed(record, record.version),
        lambda record: record.number,
    )
