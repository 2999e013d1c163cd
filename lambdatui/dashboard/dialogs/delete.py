"""Delete something: says what goes with it, and never does it on a bare Enter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lambdatui.dashboard.dialogs.dialog import Dialog
from lambdatui.dashboard.words import count

if TYPE_CHECKING:
    from lambdatui.model import Alias, Version
    from lambdatui.service import Service


def delete_function(
    service: Service, name: str, versions: Sequence[Version], aliases: Sequence[Alias]
) -> Dialog:
    """Delete a whole function. Without ``versions`` they are not known yet: there is always ``$LATEST``."""
    published = sum(1 for version in versions if not version.is_latest)
    what = [count(published, "version")] if published else []
    if aliases:
        what.append(count(len(aliases), "alias"))
    goes = f"Its {' and '.join(what)}" if what else "" if versions else "All its versions and aliases"
    effect = f"{goes} go with it; " if goes else ""

    async def submit(_: Mapping[str, str]) -> str:
        await service.functions.delete(name)
        return f"Function {name} is deleted."

    text = f"Delete function {name}? {effect}{'its' if effect else 'Its'} log stays."
    return Dialog("Delete function", submit, text=text, verb="Delete", danger=True, destroys=name)


def delete_version(service: Service, version: Version, aliases: Sequence[Alias]) -> Dialog:
    """Delete a published version."""
    name, number = version.function, version.number
    users = [alias.name for alias in aliases if number in dict(alias.weights)]
    if users:
        effect = f"Lambda refuses while {_named(users)} it."
    elif aliases:
        effect = f"No alias uses it ({', '.join(alias.name for alias in aliases)})."
    else:
        effect = "No alias uses it."

    async def submit(_: Mapping[str, str]) -> str:
        await service.versions.delete(name, number)
        return f"Version {number} of {name} is deleted."

    text, destroys = f"Delete version {number} of {name}? {effect}", f"{name}:{number}"
    return Dialog("Delete version", submit, text=text, verb="Delete", danger=True, destroys=destroys)


def delete_alias(service: Service, alias: Alias) -> Dialog:
    """Delete an alias; its versions stay."""

    async def submit(_: Mapping[str, str]) -> str:
        await service.versions.delete_alias(alias.function, alias.name)
        return f"Alias {alias.name} of {alias.function} is deleted."

    text = (
        f"Delete alias {alias.name} of {alias.function}? Who invokes it by that name gets an error."
        f" Version {alias.version} stays."
    )
    return Dialog("Delete alias", submit, text=text, verb="Delete", danger=True, destroys=alias.name)


def _named(names: Sequence[str]) -> str:
    return f"alias {names[0]} uses" if len(names) == 1 else f"aliases {', '.join(names)} use"
