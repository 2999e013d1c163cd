"""Provisioned concurrency of a function: of which version or alias, and how much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.words import count

if TYPE_CHECKING:
    from lambdatui.service.concurrency import Concurrency


def provision_dialog(concurrency: Concurrency, name: str, qualifier: str) -> Dialog:
    """Asks for a version or alias and a number, and has so many environments made and kept."""

    async def submit(values: Mapping[str, str]) -> str:
        if not values["qualifier"] or values["qualifier"] == "$LATEST":
            raise FieldError("qualifier", "A version or an alias: $LATEST cannot be provisioned.")
        if not values["count"].isdecimal():
            raise FieldError("count", "How many is a whole number; 0 ends it.")
        wanted = int(values["count"])
        if not wanted:
            await concurrency.unprovision(name, values["qualifier"])
            return f"Nothing is provisioned for {name}:{values['qualifier']} any more."
        await concurrency.provision(name, values["qualifier"], wanted)
        return f"{count(wanted, 'environment')} of {name}:{values['qualifier']} warm up."

    fields = (
        Field("qualifier", "Version or alias", qualifier),
        Field("count", "How many", hint="0 ends it"),
    )
    text = "They are made now and kept, so that no invocation has to wait for its INIT."
    return Dialog(f"Provisioned concurrency of {name}", submit, text=text, fields=fields, verb="Set")
