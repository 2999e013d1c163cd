"""Provisioned concurrency: environments that are kept ready for a version or an alias.

What keeps them ready watches the store's ``provisioned`` kind and reports by ``settled``; where nobody
watches, a config is READY after the settle time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdatui.engine.api import paging
from lambdatui.engine.api.account import UNRESERVED_MINIMUM, unreserved
from lambdatui.engine.api.background import after_settling
from lambdatui.engine.api.names import Target, require_function, require_qualifier, target, unqualified
from lambdatui.engine.api.values import now_text
from lambdatui.engine.store import aliases, facets
from lambdatui.engine.store.aliases import AliasRecord
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.facets import Facet
from lambdatui.engine.store.versions import LATEST
from lambdatui.engine.wire.errors import ApiError, conflict, invalid_parameter

if TYPE_CHECKING:
    from lambdatui.engine.context import Context
    from lambdatui.engine.engine import Engine

Request = dict[str, Any]
KIND = "provisioned"
ASKED = "RequestedProvisionedConcurrentExecutions"


async def put_provisioned_concurrency_config(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request["Qualifier"])
    if wanted.qualifier == LATEST:
        raise invalid_parameter(
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
        )
    document = _begun(request["ProvisionedConcurrentExecutions"], now_text(ctx))

    def change(conn: Connection) -> Facet:
        found = require_qualifier(conn, wanted)
        facet = Facet(*wanted.key, KIND, wanted.qualifier or "", document)
        _check_exclusive(conn, facet, found.version, is_alias=isinstance(found, AliasRecord))
        _check_quota(conn, facet)
        facets.put(conn, facet)
        return facet

    begin(ctx.engine, await ctx.store.write(change))
    return document


def _begun(count: int, modified: str) -> Request:
    return {
        ASKED: count,
        "AvailableProvisionedConcurrentExecutions": 0,
        "AllocatedProvisionedConcurrentExecutions": 0,
        "Status": "IN_PROGRESS",
        "LastModified": modified,
    }


def _check_exclusive(conn: Connection, facet: Facet, version: str, *, is_alias: bool) -> None:
    """A version and an alias that points to it cannot both be provisioned."""
    key = (facet.account, facet.region, facet.name)
    if is_alias:
        if facets.get(conn, *key, KIND, version) is not None:
            raise conflict(
                "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned"
                " version"
            )
        return
    pointing = [alias.alias for alias in aliases.of_function(conn, *key, version=version)]
    if any(facets.get(conn, *key, KIND, alias) is not None for alias in pointing):
        raise conflict("Version is pointed by a Provisioned Concurrency alias")


def _check_quota(conn: Connection, facet: Facet) -> None:
    key = (facet.account, facet.region, facet.name)
    asked = int(facet.document[ASKED])
    others = sum(
        int(other.document[ASKED])
        for other in facets.of_function(conn, *key, KIND)
        if other.qualifier != facet.qualifier
    )
    reserved = facets.get(conn, *key, "concurrency")
    if reserved is not None:
        if others + asked > reserved["ReservedConcurrentExecutions"]:
            raise invalid_parameter(
                "Requested Provisioned Concurrency should not be greater than the"
                " reservedConcurrentExecution for function"
            )
        return
    left = unreserved(conn, facet.account, facet.region)
    if asked > left:
        raise invalid_parameter(
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency"
            f" [{left}].",
            type=None,
        )
    if left - others - asked < UNRESERVED_MINIMUM:
        raise invalid_parameter(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
            f" below its minimum value of [{UNRESERVED_MINIMUM}].",
            type=None,
        )


async def get_provisioned_concurrency_config(ctx: Context, request: Request) -> Request:
    wanted = _provisionable(ctx, request)
    conn = ctx.store.read()
    require_qualifier(conn, wanted)
    document = facets.get(conn, *wanted.key, KIND, wanted.qualifier or "")
    if document is None:
        raise ApiError(
            "ProvisionedConcurrencyConfigNotFoundException",
            "No Provisioned Concurrency Config found for this function",
        )
    return document


async def delete_provisioned_concurrency_config(ctx: Context, request: Request) -> Request:
    wanted = _provisionable(ctx, request)

    def change(conn: Connection) -> None:
        require_qualifier(conn, wanted)
        facets.delete(conn, *wanted.key, KIND, wanted.qualifier or "")

    await ctx.store.write(change)
    ctx.store.announce(KIND, *wanted.key)
    return {}


def _provisionable(ctx: Context, request: Request) -> Target:
    wanted = target(ctx, request["FunctionName"], request["Qualifier"])
    if wanted.qualifier == LATEST:
        raise invalid_parameter("The function resource provided must be an alias or a published version.")
    return wanted


async def list_provisioned_concurrency_configs(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])
    conn = ctx.store.read()
    require_function(conn, wanted)
    return paging.cut(
        request,
        "ProvisionedConcurrencyConfigs",
        facets.of_function(conn, *wanted.key, KIND),
        lambda facet: {"FunctionArn": wanted.arn_of(facet.qualifier), **facet.document},
        lambda facet: facet.qualifier,
    )


def begin(engine: Engine, facet: Facet) -> None:
    """Have the environments of a new config made."""
    engine.store.announce(KIND, facet.account, facet.region, facet.name)
    if not engine.store.watched(KIND):
        after_settling(engine, lambda: settled(engine, facet, int(facet.document[ASKED])))


async def settled(engine: Engine, facet: Facet, ready: int, failure: str | None = None) -> None:
    """Report that ``ready`` environments wait, or why none do; unless the config has changed since."""

    def change(conn: Connection) -> None:
        key = (facet.account, facet.region, facet.name, KIND, facet.qualifier)
        if facets.get(conn, *key) != facet.document:
            return
        document = {
            **facet.document,
            "AvailableProvisionedConcurrentExecutions": ready,
            "AllocatedProvisionedConcurrentExecutions": ready,
            "Status": "FAILED" if failure else "READY",
        }
        if failure:
            document["StatusReason"] = failure
        facets.put(conn, replace(facet, document=document))

    await engine.store.write(change)


def restart(conn: Connection, alias: AliasRecord, modified: str) -> Facet | None:
    """Begin anew with the config of an alias that was moved, if it has one."""
    key = (alias.account, alias.region, alias.name)
    document = facets.get(conn, *key, KIND, alias.alias)
    if document is None:
        return None
    facet = Facet(*key, KIND, alias.alias, _begun(document[ASKED], modified))
    facets.put(conn, facet)
    return facet


def resume(engine: Engine) -> None:
    """Begin anew with every config: environments do not outlive the engine."""
    for facet in facets.of_kind(engine.store.read(), KIND):
        if facet.document["Status"] == "IN_PROGRESS" or engine.store.watched(KIND):
            begin(engine, facet)
