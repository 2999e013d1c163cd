"""A function's configuration: read and update it; what may be asked for, what is kept, how it is shown.

Kept is what AWS shows, under AWS's names; a member that was not given and has no default is absent, both in
the store and in answers.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.api import packages, states, strict
from lambdatui.engine.api.environment import check_variables
from lambdatui.engine.api.layer_references import resolve_layers
from lambdatui.engine.api.names import Target, function_only, require_latest, require_version, target
from lambdatui.engine.api.runtimes import check_runtime, check_snap_start, runtime_version_arn
from lambdatui.engine.api.values import check_revision, now_text
from lambdatui.engine.runtimes.interpreters import shortcoming
from lambdatui.engine.store import versions
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.versions import LATEST, VersionRecord
from lambdatui.engine.wire.errors import invalid_parameter

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Members = dict[str, Any]

# Taken over as given.
_PLAIN = ("Runtime", "Role", "Handler", "Timeout", "MemorySize", "EphemeralStorage", "TracingConfig")
# Taken over as given; an empty value removes them.
_REMOVABLE = (
    "KMSKeyArn",
    "FileSystemConfigs",
    "ImageConfig",
    "TenancyConfig",
    "CapacityProviderConfig",
    "DurableConfig",
)
_UNLISTED = ("RuntimeVersionConfig",)  # not in lists, like the states
_LEVELS = ("ApplicationLogLevel", "SystemLogLevel")


async def get_function_configuration(ctx: Context, request: Members) -> Members:
    wanted = target(ctx, request["FunctionName"], request.get("Qualifier"))
    return render(require_version(ctx.store.read(), wanted), wanted.qualifier)


async def update_function_configuration(ctx: Context, request: Members) -> Members:
    wanted = updatable(ctx, request["FunctionName"])
    latest = require_latest(ctx.store.read(), wanted)
    refuse_late(latest.config, request)
    await packages.check_together(ctx, latest.code_sha256, request.get("Layers", ()))
    request = await strict.check_function(ctx, request)

    def change(conn: Connection) -> tuple[VersionRecord, VersionRecord]:
        present = changeable(conn, wanted, request)
        updated = replace(
            present,
            config=merge(present.config, request),
            description=request.get("Description", present.description),
            modified=now_text(ctx),
        )
        updated = states.updating(with_layers(conn, updated, request))
        versions.put(conn, updated)
        return present, updated

    before, updated = await ctx.store.write(change)
    states.settle_later(ctx.engine, updated)
    ctx.engine.dispatch.forget(*wanted.key)
    shown = render(updated)
    if "DeadLetterConfig" in before.config:  # AWS still shows one that this very update removes
        shown.setdefault("DeadLetterConfig", before.config["DeadLetterConfig"])
    return shown


def updatable(ctx: Context, name: str) -> Target:
    """The function to update; $LATEST may be named, a version never changes."""
    wanted = target(ctx, name)
    return replace(wanted, qualifier=None) if wanted.qualifier == LATEST else function_only(ctx, name)


def changeable(conn: Connection, wanted: Target, request: Members) -> VersionRecord:
    """The function as it is, unless the request was made for another state of it or one is under way."""
    present = require_latest(conn, wanted)
    check_revision(request.get("RevisionId"), present.revision_id)
    states.refuse_unsettled(present)
    return present


def defaults(name: str, package_type: str = "Zip") -> Members:
    """What a function has when nothing is said about it."""
    return {
        "PackageType": package_type,
        "Architectures": ["x86_64"],
        "MemorySize": 128,
        "Timeout": 3,
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
    }


def merge(config: Members, request: Members) -> Members:
    """The configuration after a create or update request: only given members change."""
    _check(config, request)
    merged = dict(config)
    for member in (*_PLAIN, "Architectures"):
        if request.get(member) is not None:
            merged[member] = request[member]
    for member in _REMOVABLE:
        if member in request:
            _set(merged, member, request[member])
    if "DeadLetterConfig" in request:
        target = request["DeadLetterConfig"].get("TargetArn")
        _set(merged, "DeadLetterConfig", {"TargetArn": target} if target else None)
    if "Environment" in request:
        merged["Environment"] = {"Variables": request["Environment"].get("Variables", {})}
    if "VpcConfig" in request:
        merged["VpcConfig"] = _vpc(request["VpcConfig"])
    if "SnapStart" in request:
        merged["SnapStart"] = {"ApplyOn": request["SnapStart"].get("ApplyOn", "None")}
    if "LoggingConfig" in request:
        merged["LoggingConfig"] = _logging(merged["LoggingConfig"], request["LoggingConfig"])
    return merged


def _check(config: Members, request: Members) -> None:
    _refuse_for_image(config, request)
    if request.get("Runtime"):
        check_runtime(request["Runtime"])
    check_variables(request.get("Environment", {}).get("Variables", {}))
    if request.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions":
        check_snap_start(request.get("Runtime") or config.get("Runtime", ""))


def _refuse_for_image(config: Members, request: Members) -> None:
    """An image brings its runtime, its handler and its layers along."""
    if config["PackageType"] == "Image" and any(
        request.get(member) for member in ("Runtime", "Handler", "Layers")
    ):
        raise invalid_parameter(
            "Please don't provide Handler or Runtime or Layer when the intended function PackageType is"
            " Image."
        )


def refuse_late(config: Members, request: Members) -> None:
    """Refuse in an update what only a new function, or none of its package type, can be given."""
    _refuse_for_image(config, request)
    if "DurableConfig" in request and "DurableConfig" not in config:
        raise invalid_parameter("DurableConfig can only be added when the function is created.")


def _set(config: Members, member: str, value: Any) -> None:
    if value:
        config[member] = value
    else:
        config.pop(member, None)


def _vpc(given: Members) -> Members:
    """The VPC's id is known if subnets were looked up; without subnets AWS shows an empty one."""
    subnets = given.get("SubnetIds", [])
    shown = {
        "SubnetIds": subnets,
        "SecurityGroupIds": given.get("SecurityGroupIds", []),
        "Ipv6AllowedForDualStack": given.get("Ipv6AllowedForDualStack", False),
    }
    vpc = given.get("VpcId") if subnets else ""
    return shown if vpc is None else {**shown, "VpcId": vpc}


