"""Publish ``$LATEST`` as a new version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lambdatui.dashboard.dialogs.dialog import Dialog, Field

if TYPE_CHECKING:
    from lambdatui.service import Service


def publish(service: Service, name: str) -> Dialog:
    """The dialog; Enter publishes, the description may stay empty."""

    async def submit(values: Mapping[str, str]) -> str:
        version = await service.versions.publish(name, description=values["description"])
        return f"Version {version.number} of {name} is published."

    return Dialog(
        f"Publish {name}",
        submit,
        text="Makes a version of $LATEST that can no longer change."
        " Without a change since the last one, Lambda answers with that one.",
        fields=(Field("description", "Description", hint="what is new (may stay empty)"),),
        verb="Publish",
    )
