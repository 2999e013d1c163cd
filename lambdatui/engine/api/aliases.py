"""Aliases: names for versions, with a share for a second one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdatui.engine.api import paging, provisioned_concurrency
from lambdatui.engine.api.names import Target, require_function, unqualified
from lambdatui.engine.api.values import check_revision, new_revision, now_text
from lambdatui.engine.store import aliases, facets, versions
from lambdatui.engine.store.aliases import AliasRecord
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.facets import Facet
from lambdatui.engine.store.versions import LATEST
from lambdatui.engine.wire.errors import conflict, invalid_parameter, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]


async def create_alias(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])
    record = AliasRecord(
        *wanted.key,
        alias=request["Name"],
        version=request["FunctionVersion"],
        description=request.get("Description", ""),
        weights=_weights(request) or {},
        revision_id=new_revision(),
    )

    def change(conn: Connection) -> None:
        _check_versions(conn, wanted, record)
        if aliases.get(conn, *wanted.key, record.alias) is not None:
            raise conflict(f"Alias already exists: {wanted.arn_of(record.alias)}")
        aliases.put(conn, record)

    await ctx.store.write(change)
    ctx.engine.dispatch.forget(*wanted.key)
    return _render(record)


async def get_alias(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])
    record = aliases.get(ctx.store.read(), *wanted.key, request["Name"])
    if record is None:
        raise not_found(f"Cannot find alias arn: {wanted.arn_of(request['Name'])}")
    return _render(record)


async def list_aliases(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])
    conn = ctx.store.read()
    require_function(conn, wanted)
    found = aliases.of_function(
        conn,
        *wanted.key,
        version=request.get("FunctionVersion"),
        after=paging.start(request, ""),
        limit=paging.size(request) + 1,
    )
    return paging.answer(request, "Aliases", found, _render, lambda record: record.alias)


async def update_alias(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])
    given = _weights(request)

    def change(conn: Connection) -> tuple[AliasRecord, Facet | None]:
        present = aliases.get(conn, *wanted.key, request["Name"])
        if present is None:
            raise not_found(f"Alias not found: {wanted.arn_of(request['Name'])}")
        check_revision(request.get("RevisionId"), present.revision_id)
        updated = replace(
            present,
            version=request.get("FunctionVersion", present.version),
            description=request.get("Description", present.description),
            weights=present.weights if given is None else given,
            revision_id=new_revision(),
        )
        _check_versions(conn, wanted, updated)
        aliases.put(conn, updated)
        moved = updated.version != present.version
        return updated, provisioned_concurrency.restart(conn, updated, now_text(ctx)) if moved else None

    updated, restarted = await ctx.store.write(change)
    ctx.engine.dispatch.forget(*wanted.key)
    if restarted is not None:
        provisioned_concurrency.begin(ctx.engine, restarted)
    return _render(updated)


async def delete_alias(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])

    def change(conn: Connection) -> None:
        require_function(conn, wanted)
        if aliases.delete(conn, *wanted.key, request["Name"]):
            facets.delete_qualifier(conn, *wanted.key, request["Name"])

    await ctx.store.write(change)
    ctx.engine.dispatch.forget(*wanted.key)
    ctx.store.announce_all(*wanted.key)
    return {}


def _weights(request: Request) -> dict[str, float] | None:
    """The weights that a request gives; None when it says nothing about routing."""
    if "RoutingConfig" not in request:
        return None
    weights: dict[str, float] = request["RoutingConfig"].get("AdditionalVersionWeights", {})
    if len(weights) > 1:
        raise invalid_parameter("Number of items in AdditionalVersionWeights cannot be greater than 1")
    return weights


def _check_versions(conn: Connection, wanted: Target, record: AliasRecord) -> None:
    if record.weights and record.version == LATEST:
        raise invalid_parameter(
            "$LATEST is not supported for an alias pointing to more than 1 version", type=None
        )
    if record.version in record.weights:
        raise invalid_parameter(
            f"Invalid function version {record.version}. Function version {record.version} is already"
            " included in routing configuration."
        )
    for version in (record.version, *record.weights):
        if versions.get(conn, *wanted.key, version) is None:
            raise not_found(f"Function not found: {wanted.arn_of(version)}")


def _render(record: AliasRecord) -> Request:
    arn = f"arn:aws:lambda:{record.region}:{record.account}:function:{record.name}:{record.alias}"
    return {
        "AliasArn": arn,
        "Name": record.alias,
        "FunctionVersion": record.version,
        "Description": record.description,
        "RevisionId": record.revision_id,
        "RoutingConfig": {"AdditionalVersionWeights": record.weights} if record.weights else None,
    }
