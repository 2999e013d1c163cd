"""Settings of a function: read them all, change some of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from lambdatui.model.settings import BY_KEY, SETTINGS, FunctionSettings, Kind, Setting
from lambdatui.service import parse
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Changed, Conflict, Invalid, ServiceError

_DEFAULTS = {
    "storage": "512",
    "snap_start": "None",
    "log_format": "Text",
    "tracing": "PassThrough",
    "package": "Zip",
    "architectures": "x86_64",
}
_FIRST_WAIT_S = 0.05


class Settings:
    """What GetFunctionConfiguration and UpdateFunctionConfiguration offer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, name: str, qualifier: str | None = None) -> FunctionSettings:
        """All settings of a version or of what an alias points to."""
        return settings_of(await self._raw(name, qualifier))

    async def change(
        self,
        name: str,
        values: Mapping[str, str],
        *,
        variables: Mapping[str, str | None] | None = None,
        revision_id: str | None = None,
    ) -> FunctionSettings:
        """Change the settings named, and wait until Lambda has taken them over.

        ``variables`` are merged into those that are there; None takes one away. With ``revision_id``
        nothing is sent when somebody changed the function since; without it the newest state is
        what the change is merged into. Either way Lambda is told which state we saw.
        """
        before = await self._raw(name)
        seen = before.get("RevisionId")
        if revision_id is not None and seen != revision_id:
            raise Changed(f"{name} was changed by somebody else meanwhile.")
        members = _members(values, before)
        if variables:
            members["Environment"] = {"Variables": _merged(name, before, variables)}
        if not members:
            return settings_of(before)
        guard = {"RevisionId": seen} if seen else {}
        raw = await self._connection.call(
            "lambda", "update_function_configuration", FunctionName=name, **members, **guard
        )
        return settings_of(await self.settled(name, raw))

    async def _raw(self, name: str, qualifier: str | None = None) -> dict[str, Any]:
        chosen = {"Qualifier": qualifier} if qualifier else {}
        return await self._connection.call(
            "lambda", "get_function_configuration", FunctionName=name, **chosen
        )

    async def settled(self, name: str, raw: dict[str, Any], within_s: float = 60.0) -> dict[str, Any]:
        """Wait until the update that answered ``raw`` is taken over; says why when it failed."""
        wait_s = _FIRST_WAIT_S
        try:
            async with asyncio.timeout(within_s):
                while raw.get("LastUpdateStatus") == "InProgress":
                    await asyncio.sleep(wait_s)
                    wait_s = min(wait_s * 1.5, 2.0)
                    raw = await self._raw(name)
        except TimeoutError:
            raise Conflict(f"Lambda is still at the update of {name} after {within_s:.0f} s.") from None
        if raw.get("LastUpdateStatus") == "Failed":
            reason = clean_line(raw.get("LastUpdateStatusReason", ""))
            raise ServiceError(f"The update of {name} failed: {reason}")
        return raw


def settings_of(raw: Mapping[str, Any]) -> FunctionSettings:
    """A configuration as AWS answers it."""
    environment = raw.get("Environment") or {}
    problem = clean_line(str((environment.get("Error") or {}).get("Message", "")))
    values = {each.key: _text(each, _at(raw, each.member)) for each in SETTINGS}
    if not values["log_group"]:
        values["log_group"] = f"/aws/lambda/{clean_line(raw['FunctionName'])}"
    return FunctionSettings(parse.version(raw), values, problem)


def _at(raw: Any, member: str) -> Any:
    for part in member.split("."):
        raw = raw.get(part) if isinstance(raw, Mapping) else None
    return raw


def _text(setting: Setting, value: Any) -> str:
    if value is None or value == "":
        return _DEFAULTS.get(setting.key, "")
    if isinstance(value, list):
        return clean_line(" ".join(str(part["Arn"] if isinstance(part, dict) else part) for part in value))
    return clean_line(str(value))


def _members(values: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """The request members of these settings. A structure goes whole: Lambda replaces it."""
    members: dict[str, Any] = {}
    for key, text in values.items():
        setting = BY_KEY[key]
        top, _, inner = setting.member.partition(".")
        if not inner:
            members[top] = _value(setting, text)
            continue
        whole = members.setdefault(top, dict(before.get(top) or {}))
        if text or setting.kind is not Kind.CHOICE:
            whole[inner] = _value(setting, text)
        else:
            whole.pop(inner, None)
    members.get("SnapStart", {}).pop("OptimizationStatus", None)
    members.get("VpcConfig", {}).pop("VpcId", None)
    if members.get("LoggingConfig", {}).get("LogFormat") == "Text":  # levels belong to JSON
        for level in ("ApplicationLogLevel", "SystemLogLevel"):
            members["LoggingConfig"].pop(level, None)
    return members


def _value(setting: Setting, text: str) -> Any:
    if setting.kind is Kind.NUMBER:
        return int(text)
    return text.split() if setting.kind is Kind.LIST else text


def _merged(name: str, before: Mapping[str, Any], changes: Mapping[str, str | None]) -> dict[str, str]:
    environment = before.get("Environment") or {}
    if environment.get("Error"):
        raise Invalid(
            f"The variables of {name} cannot be read, so changing one would lose the others:"
            f" {clean_line(str(environment['Error'].get('Message', '')))}"
        )
    merged = dict(environment.get("Variables") or {})
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged
