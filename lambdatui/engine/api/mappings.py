"""Event source mappings as resources. What reads the sources watches the store's ``mapping`` kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lambdatui.engine.api import mapping_rules as rules
from lambdatui.engine.api import paging, strict
from lambdatui.engine.api.background import after_settling
from lambdatui.engine.api.names import Target, target
from lambdatui.engine.api.tag_rules import check_count
from lambdatui.engine.store import checkpoints, documents, tags, versions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.documents import Document
from lambdatui.engine.wire.errors import conflict, invalid_parameter, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context
    from lambdatui.engine.engine import Engine

Request = dict[str, Any]
KIND = "mapping"
NOTHING = "The resource you requested does not exist."
_PAGE = 100
# Where a mapping goes by itself; Updating goes back to where it was.
_NEXT = {"Creating": "Enabled", "Enabling": "Enabled", "Disabling": "Disabled"}


async def create_event_source_mapping(ctx: Context, request: Request) -> Request:
    kind, uuid = rules.kind_of(request), str(uuid4())
    rules.check_new(kind, request)
    members = _merge(rules.defaults(kind, uuid), request)
    rules.check(kind, request, members)
    check_count(request.get("Tags", {}))
    members |= {
        "UUID": uuid,
        "EventSourceMappingArn": f"arn:aws:lambda:{ctx.region}:{ctx.account}:event-source-mapping:{uuid}",
        "State": "Creating" if request.get("Enabled", True) else "Disabled",
        "StateTransitionReason": rules.initiator(kind),
        "LastModified": ctx.clock.now(),
    }
    wanted = target(ctx, request["FunctionName"])
    await _check_source(ctx, kind, wanted, members)

    def change(conn: Connection) -> Document:
        members["FunctionArn"] = _function_arn(conn, wanted)
        entry = Document(ctx.account, ctx.region, KIND, uuid, rules.source_key(kind, members), members)
        for other in documents.of_kind(conn, ctx.account, ctx.region, KIND, owner=entry.owner):
            if other.document["FunctionArn"] == members["FunctionArn"]:
                raise conflict(rules.duplicate_text(kind, members, members["FunctionArn"], other.id))
        documents.put(conn, entry)
        tags.put(conn, members["EventSourceMappingArn"], request.get("Tags", {}))
        return entry

    entry = await ctx.store.write(change)
    _settle_later(ctx.engine, entry)
    return entry.document


async def _check_source(ctx: Context, kind: rules.Kind, wanted: Target, members: Request) -> None:
    found = versions.get_version(ctx.store.read(), *wanted.key, wanted.qualifier)
    if found is not None and (arn := members.get("EventSourceArn")):
        await strict.check_source(ctx, kind, arn, found.config["Timeout"])


async def get_event_source_mapping(ctx: Context, request: Request) -> Request:
    return _require(ctx.store.read(), ctx, request).document


async def list_event_source_mappings(ctx: Context, request: Request) -> Request:
    source, name = request.get("EventSourceArn"), request.get("FunctionName")
    found = documents.of_kind(ctx.store.read(), ctx.account, ctx.region, KIND, owner=source)
    if name is not None:
        wanted = target(ctx, name)
        found = [entry for entry in found if _is_for(entry.document["FunctionArn"], wanted)]
    return paging.cut(
        request,
        "EventSourceMappings",
        found,
        lambda entry: _listed(entry.document),
        lambda entry: entry.id,
        _PAGE,
    )


def _listed(document: Request) -> Request:
    """Lists do not decrypt: filters under a customer's key are told by Get only."""
    if "KMSKeyArn" not in document:
        return document
    return {name: value for name, value in document.items() if name != "FilterCriteria"}


async def update_event_source_mapping(ctx: Context, request: Request) -> Request:
    name = request.get("FunctionName")
    wanted = None if name is None else target(ctx, name)
    known = _require(ctx.store.read(), ctx, request).document
    runs = wanted or target(ctx, known["FunctionArn"])
    await _check_source(ctx, rules.kind_of(known), runs, _merge(known, request))

    def change(conn: Connection) -> Document:
        entry = _require(conn, ctx, request)
        kind, merged = rules.kind_of(entry.document), _merge(entry.document, request)
        rules.check(kind, request, merged)
        if wanted is not None:
            merged["FunctionArn"] = _function_arn(conn, wanted)
        merged |= _moving(entry.document, request)
        merged |= {"StateTransitionReason": rules.initiator(kind), "LastModified": ctx.clock.now()}
        changed = replace(entry, document=merged)
        documents.put(conn, changed)
        return changed

    entry = await ctx.store.write(change)
    _settle_later(ctx.engine, entry)
    return entry.document


