"""The way back from a change, where AWS has one: what to look at before, what to send to have it again."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdatui.service.errors import NotFound

Params = dict[str, Any]
Read = Callable[..., Awaitable[dict[str, Any]]]
"""`Connection.call` for reading: service, operation, parameters."""


@dataclass(frozen=True, slots=True)
class Step:
    """A call that takes a change back."""

    service: str
    operation: str
    params: Params


@dataclass(frozen=True, slots=True)
class Way:
    """For one operation. ``look`` reads what it changes (None: not there); ``back`` makes the call that
    restores what was seen, from the parameters sent, the answer, and what was seen before."""

    look: Callable[[Read, Params], Awaitable[Any]]
    back: Callable[[Params, Params, Any], Step | None]


async def _nothing(_read: Read, _params: Params) -> None:
    return None


async def _if_there(read: Read, operation: str, **params: Any) -> Params | None:
    try:
        return await read("lambda", operation, **params)
    except NotFound:
        return None


def _some(params: Mapping[str, Any], *names: str) -> Params:
    return {name: params[name] for name in names if params.get(name) is not None}


# -- aliases and versions ------------------------------------------------------------------------------

_ALIAS = ("FunctionVersion", "Description", "RoutingConfig")


async def _alias(read: Read, params: Params) -> Params | None:
    found = await _if_there(read, "get_alias", **_some(params, "FunctionName", "Name"))
    return (
        {name: (found.get(name) or ({} if name == "RoutingConfig" else "")) for name in _ALIAS}
        if found
        else None
    )


def _alias_back(params: Params, answer: Params, before: Any) -> Step | None:
    whose = _some(params, "FunctionName", "Name")
    return Step("lambda", "update_alias", {**whose, **before}) if before else None


def _alias_again(params: Params, answer: Params, before: Any) -> Step | None:
    return (
        Step("lambda", "create_alias", {**_some(params, "FunctionName", "Name"), **before})
        if before
        else None
    )


def _alias_away(params: Params, answer: Params, before: Any) -> Step:
    return Step("lambda", "delete_alias", _some(params, "FunctionName", "Name"))


def _version_away(params: Params, answer: Params, before: Any) -> Step:
    return Step(
        "lambda", "delete_function", {**_some(params, "FunctionName"), "Qualifier": answer.get("Version", "")}
    )


# -- configuration -------------------------------------------------------------------------------------

_DEFAULTS: Mapping[str, Any] = {
    "Description": "",
    "Environment": {"Variables": {}},
    "Layers": [],
    "DeadLetterConfig": {"TargetArn": ""},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
    "KMSKeyArn": "",
    "FileSystemConfigs": [],
    "TracingConfig": {"Mode": "PassThrough"},
    "SnapStart": {"ApplyOn": "None"},
    "ImageConfig": {},
}


async def _configuration(read: Read, params: Params) -> Params:
    found = await read("lambda", "get_function_configuration", **_some(params, "FunctionName"))
    return {name: _as_sent(name, found) for name in params if name not in ("FunctionName", "RevisionId")}


def _as_sent(name: str, found: Params) -> Any:
    """A member as it is sent, which is not always how it is told."""
    if name == "ImageConfig":
        return found.get("ImageConfigResponse", {}).get("ImageConfig", {})
    value: Any = found.get(name, _DEFAULTS.get(name))
    match name:
        case "Layers":
            return [layer["Arn"] for layer in value]
        case "Environment":
            return {"Variables": value.get("Variables", {})}
        case "VpcConfig":
            return {key: kept for key, kept in value.items() if key != "VpcId"}
        case "SnapStart":
            return {"ApplyOn": value.get("ApplyOn", "None")}
    return value


def _configuration_back(params: Params, answer: Params, before: Any) -> Step:
    kept = {name: value for name, value in before.items() if value is not None}
    return Step("lambda", "update_function_configuration", {**_some(params, "FunctionName"), **kept})


# -- concurrency, asynchronous events, tags ------------------------------------------------------------


def _kept_beside(look: str, put: str, delete: str, keys: tuple[str, ...], values: Mapping[str, str]) -> Way:
    """What a function has or has not, with operations to get, put and delete it. ``values`` says what the
    members of put are called by get."""

    async def seen(read: Read, params: Params) -> Params | None:
        found = await _if_there(read, look, **_some(params, *keys))
        kept = {put_name: (found or {}).get(name) for put_name, name in values.items()}
        return _some(kept, *kept) or None

    def back(params: Params, answer: Params, before: Any) -> Step:
        whose = _some(params, *keys)
        return Step("lambda", put, {**whose, **before}) if before else Step("lambda", delete, whose)

    return Way(seen, back)


_RESERVED = _kept_beside(
    "get_function_concurrency",
    "put_function_concurrency",
    "delete_function_concurrency",
    ("FunctionName",),
    {"ReservedConcurrentExecutions": "ReservedConcurrentExecutions"},
)
_PROVISIONED = _kept_beside(
    "get_provisioned_concurrency_config",
    "put_provisioned_concurrency_config",
    "delete_provisioned_concurrency_config",
    ("FunctionName", "Qualifier"),
    {"ProvisionedConcurrentExecutions": "RequestedProvisionedConcurrentExecutions"},
)
_ASYNC = _kept_beside(
    "get_function_event_invoke_config",
    "put_function_event_invoke_config",
    "delete_function_event_invoke_config",
    ("FunctionName", "Qualifier"),
    {name: name for name in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")},
)


async def _tags(read: Read, params: Params) -> Params:
    names = {*params.get("Tags", {}), *params.get("TagKeys", [])}
    found = (await read("lambda", "list_tags", Resource=params["Resource"])).get("Tags", {})
    return {name: found[name] for name in sorted(names) if name in found}


def _tags_back(params: Params, answer: Params, before: Any) -> Step | None:
    whose = _some(params, "Resource")
    fresh = [name for name in params.get("Tags", {}) if name not in before]
    if before and fresh:
        return None  # two calls would be needed, and one of them may fail
    if before:
        return Step("lambda", "tag_resource", {**whose, "Tags": before})
    return Step("lambda", "untag_resource", {**whose, "TagKeys": fresh}) if fresh else None


# -- permissions, event sources ------------------------------------------------------------------------


def _grant_away(params: Params, answer: Params, before: Any) -> Step:
    return Step("lambda", "remove_permission", _some(params, "FunctionName", "StatementId", "Qualifier"))


async def _grant(read: Read, params: Params) -> Params | None:
    policy = await _if_there(read, "get_policy", **_some(params, "FunctionName", "Qualifier"))
    statements = json.loads(policy["Policy"]).get("Statement", []) if policy else []
    return next((one for one in statements if one.get("Sid") == params["StatementId"]), None)


_CONDITIONS = {
    "aws:sourcearn": "SourceArn",
    "aws:sourceaccount": "SourceAccount",
    "aws:principalorgid": "PrincipalOrgID",
    "lambda:eventsourcetoken": "EventSourceToken",
    "lambda:functionurlauthtype": "FunctionUrlAuthType",
    "lambda:invokedviafunctionurl": "InvokedViaFunctionUrl",
}


def _grant_again(params: Params, answer: Params, before: Any) -> Step | None:
    """The statement that was there, as AddPermission takes it; None where it says more than that can."""
    if not before or before.get("Effect") != "Allow" or not isinstance(before.get("Action"), str):
        return None
    principal = before.get("Principal")
    who = principal if isinstance(principal, str) else next(iter(principal.values()), None)
    asked = _some(params, "FunctionName", "StatementId", "Qualifier")
    asked |= {"Action": before["Action"], "Principal": who}
    for conditions in before.get("Condition", {}).values():
        for key, value in conditions.items():
            name = _CONDITIONS.get(key.lower())
            if name is None:
                return None
            asked[name] = value == "true" if name == "InvokedViaFunctionUrl" else value
    return Step("lambda", "add_permission", asked) if isinstance(who, str) else None


async def _mapping(read: Read, params: Params) -> Params:
    found = await read("lambda", "get_event_source_mapping", UUID=params["UUID"])
    seen = {name: found.get(name) for name in params if name not in ("UUID", "Enabled")}
    if "Enabled" in params:
        seen["Enabled"] = found.get("State") in ("Enabled", "Enabling", "Creating", "Updating")
    return seen


def _mapping_back(params: Params, answer: Params, before: Any) -> Step | None:
    if any(value is None for value in before.values()):
        return None
    return Step("lambda", "update_event_source_mapping", {"UUID": params["UUID"], **before})


WAYS: Mapping[tuple[str, str], Way] = {
    ("lambda", operation): way
    for operation, way in {
        "create_alias": Way(_nothing, _alias_away),
        "update_alias": Way(_alias, _alias_back),
        "delete_alias": Way(_alias, _alias_again),
        "publish_version": Way(_nothing, _version_away),
        "update_function_configuration": Way(_configuration, _configuration_back),
        "put_function_concurrency": _RESERVED,
        "delete_function_concurrency": _RESERVED,
        "put_provisioned_concurrency_config": _PROVISIONED,
        "delete_provisioned_concurrency_config": _PROVISIONED,
        "put_function_event_invoke_config": _ASYNC,
        "update_function_event_invoke_config": _ASYNC,
        "delete_function_event_invoke_config": _ASYNC,
        "tag_resource": Way(_tags, _tags_back),
        "untag_resource": Way(_tags, _tags_back),
        "add_permission": Way(_nothing, _grant_away),
        "remove_permission": Way(_grant, _grant_again),
        "update_event_source_mapping": Way(_mapping, _mapping_back),
    }.items()
}
