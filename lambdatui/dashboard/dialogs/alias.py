"""Create an alias, repoint it, or share its traffic between two versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.words import percent

if TYPE_CHECKING:
    from lambdatui.model import Alias
    from lambdatui.service import Service


def alias(service: Service, name: str, *, version: str | None = "", known: Alias | None = None) -> Dialog:
    """The dialog, filled from the alias it changes or with the version chosen: None where the versions are
    not known yet, and the newest is asked for."""

    async def submit(values: Mapping[str, str]) -> str:
        alias_name, number = values["alias"], values["version"]
        if not alias_name:
            raise FieldError("alias", "An alias needs a name, such as prod.")
        if not number:
            raise FieldError("version", "An alias points at a version, such as 1 or $LATEST.")
        routing = _routing(values["second"], values["share"])
        same = known if known is not None and known.name == alias_name else None
        made = await service.versions.put_alias(
            name,
            alias_name,
            version=number,
            routing=routing,
            revision_id=same.revision_id if same else None,
        )
        shares = ", ".join(f"{percent(share)} to version {number}" for number, share in made.weights)
        return f"Alias {alias_name} of {name} sends {shares}."

    async def newest() -> Mapping[str, str]:
        found = await service.versions.list(name)
        return {"version": next((one.number for one in found if not one.is_latest), "")}

    second, share = next(iter(known.routing.items()), ("", 0.0)) if known else ("", 0.0)
    return Dialog(
        f"Alias {known.name} of {name}" if known else f"New alias of {name}",
        submit,
        text="A name for a version. A second version may take a share of the traffic.",
        fields=(
            Field("alias", "Alias", known.name if known else "", "such as prod"),
            Field("version", "Version", known.version if known else version or "", "a number, or $LATEST"),
            Field("second", "Second version", second, "none"),
            Field("share", "Its share in %", f"{share * 100:g}" if second else "", "such as 10"),
        ),
        verb="Save" if known else "Create",
        asked=newest if version is None and known is None else None,
    )


def _routing(second: str, share: str) -> dict[str, float]:
    """The routing that the two fields mean; both or neither are filled in."""
    if not second:
        if share:
            raise FieldError("second", "The share needs a second version that takes it.")
        return {}
    try:
        value = float(share.rstrip(" %").replace(",", "."))
    except ValueError:
        raise FieldError("share", "The share is a number from 0 to 100.") from None
    if not 0 <= value <= 100:
        raise FieldError("share", "The share is a number from 0 to 100.")
    return {second: round(value / 100, 4)}
