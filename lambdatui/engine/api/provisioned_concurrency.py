"""Provisioned concurrency: environments that are kept ready for a version or an alias.

A config is READY once its environments are initialised, and FAILED when they cannot be.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdatui.engine.api import paging
from lambdatui.engine.api.account_settings import UNRESERVED_MINIMUM, unreserved
from lambdatui.engine.api.background import after_settling
from lambdatui.engine.api.names import Target, require_function, require_qualifier, target, unqualified
from lambdatui.engine.api.values import now_text
from lambdatui.engine.store import aliases, facets, versions
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
INIT_FAILURE = "FUNCTION_ERROR_INIT_FAILURE"
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
    """Have the environments of a new config made; those that no config asks for any more are let go."""
    _release(engine, facet.account, facet.region, facet.name)
    after_settling(engine, lambda: _provide(engine, facet))


async def _provide(engine: Engine, facet: Facet) -> None:
    """Initialise what a config asks for, and write down what became of it."""
    key = (facet.account, facet.region, facet.name)
    version = _version_of(engine.store.read(), facet)
    if version is None:
        return
    count, failure = int(facet.document[ASKED]), None
    try:
        if not await engine.dispatch.provision(*key, version, count):
            failure = INIT_FAILURE
    except ApiError as error:
        if error.code == "ResourceConflictException":  # the version itself is still Pending
            after_settling(engine, lambda: _provide(engine, facet))
            return
        failure = error.message
    if not await _settled(engine, facet, failure):
        _release(engine, *key)


def _version_of(conn: Connection, facet: Facet) -> str | None:
    """The version that a config's qualifier, a version or an alias, stands for; None when it is gone."""
    found = versions.get_version(conn, facet.account, facet.region, facet.name, facet.qualifier)
    return found.version if found else None


def _release(engine: Engine, account: str, region: str, name: str) -> None:
    """Let environments go that nothing asks for: the config went, or its alias moved."""
    conn = engine.store.read()
    wanted = {
        _version_of(conn, facet) or "" for facet in facets.of_function(conn, account, region, name, KIND)
    }
    engine.dispatch.unprovision(account, region, name, wanted)
    engine.dispatch.forget(account, region, name)


async def _settled(engine: Engine, facet: Facet, failure: str | None) -> bool:
    """Show the config as ready or as failed; False if it has changed since, and this no longer matters."""
    key = (facet.account, facet.region, facet.name, KIND, facet.qualifier)
    ready = 0 if failure else int(facet.document[ASKED])

    def change(conn: Connection) -> bool:
        if facets.get(conn, *key) != facet.document:
            return False
        document = {
            **facet.document,
            "AvailableProvisionedConcurrentExecutions": ready,
            "AllocatedProvisionedConcurrentExecutions": ready,
            "Status": "FAILED" if failure else "READY",
        }
        if failure:
            document["StatusReason"] = failure
        facets.put(conn, replace(facet, document=document))
        return True

    changed = await engine.store.write(change)
    engine.dispatch.concurrency.forget(facet.account, facet.region, facet.name)
    return changed


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
    engine.store.watch(KIND, lambda account, region, name: _release(engine, account, region, name))
    for facet in facets.of_kind(engine.store.read(), KIND):
        begin(engine, facet)
