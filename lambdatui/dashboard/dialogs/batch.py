"""How many records of an event source make a batch, and how long one is collected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.function.naming import short_arn

if TYPE_CHECKING:
    from lambdatui.service.mappings import EventSources


def batch_dialog(sources: EventSources, mapping: str, source: str, size: int | None, window_s: int) -> Dialog:
    """Asks for batch size and window of a mapping and sets them."""

    async def submit(values: Mapping[str, str]) -> str:
        wanted, window = number(values, "size", 1, 10_000), number(values, "window", 0, 300)
        await sources.set_batch(mapping, wanted, window)
        return f"{short_arn(source)} comes in batches of {wanted}."

    fields = (
        Field("size", "Batch size", str(size or ""), "1 to 10000"),
        Field("window", "Window, in s", str(window_s), "0 to 300: how long a batch is collected"),
    )
    text = "Over 10 messages of a queue in a batch need a window of at least 1 s."
    return Dialog(f"Batches of {short_arn(source)}", submit, text=text, fields=fields, verb="Set")


def number(values: Mapping[str, str], field: str, low: int, high: int) -> int:
    """A whole number that was typed."""
    text = values[field]
    if not text.isdecimal() or not low <= int(text) <= high:
        raise FieldError(field, f"A number from {low} to {high}.")
    return int(text)
