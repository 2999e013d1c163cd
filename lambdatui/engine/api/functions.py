"""Functions: create, read, list, update, delete."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdatui.engine.api import code_signing, packages, paging, publishing, states, strict
from lambdatui.engine.api.account_settings import charge
from lambdatui.engine.api.configuration import (
    defaults,
    merge,
    render,
    render_listed,
    with_layers,
)
from lambdatui.engine.api.names import (
    Target,
    function_only,
    require_function,
    require_version,
    target,
)
from lambdatui.engine.api.tag_rules import check_count
from lambdatui.engine.api.values import new_revision, now_text
from lambdatui.engine.store import aliases, facets, functions, tags, versions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.versions import LATEST, VersionRecord
from lambdatui.engine.wire.errors import ApiError, conflict, invalid_parameter, not_found, validation_text

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
NAME_LIMIT = 64


async def create_function(ctx: Context, request: Request) -> Request:
    wanted = _new_name(ctx, request["FunctionName"])
    kind = request.get("PackageType", "Zip")
    packages.check_source(kind, request)
    publishing.refuse_target(request)
    check_count(request.get("Tags", {}))
    merge(defaults(wanted.name, kind), request)  # refuses before anybody is asked and anything is kept
    request = await strict.check_function(ctx, request)
    package = await packages.keep(ctx, request["Code"])
    config = packages.with_image(merge(defaults(wanted.name, kind), request), package)
    await packages.check_together(ctx, package.sha256, request.get("Layers", ()))
    description = request.get("Description", "")
    record = states.created(
        VersionRecord(
            account=wanted.account,
            region=wanted.region,
            name=wanted.name,
            version=LATEST,
            config=config,
            description=description,
            code_sha256=package.sha256,
            code_size=package.size,
            fingerprint="",
            revision_id=new_revision(),
            modified=now_text(ctx),
        )
    )
    shown = await ctx.store.write(lambda conn: _insert(ctx, conn, record, request))
    for version in {LATEST, shown.version}:
        states.settle_later(ctx.engine, replace(shown, version=version))
    return render(shown)


def _new_name(ctx: Context, text: str) -> Target:
    wanted = function_only(ctx, text)
    if wanted.account != ctx.account:
        raise ApiError("AccessDeniedException", None, 403, type=None)
    if len(wanted.name) > NAME_LIMIT:
        error = (
            f"Value '{text}' at 'functionName' failed to satisfy constraint:"
            f" Member must have length less than or equal to {NAME_LIMIT}"
        )
        raise invalid_parameter(validation_text([error]))
    return wanted


def _insert(ctx: Context, conn: Connection, record: VersionRecord, request: Request) -> VersionRecord:
    """Make the function; the record that is answered, which is version 1 when it was published at once."""
    key = (record.account, record.region, record.name)
    if functions.exists(conn, *key):
        raise conflict(f"Function already exist: {record.name}")
    record = with_layers(conn, record, request)
    charge(ctx, conn, record, record.code_size)
    functions.insert(conn, *key)
    versions.put(conn, record)
    tags.put(conn, record.arn, request.get("Tags", {}))
    if arn := request.get("CodeSigningConfigArn"):
        code_signing.attach(conn, Target(*key), arn)
    return publishing.publish(ctx, conn, record).version if request.get("Publish") else record


async def get_function(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    conn = ctx.store.read()
    record = require_version(conn, wanted)
    reserved = facets.get(conn, *wanted.key, "concurrency")
    return {
        "Configuration": render(record, wanted.qualifier),
        "Code": _code(ctx, record),
        "Tags": tags.get(conn, record.arn) or None,
        "Concurrency": reserved,
    }


def _code(ctx: Context, record: VersionRecord) -> Request:
    """Where the code of a version can be had."""
    if record.package == "Image":
        return packages.image_location(record.config["ImageUri"], record.code_sha256)
    link = ctx.engine.code_links.grant(record.code_sha256)
    return {"RepositoryType": "S3", "Location": f"{ctx.url}/_code/{link}"}


async def list_functions(ctx: Context, request: Request) -> Request:
    conn, limit = ctx.store.read(), paging.size(request) + 1
    if request.get("FunctionVersion") == "ALL":
        after = paging.start(request, ("", -1))
        found = versions.all_versions(conn, ctx.account, ctx.region, after=after, limit=limit)
        return paging.answer(
            request,
            "Functions",
            found,
            lambda record: render_listed(record, record.version),
            lambda record: (record.name, record.number),
        )
    found = versions.latest_of_all(
        conn, ctx.account, ctx.region, after=paging.start(request, ""), limit=limit
    )
    return paging.answer(request, "Functions", found, render_listed, lambda record: record.name)


async def delete_function(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    qualifier = wanted.qualifier
    if qualifier == LATEST:
        raise invalid_parameter("$LATEST version cannot be deleted without deleting the function.")
    if qualifier is not None and not qualifier.isdigit() and "$" not in qualifier:
        raise invalid_parameter("Deletion of aliases is not currently supported.")

    def change(conn: Connection) -> None:
        require_function(conn, wanted)
        if qualifier is None:
            functions.delete(conn, *wanted.key)
            tags.delete(conn, wanted.arn)
        elif qualifier.isdigit():
            _delete_version(conn, wanted, qualifier)
        else:
            raise not_found(f"Function not found: {wanted.arn}")

    await ctx.store.write(change)
    ctx.engine.dispatch.forget(*wanted.key)
    ctx.store.announce_all(*wanted.key)
    return {}


def _delete_version(conn: Connection, wanted: Target, version: str) -> None:
    naming = aliases.naming(conn, *wanted.key, version)
    if naming:
        raise conflict(
            f"Unable to delete version because the following aliases reference it: [{', '.join(naming)}]"
        )
    versions.delete(conn, *wanted.key, version)
    facets.delete_qualifier(conn, *wanted.key, version)
