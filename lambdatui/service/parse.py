"""AWS's dicts become our records; every string is cleaned on the way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lambdatui.model import Account, Alias, Function, FunctionState, Layer, Version
from lambdatui.service.clean import clean, clean_line

_NO_TIME = datetime.fromtimestamp(0, UTC)


def version(raw: Mapping[str, Any]) -> Version:
    """A function configuration, as Get, List, Publish and Create answer it."""
    name = clean_line(raw["FunctionName"])
    return Version(
        function=name,
        number=clean_line(raw.get("Version", "$LATEST")),
        arn=clean_line(raw.get("FunctionArn", "")),
        description=clean_line(raw.get("Description", "")),
        modified=_time(raw.get("LastModified")),
        code_sha256=clean_line(raw.get("CodeSha256", "")),
        code_size=int(raw.get("CodeSize", 0)),
        memory_mb=int(raw.get("MemorySize", 128)),
        timeout_s=int(raw.get("Timeout", 3)),
        role=clean_line(raw.get("Role", "")),
        runtime=clean_line(raw["Runtime"]) if raw.get("Runtime") else None,
        handler=clean_line(raw["Handler"]) if raw.get("Handler") else None,
        package_type=clean_line(raw.get("PackageType", "Zip")),
        architectures=tuple(map(clean_line, raw.get("Architectures") or ("x86_64",))),
        ephemeral_mb=int((raw.get("EphemeralStorage") or {}).get("Size", 512)),
        environment=_texts((raw.get("Environment") or {}).get("Variables")),
        layers=tuple(
            Layer(arn=clean_line(layer["Arn"]), size=int(layer.get("CodeSize", 0)))
            for layer in raw.get("Layers") or ()
        ),
        log_group=clean_line((raw.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"),
        revision_id=clean_line(raw.get("RevisionId", "")),
        state=_state(raw.get("State", "")),
        state_reason=clean_line(raw.get("StateReason", "")),
        last_update=clean_line(raw.get("LastUpdateStatus", "")),
        last_update_reason=clean_line(raw.get("LastUpdateStatusReason", "")),
    )


def listed(raw: Mapping[str, Any]) -> Function:
    """A function as a list shows it: without state, tags and concurrency."""
    return Function(latest=version(raw))


def function(raw: Mapping[str, Any]) -> Function:
    """GetFunction's whole answer."""
    return Function(
        latest=version(raw["Configuration"]),
        tags=_texts(raw.get("Tags")),
        reserved_concurrency=(raw.get("Concurrency") or {}).get("ReservedConcurrentExecutions"),
    )


def alias(raw: Mapping[str, Any], function: str) -> Alias:
    routing = (raw.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return Alias(
        function=function,
        name=clean_line(raw["Name"]),
        arn=clean_line(raw.get("AliasArn", "")),
        version=clean_line(raw["FunctionVersion"]),
        description=clean_line(raw.get("Description", "")),
        revision_id=clean_line(raw.get("RevisionId", "")),
        routing={clean_line(number): float(weight) for number, weight in routing.items()},
    )


def account(raw: Mapping[str, Any]) -> Account:
    limit, usage = raw.get("AccountLimit", {}), raw.get("AccountUsage", {})
    return Account(
        concurrency_limit=int(limit.get("ConcurrentExecutions", 0)),
        unreserved_concurrency=int(limit.get("UnreservedConcurrentExecutions", 0)),
        code_size_limit=int(limit.get("TotalCodeSize", 0)),
        code_size=int(usage.get("TotalCodeSize", 0)),
        function_count=int(usage.get("FunctionCount", 0)),
    )


def _texts(raw: Mapping[str, Any] | None) -> dict[str, str]:
    return {clean_line(str(key)): clean(str(value)) for key, value in (raw or {}).items()}


def _state(text: str) -> FunctionState:
    try:
        return FunctionState(text)
    except ValueError:  # one that AWS adds after us
        return FunctionState.UNKNOWN


def _time(value: Any) -> datetime:
    """Lambda writes 2026-01-31T12:00:00.000+0000; other members come parsed."""
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return _NO_TIME
