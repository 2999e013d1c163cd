"""What becomes of asynchronous events: retries, age, destinations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.api import paging, strict
from lambdatui.engine.api.names import Target, target, unqualified
from lambdatui.engine.store import facets, functions, versions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.facets import Facet
from lambdatui.engine.store.versions import LATEST
from lambdatui.engine.wire.errors import ApiError, invalid_parameter, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
KIND = "event-invoke"
_MEMBERS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
_SERVICES = frozenset({"sqs", "sns", "lambda", "events", "s3"})


async def put_function_event_invoke_config(ctx: Context, request: Request) -> Request:
    return await _write(ctx, request, merge=False)


async def update_function_event_invoke_config(ctx: Context, request: Request) -> Request:
    return await _write(ctx, request, merge=True)


async def _write(ctx: Context, request: Request, *, merge: bool) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    given = {member: request[member] for member in _MEMBERS if member in request}
    if not given:
        raise invalid_parameter("You must specify at least one of error handling or destination setting.")
    await strict.check_destinations(ctx, given.get("DestinationConfig", {}))

    def change(conn: Connection) -> Facet:
        if versions.get_version(conn, *wanted.key, wanted.qualifier) is None:
            raise not_found("The function doesn't exist.")
        _check_destinations(conn, wanted, given.get("DestinationConfig", {}))
        present = facets.get(conn, *wanted.key, KIND, _qualifier(wanted))
        if merge and present is None:
            raise _none(wanted)
        document = {**(present or {} if merge else {}), **given, "LastModified": ctx.clock.now()}
        facet = Facet(*wanted.key, KIND, _qualifier(wanted), document)
        facets.put(conn, facet)
        return facet

    return _render(await ctx.store.write(change))


async def get_function_event_invoke_config(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    document = facets.get(ctx.store.read(), *wanted.key, KIND, _qualifier(wanted))
    if document is None:
        raise _none(wanted)
    return _render(Facet(*wanted.key, KIND, _qualifier(wanted), document))


async def delete_function_event_invoke_config(ctx: Context, request: Request) -> Request:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))

    def change(conn: Connection) -> None:
        if not facets.delete(conn, *wanted.key, KIND, _qualifier(wanted)):
            raise _none(wanted)

    await ctx.store.write(change)
    return {}


async def list_function_event_invoke_configs(ctx: Context, request: Request) -> Request:
    wanted = unqualified(ctx, request["FunctionName"])
    conn = ctx.store.read()
    if not functions.exists(conn, *wanted.key):
        raise not_found("The function doesn't exist.")
    found = sorted(facets.of_function(conn, *wanted.key, KIND), key=_order)
    return paging.cut(request, "FunctionEventInvokeConfigs", found, _render, lambda facet: facet.qualifier)


def _qualifier(wanted: Target) -> str:
    return wanted.qualifier or LATEST


def _none(wanted: Target) -> ApiError:
    return not_found(f"The function {wanted.arn_of(_qualifier(wanted))} doesn't have an EventInvokeConfig")


def _order(facet: Facet) -> tuple[int, int, str]:
    """$LATEST, then versions by number, then aliases by name."""
    if facet.qualifier == LATEST:
        return 0, 0, ""
    return (1, int(facet.qualifier), "") if facet.qualifier.isdigit() else (2, 0, facet.qualifier)


def _render(facet: Facet) -> Request:
    destinations = facet.document.get("DestinationConfig", {})
    return {
        **facet.document,
        "FunctionArn": Target(facet.account, facet.region, facet.name).arn_of(facet.qualifier),
        "DestinationConfig": {
            "OnSuccess": destinations.get("OnSuccess", {}),
            "OnFailure": destinations.get("OnFailure", {}),
        },
    }


def _check_destinations(conn: Connection, wanted: Target, config: Request) -> None:
    for outcome in ("OnSuccess", "OnFailure"):
        arn = config.get(outcome, {}).get("Destination")
        if not arn:
            continue
        service = arn.split(":")[2] if arn.startswith("arn:") else ""
        if service not in _SERVICES or (service == "s3" and outcome == "OnSuccess"):
            raise invalid_parameter(f"The provided destination config {_spelled(config)} is invalid.")
        if service == "lambda":
            _check_function(conn, wanted, arn)


def _check_function(conn: Connection, wanted: Target, arn: str) -> None:
    parts = arn.split(":")
    if len(parts) < 7 or parts[5] != "function":
        raise invalid_parameter(f"The destination ARN {arn} is invalid.")
    key = (parts[4], parts[3], parts[6])
    if key == wanted.key:
        raise invalid_parameter("You can't specify the function as a destination for itself.")
    if versions.get_version(conn, *key, parts[7] if len(parts) > 7 else None) is None:
        raise invalid_parameter(f"The destination ARN {arn} is invalid.")


def _spelled(config: Request) -> str:
    """The config as AWS's own code prints it."""

    def one(outcome: str) -> str:
        arn = config.get(outcome, {}).get("Destination")
        return f"{outcome}(destination={arn})" if arn else "null"

    return f"DestinationConfig(onSuccess={one('OnSuccess')}, onFailure={one('OnFailure')})"
