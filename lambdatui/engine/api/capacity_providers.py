"""Capacity providers: kept and shown. This engine has no instances of its own to run functions on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdatui.engine.api import paging
from lambdatui.engine.api.background import after_settling
from lambdatui.engine.api.tag_rules import check_count
from lambdatui.engine.api.values import now_text
from lambdatui.engine.store import documents, tags, versions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.documents import Document
from lambdatui.engine.wire.errors import conflict, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context
    from lambdatui.engine.engine import Engine

Request = dict[str, Any]
KIND = "capacity-provider"
_GIVEN = ("VpcConfig", "PermissionsConfig", "InstanceRequirements", "KmsKeyArn")
_CHANGEABLE = ("CapacityProviderScalingConfig", "PropagateTags", "TelemetryConfig")


async def create_capacity_provider(ctx: Context, request: Request) -> Request:
    name = _name(request)
    arn = f"arn:aws:lambda:{ctx.region}:{ctx.account}:capacity-provider:{name}"
    check_count(request.get("Tags", {}))
    provider = {member: request[member] for member in (*_GIVEN, *_CHANGEABLE) if member in request}
    provider |= {"CapacityProviderArn": arn, "State": "Pending", "LastModified": now_text(ctx)}
    entry = Document(ctx.account, ctx.region, KIND, name, "", provider)

    def change(conn: Connection) -> None:
        if documents.get(conn, ctx.account, ctx.region, KIND, name) is not None:
            raise conflict(f"Capacity provider already exists: {arn}")
        documents.put(conn, entry)
        tags.put(conn, arn, request.get("Tags", {}))

    await ctx.store.write(change)
    _settle_later(ctx.engine, entry)
    return {"CapacityProvider": provider}


async def get_capacity_provider(ctx: Context, request: Request) -> Request:
    return {"CapacityProvider": _require(ctx.store.read(), ctx, request).document}


async def list_capacity_providers(ctx: Context, request: Request) -> Request:
    state = request.get("State")
    found = documents.of_kind(ctx.store.read(), ctx.account, ctx.region, KIND)
    return paging.cut(
        request,
        "CapacityProviders",
        [entry for entry in found if state in (None, entry.document["State"])],
        lambda entry: entry.document,
        lambda entry: entry.id,
    )


async def update_capacity_provider(ctx: Context, request: Request) -> Request:
    def change(conn: Connection) -> Document:
        entry = _require(conn, ctx, request)
        given = {member: request[member] for member in _CHANGEABLE if member in request}
        changed = replace(entry, document={**entry.document, **given, "LastModified": now_text(ctx)})
        documents.put(conn, changed)
        return changed

    return {"CapacityProvider": (await ctx.store.write(change)).document}


async def delete_capacity_provider(ctx: Context, request: Request) -> Request:
    def change(conn: Connection) -> Document:
        entry = _require(conn, ctx, request)
        if _bound(conn, entry):
            raise conflict("The capacity provider is used by at least one function version.")
        leaving = replace(entry, document={**entry.document, "State": "Deleting"})
        documents.put(conn, leaving)
        return leaving

    entry = await ctx.store.write(change)
    _settle_later(ctx.engine, entry)
    return {"CapacityProvider": entry.document}


async def list_function_versions_by_capacity_provider(ctx: Context, request: Request) -> Request:
    conn = ctx.store.read()
    entry = _require(conn, ctx, request)
    page = paging.cut(
        request, "FunctionVersions", _bound(conn, entry), lambda item: item, lambda item: item["FunctionArn"]
    )
    return {"CapacityProviderArn": entry.document["CapacityProviderArn"], **page}


def resume(engine: Engine) -> None:
    """Finish what was under way when the engine ended."""
    for entry in documents.everywhere(engine.store.read(), KIND):
        if entry.document["State"] in ("Pending", "Deleting"):
            _settle_later(engine, entry)


def _settle_later(engine: Engine, seen: Document) -> None:
    def change(conn: Connection) -> None:
        present = documents.get(conn, seen.account, seen.region, KIND, seen.id)
        if present is None:
            return
        if present.document["State"] == "Deleting":
            documents.delete(conn, seen.account, seen.region, KIND, seen.id)
            tags.delete(conn, present.document["CapacityProviderArn"])
        elif present.document["State"] == "Pending":
            documents.put(conn, replace(present, document={**present.document, "State": "Active"}))

    after_settling(engine, lambda: engine.store.write(change))


def _name(request: Request) -> str:
    return str(request["CapacityProviderName"]).rpartition(":")[2]


def _require(conn: Connection, ctx: Context, request: Request) -> Document:
    name = _name(request)
    entry = documents.get(conn, ctx.account, ctx.region, KIND, name)
    if entry is None:
        arn = f"arn:aws:lambda:{ctx.region}:{ctx.account}:capacity-provider:{name}"
        raise not_found(f"Capacity provider not found: {arn}")
    return entry


def _bound(conn: Connection, entry: Document) -> list[Request]:
    """The function versions that name a provider."""
    arn = entry.document["CapacityProviderArn"]
    return [
        {"FunctionArn": f"{record.arn}:{record.version}", "State": record.state}
        for record in versions.all_versions(conn, entry.account, entry.region)
        if arn in _provider_of(record.config)
    ]


def _provider_of(config: Request) -> str:
    inner = config.get("CapacityProviderConfig", {}).get("LambdaManagedInstancesCapacityProviderConfig", {})
    return str(inner.get("CapacityProviderArn", ""))
