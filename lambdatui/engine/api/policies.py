"""Resource policies of functions, versions and aliases: statement by statement, or as one document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.api import policy_text
from lambdatui.engine.api.names import Target, require_function, require_qualifier, target
from lambdatui.engine.api.values import new_revision, stale_revision
from lambdatui.engine.store import facets, functions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.facets import Facet
from lambdatui.engine.store.versions import LATEST
from lambdatui.engine.wire.errors import invalid_parameter, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
KIND = "policy"
NOTHING = "The resource you requested does not exist."


async def add_permission(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    if wanted.qualifier == LATEST:
        raise invalid_parameter("We currently do not support adding policies for $LATEST.")
    statement = policy_text.statement(request, wanted.qualified_arn, policy_text.conditions(request))

    def change(conn: Connection) -> None:
        require_function(conn, wanted)
        found = require_qualifier(conn, wanted)
        policy = _get(conn, wanted) or {"RevisionId": found.revision_id, "Statement": []}
        _check_revision(request, policy)
        _put(conn, wanted, policy_text.add(policy, statement))

    await ctx.store.write(change)
    return {"Statement": orjson.dumps(statement).decode()}


async def remove_permission(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))

    def change(conn: Connection) -> None:
        if not functions.exists(conn, *wanted.key):
            raise not_found(f"No policy found for: {wanted.arn}")
        require_qualifier(conn, wanted)
        policy = _get(conn, wanted)
        if policy is None:
            raise not_found("No policy is associated with the given resource.")
        shorter = policy_text.remove(policy, request["StatementId"])
        _check_revision(request, policy)
        _put(conn, wanted, shorter)

    await ctx.store.write(change)
    return {}


async def get_policy(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    return _answer(_get(ctx.store.read(), wanted))


async def put_resource_policy(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["ResourceArn"])
    document = policy_text.parse(request["Policy"])

    def change(conn: Connection) -> Request:
        require_function(conn, wanted)
        require_qualifier(conn, wanted)
        present = _get(conn, wanted)
        if present is not None:
            _check_revision(request, present, "GetResourcePolicy")
        policy = {**document, "RevisionId": new_revision()}
        _put(conn, wanted, policy)
        return policy

    return _answer(await ctx.store.write(change))


async def get_resource_policy(ctx: Context, request: Request) -> Request:
    return _answer(_get(ctx.store.read(), target(ctx, request["ResourceArn"])))


async def delete_resource_policy(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["ResourceArn"])

    def change(conn: Connection) -> None:
        policy = _get(conn, wanted)
        if policy is None:
            raise not_found(NOTHING)
        _check_revision(request, policy, "GetResourcePolicy")
        facets.delete(conn, *wanted.key, KIND, wanted.qualifier or "")

    await ctx.store.write(change)
    return {}


def _get(conn: Connection, wanted: Target) -> Request | None:
    return facets.get(conn, *wanted.key, KIND, wanted.qualifier or "")


def _put(conn: Connection, wanted: Target, policy: Request) -> None:
    """Keep a policy; one without statements is none."""
    if policy["Statement"]:
        facets.put(conn, Facet(*wanted.key, KIND, wanted.qualifier or "", policy))
    else:
        facets.delete(conn, *wanted.key, KIND, wanted.qualifier or "")


def _check_revision(request: Request, policy: Request, read_with: str = "GetPolicy") -> None:
    if request.get("RevisionId") not in (None, policy["RevisionId"]):
        raise stale_revision(read_with)


def _answer(policy: Request | None) -> Request:
    if policy is None:
        raise not_found(NOTHING)
    return {"Policy": policy_text.show(policy), "RevisionId": policy["RevisionId"]}
