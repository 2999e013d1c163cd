"""Layers and who may use them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.api import packages, paging, policy_text
from lambdatui.engine.api.account_settings import charge
from lambdatui.engine.api.values import check_revision, now_text
from lambdatui.engine.store import layers
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.layers import LayerRecord
from lambdatui.engine.wire.errors import invalid_parameter, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Request = dict[str, Any]
NOTHING = "The resource you requested does not exist."
_MEMBERS = ("CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo")


async def publish_layer_version(ctx: Context, request: Request) -> Request:
    key = _key(ctx, request["LayerName"])
    package = await packages.keep(ctx, request["Content"])
    document = {member: request[member] for member in _MEMBERS if member in request}
    document |= {"Description": request.get("Description", ""), "CreatedDate": now_text(ctx)}

    def change(conn: Connection) -> LayerRecord:
        number = layers.next_number(conn, *key)
        record = LayerRecord(*key, number, package.sha256, package.size, document)
        charge(ctx, conn, record, record.code_size)
        layers.put(conn, record)
        return record

    return _render(ctx, await ctx.store.write(change))


async def get_layer_version(ctx: Context, request: Request) -> Request:
    key, number = _key(ctx, request["LayerName"]), _number(request)
    return _render(ctx, _found(layers.get(ctx.store.read(), *key, number)))


async def get_layer_version_by_arn(ctx: Context, request: Request) -> Request:
    return _render(ctx, _found(layers.by_arn(ctx.store.read(), request["Arn"])))


async def list_layer_versions(ctx: Context, request: Request) -> Request:
    found = layers.versions(ctx.store.read(), *_key(ctx, request["LayerName"]))
    return paging.cut(request, "LayerVersions", _matching(found, request), _item, lambda record: record.arn)


async def list_layers(ctx: Context, request: Request) -> Request:
    matching = _matching(layers.all_versions(ctx.store.read(), ctx.account, ctx.region), request)
    newest = [next(group) for _, group in groupby(matching, key=lambda record: record.name)]
    return paging.cut(request, "Layers", newest, _layer, lambda record: record.name)


async def delete_layer_version(ctx: Context, request: Request) -> Request:
    key, number = _key(ctx, request["LayerName"]), _number(request)

    def change(conn: Connection) -> None:
        record = layers.get(conn, *key, number)
        if record is not None:
            layers.put(conn, replace(record, deleted=True, policy=None))

    await ctx.store.write(change)
    return {}


async def add_layer_version_permission(ctx: Context, request: Request) -> Request:
    organization = request.get("OrganizationId")
    condition = {"StringEquals": {"aws:PrincipalOrgID": organization}} if organization else {}

    def add(record: LayerRecord, policy: Request) -> tuple[Request, Request]:
        made = policy_text.statement(request, record.arn, condition)
        return policy_text.add(policy, made), made

    changed, made = await _change_policy(ctx, request, add)
    return {"Statement": orjson.dumps(made).decode(), "RevisionId": changed["RevisionId"]}


async def remove_layer_version_permission(ctx: Context, request: Request) -> Request:
    def remove(record: LayerRecord, policy: Request) -> tuple[Request, Request]:
        if not policy["Statement"]:
            raise not_found("No policy is associated with the given resource.")
        return policy_text.remove(policy, request["StatementId"]), {}

    await _change_policy(ctx, request, remove)
    return {}


async def get_layer_version_policy(ctx: Context, request: Request) -> Request:
    record = _existing(ctx.store.read(), ctx, request)
    if record.policy is None:
        raise not_found("No policy is associated with the given resource.")
    return {"Policy": policy_text.show(record.policy), "RevisionId": record.policy["RevisionId"]}


async def _change_policy(
    ctx: Context,
    request: Request,
    change_policy: Callable[[LayerRecord, Request], tuple[Request, Request]],
) -> tuple[Request, Request]:
    """Replace a layer version's policy by what ``change_policy`` makes of it."""

    def change(conn: Connection) -> tuple[Request, Request]:
        record = _existing(conn, ctx, request)
        if record.policy is not None:
            check_revision(request.get("RevisionId"), record.policy["RevisionId"], "GetLayerPolicy")
        changed, made = change_policy(record, record.policy or {"Statement": []})
        layers.put(conn, replace(record, policy=changed if changed["Statement"] else None))
        return changed, made

    return await ctx.store.write(change)


def _key(ctx: Context, name: str) -> tuple[str, str, str]:
    """Account, region and name of a layer that is named by its name or its ARN."""
    if name.startswith("arn:"):
        parts = name.split(":")
        return parts[4], parts[3], parts[6]
    return ctx.account, ctx.region, name


def _number(request: Request) -> int:
    number = int(request["VersionNumber"])
    if number < 1:
        raise invalid_parameter("Layer Version Cannot be less than 1")
    return number


def _found(record: LayerRecord | None) -> LayerRecord:
    if record is None:
        raise not_found(NOTHING)
    return record


def _existing(conn: Connection, ctx: Context, request: Request) -> LayerRecord:
    """The layer version whose policy is meant."""
    account, region, name = _key(ctx, request["LayerName"])
    number = int(request["VersionNumber"])
    record = layers.get(conn, account, region, name, number)
    if record is None:
        arn = f"arn:aws:lambda:{region}:{account}:layer:{name}:{number}"
        raise not_found(f"Layer version {arn} does not exist.")
    return record


def _matching(records: Iterable[LayerRecord], request: Request) -> list[LayerRecord]:
    """Those that go with the runtime and the architecture asked for."""
    runtime, architecture = request.get("CompatibleRuntime"), request.get("CompatibleArchitecture")
    return [
        record
        for record in records
        if (runtime is None or runtime in record.document.get("CompatibleRuntimes", ()))
        and (architecture is None or architecture in record.document.get("CompatibleArchitectures", ()))
    ]


def _item(record: LayerRecord) -> Request:
    return {**record.document, "LayerVersionArn": record.arn, "Version": record.number}


def _layer(record: LayerRecord) -> Request:
    return {
        "LayerName": record.name,
        "LayerArn": record.layer_arn,
        "LatestMatchingVersion": _item(record),
    }


def _render(ctx: Context, record: LayerRecord) -> Request:
    content = {
        "Location": f"{ctx.url}/_code/{ctx.engine.code_links.grant(record.code_sha256)}",
        "CodeSha256": record.code_sha256,
        "CodeSize": record.code_size,
    }
    return {**_item(record), "LayerArn": record.layer_arn, "Content": content}
