"""Tags of functions, event source mappings, code signing configs and capacity providers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdatui.engine.api.names import Target, require_latest
from lambdatui.engine.api.tag_rules import check_count
from lambdatui.engine.api.values import new_revision
from lambdatui.engine.store import documents, tags, versions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.wire.errors import ApiError, invalid_parameter, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
Tags = dict[str, str]

# By the kind that an ARN names: the kind of document, and what is said when there is none.
_DOCUMENTS = {
    "event-source-mapping": ("mapping", "Event source mapping not found: {}"),
    "capacity-provider": ("capacity-provider", "Capacity provider not found: {}"),
    "code-signing-config": (
        "code-signing-config",
        "The Lambda code signing configuration {} can not be found.",
    ),
}


async def tag_resource(ctx: Context, request: Request) -> Request:
    given: Tags = request["Tags"]
    if not given:
        raise invalid_parameter("An error occurred and the request cannot be processed.")

    def merge(present: Tags) -> Tags:
        merged = {**present, **given}
        check_count(merged)
        return merged

    check_count(given)
    await ctx.store.write(lambda conn: _change(conn, request["Resource"], merge))
    return {}


async def untag_resource(ctx: Context, request: Request) -> Request:
    gone = set(request["TagKeys"])

    def drop(present: Tags) -> Tags:
        return {key: value for key, value in present.items() if key not in gone}

    await ctx.store.write(lambda conn: _change(conn, request["Resource"], drop))
    return {}


async def list_tags(ctx: Context, request: Request) -> Request:
    conn, arn = ctx.store.read(), request["Resource"]
    _require(conn, arn)
    return {"Tags": tags.get(conn, arn)}


def _change(conn: Connection, arn: str, change: Callable[[Tags], Tags]) -> None:
    _require(conn, arn)
    tags.put(conn, arn, change(tags.get(conn, arn)))
    if (function := _function(arn)) is not None:
        latest = require_latest(conn, function)
        versions.put(conn, replace(latest, revision_id=new_revision()))


def _function(arn: str) -> Target | None:
    parts = arn.split(":")
    return Target(parts[4], parts[3], parts[6]) if parts[5] == "function" else None


def _require(conn: Connection, arn: str) -> None:
    """404 unless there is something with this ARN that can have tags."""
    parts = arn.split(":")
    if parts[5] == "function":
        if len(parts) > 7:
            raise invalid_parameter(
                "Tags on function aliases and versions are not supported. Please specify a function ARN."
            )
        require_latest(conn, Target(parts[4], parts[3], parts[6]))
        return
    if parts[5] not in _DOCUMENTS:
        raise invalid_parameter(f"Tags on {parts[5]} resources are not supported.")
    kind, sentence = _DOCUMENTS[parts[5]]
    if documents.get(conn, parts[4], parts[3], kind, parts[6]) is None:
        if kind == "code-signing-config":
            raise ApiError("ResourceNotFoundException", sentence.format(arn), type=None)
        raise not_found(sentence.format(arn))
