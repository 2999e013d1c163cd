"""Function URLs: their configuration."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from lambdatui.engine.api import paging
from lambdatui.engine.api.names import Target, target, unqualified
from lambdatui.engine.api.values import now_text
from lambdatui.engine.store import aliases, facets, functions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.facets import Facet
from lambdatui.engine.wire.errors import ApiError, conflict, not_found, validation

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
KIND = "url"
NO_FUNCTION = "Function does not exist"
NOTHING = "The resource you requested does not exist."
_MEMBERS = ("AuthType", "Cors", "InvokeMode")
_QUALIFIER_PATTERN = r"((?!^\d+$)^[0-9a-zA-Z-_]+$)"
_ALPHABET = string.ascii_lowercase + string.digits


async def create_function_url_config(ctx: Context, request: Request) -> Request:
    wanted = _target(ctx, request)
    document = {member: request[member] for member in _MEMBERS if member in request}
    created = now_text(ctx)
    document |= {
        "UrlId": "".join(secrets.choice(_ALPHABET) for _ in range(32)),
        "CreationTime": created,
        "LastModifiedTime": created,
    }

    def change(conn: Connection) -> None:
        _require_target(conn, wanted)
        if _get(conn, wanted) is not None:
            raise conflict(
                f"Failed to create function url config for [functionArn = {wanted.qualified_arn}]."
                " Error message:  FunctionUrlConfig exists for this Lambda function"
            )
        facets.put(conn, Facet(*wanted.key, KIND, wanted.qualifier or "", document))

    await ctx.store.write(change)
    ctx.store.announce(KIND, *wanted.key)
    shown = _render(ctx, wanted, document)
    shown.pop("LastModifiedTime")
    return {**shown, "InvokeMode": request.get("InvokeMode")}


async def get_function_url_config(ctx: Context, request: Request) -> Request:
    wanted = _target(ctx, request)
    document = _get(ctx.store.read(), wanted)
    if document is None:
        raise not_found(NOTHING)
    return _render(ctx, wanted, document)


async def update_function_url_config(ctx: Context, request: Request) -> Request:
    wanted = _target(ctx, request)

    def change(conn: Connection) -> Request:
        _require_target(conn, wanted)
        document = _get(conn, wanted)
        if document is None:
            raise not_found(NOTHING)
        document |= {member: request[member] for member in _MEMBERS if member in request}
        document["LastModifiedTime"] = now_text(ctx)
        facets.put(conn, Facet(*wanted.key, KIND, wanted.qualifier or "", document))
        return document

    document = await ctx.store.write(change)
    ctx.store.announce(KIND, *wanted.key)
    return {**_render(ctx, wanted, document), "InvokeMode": request.get("InvokeMode")}


async def delete_function_url_config(ctx: Context, request: Request) -> Request:
    wanted = _target(ctx, request)

    def change(conn: Connection) -> None:
        if not facets.delete(conn, *wanted.key, KIND, wanted.qualifier or ""):
            raise not_found(NOTHING)

    await ctx.store.write(change)
    ctx.store.announce(KIND, *wanted.key)
    return {}


async def list_function_url_configs(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])
    conn = ctx.store.read()
    if not functions.exists(conn, *wanted.key):
        raise not_found(NO_FUNCTION)
    return paging.cut(
        request,
        "FunctionUrlConfigs",
        facets.of_function(conn, *wanted.key, KIND),
        lambda facet: _render(ctx, Target(*wanted.key, facet.qualifier or None), facet.document),
        lambda facet: facet.qualifier or "$",
    )


def _target(ctx: Context, request: Request) -> Target:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    qualifier = wanted.qualifier
    if qualifier is not None and (qualifier.isdigit() or "$" in qualifier):
        raise _not_an_alias(qualifier)
    return wanted


def _not_an_alias(qualifier: str) -> ApiError:
    return validation(
        [
            f"Value '{qualifier}' at 'qualifier' failed to satisfy constraint:"
            f" Member must satisfy regular expression pattern: {_QUALIFIER_PATTERN}"
        ]
    )


def _require_target(conn: Connection, wanted: Target) -> None:
    found = functions.exists(conn, *wanted.key)
    if found and wanted.qualifier is not None:
        found = aliases.get(conn, *wanted.key, wanted.qualifier) is not None
    if not found:
        raise not_found(NO_FUNCTION)


def _get(conn: Connection, wanted: Target) -> Request | None:
    return facets.get(conn, *wanted.key, KIND, wanted.qualifier or "")


def _render(ctx: Context, wanted: Target, document: Request) -> Request:
    return {
        "InvokeMode": "BUFFERED",
        **document,
        "FunctionUrl": ctx.engine.front.url_of(document["UrlId"]),
        "FunctionArn": wanted.qualified_arn,
    }