async def delete_event_source_mapping(ctx: Context, request: Request) -> Request:
    def change(conn: Connection) -> Document:
        entry = _require(conn, ctx, request)
        leaving = replace(entry, document={**entry.document, "State": "Deleting"})
        documents.put(conn, leaving)
        return leaving

    entry = await ctx.store.write(change)
    _settle_later(ctx.engine, entry)
    return entry.document


def _merge(present: Request, request: Request) -> Request:
    """The mapping with what a request says about it: what is empty is taken away, times are seconds."""
    merged = {**present, **{member: request[member] for member in rules.KEPT if member in request}}
    if not merged.get("FilterCriteria", {}).get("Filters"):
        merged.pop("FilterCriteria", None)
    for member in rules.EMPTIED:
        if not merged.get(member):
            merged.pop(member, None)
    if isinstance(moment := request.get("StartingPositionTimestamp"), datetime):
        merged["StartingPositionTimestamp"] = moment.timestamp()
    return merged


def _moving(present: Request, request: Request) -> Request:
    """The state an update goes through, and the one it ends in."""
    enabled = present.get("Settles", present["State"]) in ("Enabled", "Creating", "Enabling")
    wanted = request.get("Enabled", enabled)
    end, way = ("Enabled", "Enabling") if wanted else ("Disabled", "Disabling")
    return {"State": way if wanted != enabled else "Updating", "Settles": end}


def _function_arn(conn: Connection, wanted: Target) -> str:
    """The function as it was named; 400, not 404, when it is not there."""
    if versions.get_version(conn, *wanted.key, wanted.qualifier) is None:
        raise invalid_parameter("Function does not exist")
    return wanted.qualified_arn


def _is_for(arn: str, wanted: Target) -> bool:
    """Whether a mapping's function is the one asked for; a bare name stands for all its qualifiers."""
    if wanted.qualifier is not None:
        return arn == wanted.qualified_arn
    return arn == wanted.arn or arn.startswith(f"{wanted.arn}:")


def _require(conn: Connection, ctx: Context, request: Request) -> Document:
    entry = documents.get(conn, ctx.account, ctx.region, KIND, request["UUID"])
    if entry is None:
        raise not_found(NOTHING)
    return entry


def resume(engine: Engine) -> None:
    """Finish what was under way when the engine ended."""
    for entry in documents.everywhere(engine.store.read(), KIND):
        if entry.document["State"] not in ("Enabled", "Disabled"):
            _settle_later(engine, entry)


def _settle_later(engine: Engine, seen: Document) -> None:
    key = (seen.account, seen.region, KIND, seen.id)

    def change(conn: Connection) -> None:
        present = documents.get(conn, *key)
        if present is None or present.document["State"] != seen.document["State"]:
            return
        if present.document["State"] == "Deleting":
            documents.delete(conn, *key)
            checkpoints.forget(conn, seen.id)
            tags.delete(conn, present.document["EventSourceMappingArn"])
        else:
            documents.put(conn, replace(present, document=_settled(present.document)))

    async def settle() -> None:
        await engine.sources.released(seen.id)
        await engine.store.write(change)
        engine.store.announce(KIND, seen.account, seen.region, seen.id)

    engine.store.announce(KIND, seen.account, seen.region, seen.id)
    if seen.document["State"] not in ("Enabled", "Disabled"):
        after_settling(engine, settle)


def _settled(document: Request) -> Request:
    state = document.get("Settles") or _NEXT.get(document["State"], "Enabled")
    settled = {**document, "State": state}
    settled.pop("Settles", None)
    reason = rules.unpolled(rules.kind_of(document))
    if reason is not None:
        settled |= {"State": "Disabled", "StateTransitionReason": reason}
    return settled