def _logging(present: Members, given: Members) -> Members:
    """JSON logs have levels, which are INFO until said otherwise; text logs have none."""
    merged = {**present, **given}
    if merged["LogFormat"] == "Text":
        return {member: value for member, value in merged.items() if member not in _LEVELS}
    return {**dict.fromkeys(_LEVELS, "INFO"), **merged}


def with_layers(conn: Connection, record: VersionRecord, request: Members) -> VersionRecord:
    """The record with its layers looked up, and the fingerprint that all of it has."""
    config = dict(record.config)
    if "Layers" in request:
        layers = resolve_layers(conn, record.region, request["Layers"])
        config.pop("Layers", None)
        if layers:
            config["Layers"] = layers
    return replace(
        record, config=config, fingerprint=fingerprint(config, record.description, record.code_sha256)
    )


def fingerprint(config: Members, description: str, code_sha256: str) -> str:
    """The same for two versions only if code and configuration are the same."""
    text = orjson.dumps([config, description, code_sha256], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()


def render(record: VersionRecord, qualifier: str | None = None) -> Members:
    """The configuration as most operations answer it; ``qualifier`` is what the ARN ends in, if anything.

    An active function has no reason to be so on AWS: here it says which interpreter stands in for its own.
    """
    shown = _render(record, qualifier)
    active = record.state == "Active" and record.package == "Zip"
    shown |= {
        "State": record.state,
        "StateReason": shortcoming(record.config["Runtime"]) if active else record.state_reason,
        "StateReasonCode": record.state_code,
        "LastUpdateStatus": record.update_status,
        "LastUpdateStatusReason": record.update_reason,
        "LastUpdateStatusReasonCode": record.update_code,
    }
    return shown


def render_listed(record: VersionRecord, qualifier: str | None = None) -> Members:
    """The configuration as lists answer it: without states."""
    shown = _render(record, qualifier)
    for member in _UNLISTED:
        shown.pop(member, None)
    return shown


def _render(record: VersionRecord, qualifier: str | None) -> Members:
    shown = {
        member: value for member, value in record.config.items() if member not in ("ImageConfig", "ImageUri")
    }
    shown |= {
        "FunctionName": record.name,
        "FunctionArn": f"{record.arn}:{qualifier}" if qualifier else record.arn,
        "Version": record.version,
        "Description": record.description,
        "CodeSha256": record.code_sha256 or None,
        "CodeSize": record.code_size,
        "LastModified": record.modified,
        "RevisionId": record.revision_id,
        "SnapStart": _snap_start(record),
    }
    if "ImageConfig" in record.config:
        shown["ImageConfigResponse"] = {"ImageConfig": record.config["ImageConfig"]}
    if runtime := record.config.get("Runtime"):
        shown["RuntimeVersionConfig"] = {"RuntimeVersionArn": runtime_version_arn(record.region, runtime)}
    return shown


def _snap_start(record: VersionRecord) -> Members:
    apply_on = record.config["SnapStart"]["ApplyOn"]
    on = apply_on == "PublishedVersions" and record.version != LATEST
    return {"ApplyOn": apply_on, "OptimizationStatus": "On" if on else "Off"}
