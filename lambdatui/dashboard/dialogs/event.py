"""A sample event of a service that calls Lambda, with its parameters as a form."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.keys import key_of
from lambdatui.events import BadParameter, EventError, Sample, build
from lambdatui.service.errors import Invalid

if TYPE_CHECKING:
    from lambdatui.model import Target

ROOM = 6
"""Parameters in the form, so that it fits 24 lines; the others keep their defaults."""


def event(sample: Sample, target: Target, function: str, use: Callable[[str], None]) -> Dialog:
    """The dialog; ``use`` gets the event as text. Region, account and function are those at hand."""
    known = {"region": target.region, "account": target.account, "function": function}
    asked = [parameter for parameter in sample.parameters if parameter.name not in known][:ROOM]
    given = {
        parameter.name: known[parameter.name] for parameter in sample.parameters if parameter.name in known
    }

    async def submit(values: Mapping[str, str]) -> str:
        typed: dict[str, Any] = {}
        for parameter in asked:
            text = values[parameter.name]
            if text == _text(parameter.default):
                continue
            try:
                typed[parameter.name] = parameter.read(text)
            except BadParameter as problem:
                raise FieldError(parameter.name, str(problem)) from None
        try:
            made = build(sample.id, given | typed)
        except EventError as problem:
            raise Invalid(str(problem)) from None
        use(json.dumps(made, indent=2, ensure_ascii=False))
        return (
            f"The payload is an event of {sample.title} now. Press {key_of('invoke')} to invoke {function}."
        )

    return Dialog(
        f"Event: {sample.title}",
        submit,
        text=sample.doc,
        fields=tuple(
            Field(parameter.name, parameter.name, _text(parameter.default), parameter.help)
            for parameter in asked
        ),
        verb="Use it",
    )


def _text(value: Any) -> str:
    """A default as one types it."""
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
