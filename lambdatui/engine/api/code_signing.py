"""Code signing: configs are kept and shown; packages of this engine carry no signatures to check."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from lambdatui.engine.api import paging
from lambdatui.engine.api.names import Target, require_function, unqualified
from lambdatui.engine.api.tag_rules import check_count
from lambdatui.engine.api.values import now_text
from lambdatui.engine.store import documents, facets, tags
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.documents import Document
from lambdatui.engine.store.facets import Facet
from lambdatui.engine.wire.errors import ApiError, conflict

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
CONFIG, LINK = "code-signing-config", "code-signing"
_ALPHABET = string.ascii_lowercase + string.digits


async def create_code_signing_config(ctx: Context, request: Request) -> Request:
    id_ = "csc-" + "".join(secrets.choice(_ALPHABET) for _ in range(17))
    arn = f"arn:aws:lambda:{ctx.region}:{ctx.account}:code-signing-config:{id_}"
    check_count(request.get("Tags", {}))
    config = {
        "CodeSigningConfigId": id_,
        "CodeSigningConfigArn": arn,
        "Description": request.get("Description", ""),
        "AllowedPublishers": request["AllowedPublishers"],
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"}
        | request.get("CodeSigningPolicies", {}),
        "LastModified": now_text(ctx),
    }

    def change(conn: Connection) -> None:
        documents.put(conn, Document(ctx.account, ctx.region, CONFIG, id_, "", config))
        tags.put(conn, arn, request.get("Tags", {}))

    await ctx.store.write(change)
    return {"CodeSigningConfig": config}


async def get_code_signing_config(ctx: Context, request: Request) -> Request:
    return {"CodeSigningConfig": _require(ctx.store.read(), request["CodeSigningConfigArn"]).document}


async def list_code_signing_configs(ctx: Context, request: Request) -> Request:
    found = documents.of_kind(
        ctx.store.read(),
        ctx.account,
        ctx.region,
        CONFIG,
        after=paging.start(request, ""),
        limit=paging.size(request) + 1,
    )
    return paging.answer(
        request, "CodeSigningConfigs", found, lambda entry: entry.document, lambda entry: entry.id
    )


async def update_code_signing_config(ctx: Context, request: Request) -> Request:
    def change(conn: Connection) -> Request:
        entry = _require(conn, request["CodeSigningConfigArn"])
        given: Request = {
            member: request[member]
            for member in ("Description", "AllowedPublishers", "CodeSigningPolicies")
            if member in request
        }
        if given:
            entry.document.update({**given, "LastModified": now_text(ctx)})
            documents.put(conn, entry)
        return entry.document

    return {"CodeSigningConfig": await ctx.store.write(change)}


async def delete_code_signing_config(ctx: Context, request: Request) -> Request:
    arn = request["CodeSigningConfigArn"]

    def change(conn: Connection) -> None:
        entry = _require(conn, arn)
        if _users(conn, entry):
            raise conflict(f"The code signing configuration {arn} is used by at least one function.")
        documents.delete(conn, entry.account, entry.region, CONFIG, entry.id)
        tags.delete(conn, arn)

    await ctx.store.write(change)
    return {}


async def list_functions_by_code_signing_config(ctx: Context, request: Request) -> Request:
    conn = ctx.store.read()
    users = _users(conn, _require(conn, request["CodeSigningConfigArn"]))
    return paging.cut(request, "FunctionArns", users, lambda arn: arn, lambda arn: arn)


async def put_function_code_signing_config(ctx: Context, request: Request) -> Request:
    arn = request["CodeSigningConfigArn"]
    wanted = unqualified(ctx, request["FunctionName"])

    def change(conn: Connection) -> None:
        if _find(conn, arn) is not None:
            require_function(conn, wanted)
        attach(conn, wanted, arn)

    await ctx.store.write(change)
    return {"CodeSigningConfigArn": arn, "FunctionName": wanted.name}


async def get_function_code_signing_config(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])
    conn = ctx.store.read()
    require_function(conn, wanted)
    link = facets.get(conn, *wanted.key, LINK)
    return {**link, "FunctionName": wanted.name} if link else {}


async def delete_function_code_signing_config(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])

    def change(conn: Connection) -> None:
        require_function(conn, wanted)
        facets.delete(conn, *wanted.key, LINK)

    await ctx.store.write(change)
    return {}


def attach(conn: Connection, wanted: Target, arn: str) -> None:
    """Attach a config, which must exist, to a function."""
    if _find(conn, arn) is None:
        raise ApiError(
            "CodeSigningConfigNotFoundException",
            "The code signing configuration cannot be found."
            f" Check that the provided configuration is not deleted: {arn}.",
        )
    facets.put(conn, Facet(*wanted.key, LINK, "", {"CodeSigningConfigArn": arn}))


def _find(conn: Connection, arn: str) -> Document | None:
    parts = arn.split(":")
    return documents.get(conn, parts[4], parts[3], CONFIG, parts[-1])


def _require(conn: Connection, arn: str) -> Document:
    entry = _find(conn, arn)
    if entry is None:
        raise ApiError(
            "ResourceNotFoundException",
            f"The Lambda code signing configuration {arn} can not be found.",
            type=None,
        )
    return entry


def _users(conn: Connection, entry: Document) -> list[str]:
    """The ARNs of the functions that a config is attached to."""
    arn = entry.document["CodeSigningConfigArn"]
    return [
        Target(facet.account, facet.region, facet.name).arn
        for facet in facets.of_kind(conn, LINK, entry.account, entry.region)
        if facet.document["CodeSigningConfigArn"] == arn
    ]
