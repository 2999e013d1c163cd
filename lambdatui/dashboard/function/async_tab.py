"""What happens to asynchronous events: how often, how long, and who is told."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.function.naming import short_arn
from lambdatui.dashboard.function.tab import ListTab
from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import duration_text
from lambdatui.model import AsyncConfig
from lambdatui.model.function import LATEST

RETRIES, AGE_S = 2, 6 * 3600


class AsyncTab(ListTab[AsyncConfig]):
    """One row for the function, and one for each version or alias that has its own."""

    NAME, TITLE = "async", "Asynchronous events"
    CHANGES = frozenset({"add", "remove"})
    BINDINGS: ClassVar = bindings("add", "remove")

    _letters = ""

    def columns(self) -> Sequence[Column[AsyncConfig]]:
        return [
            Column("for", "events of", _for, min_width=10, max_width=28, clip="middle"),
            Column("retries", "retries", _retries, width=7, align="right"),
            Column("age", "up to", _age, width=10, align="right", priority=1),
            Column("success", "on success", lambda c: _to(c.on_success), min_width=14, weight=2),
            Column("failure", "on failure", lambda c: _to(c.on_failure), min_width=14, weight=2),
        ]

    def key(self, row: AsyncConfig) -> Hashable:
        return row.qualifier

    async def fetch(self) -> tuple[list[AsyncConfig], str]:
        found = await self.subject.service.async_configs.list(self.subject.name)
        settings = await self.subject.service.settings.get(self.subject.name)
        return found, settings.values.get("dead_letter", "")

    def rows(self, found: tuple[list[AsyncConfig], str]) -> list[AsyncConfig]:
        configs, self._letters = found
        if all(config.qualifier != LATEST for config in configs):
            configs = [AsyncConfig(LATEST), *configs]
        return sorted(configs, key=lambda config: (config.qualifier != LATEST, config.qualifier))

    def about(self) -> str:
        letters = short_arn(self._letters) if self._letters else "none"
        return f"dead-letter queue: {letters} (a setting, press {key_of('part-settings')})"

    def change(self, row: AsyncConfig) -> None:
        self._put(row, new=False)

    def action_add(self) -> None:
        """Settings of its own for a version or alias."""
        self._put(AsyncConfig(""), new=True)

    def _put(self, row: AsyncConfig, *, new: bool) -> None:
        async def submit(values: Mapping[str, str]) -> str:
            config = _config(values, values["qualifier"] if new else row.qualifier)
            await self.subject.service.async_configs.put(self.subject.name, config)
            return f"Asynchronous events of {config.qualifier} are handled so from now on."

        chosen = (Field("qualifier", "Version, alias", "", "a version or an alias"),) if new else ()
        fields = (
            *chosen,
            Field("retries", "Retries", _text(row.retries), f"0 to 2, nothing: {RETRIES}"),
            Field("age", "Oldest, in s", _text(row.age_s), f"60 to 21600, nothing: {AGE_S}"),
            Field("success", "On success", row.on_success, "ARN of a queue, topic, bus, function"),
            Field("failure", "On failure", row.on_failure, "ARN of a queue, topic, bus, function"),
        )
        title = "Asynchronous events" + ("" if new else f" of {row.qualifier}")
        text = "A failed event is tried again after 1 and 2 minutes, until it is too old."
        self.open_dialog(Dialog(title, submit, text=text, fields=fields, verb="Set"))

    def action_remove(self) -> None:
        """Back to Lambda's defaults."""
        row, name = self.chosen, self.subject.name
        if row is None or row == AsyncConfig(row.qualifier):
            self.notify("These are Lambda's defaults already.", severity="warning")
            return

        async def submit(_: Mapping[str, str]) -> str:
            await self.subject.service.async_configs.remove(name, row.qualifier)
            return f"Asynchronous events of {row.qualifier} go by Lambda's defaults."

        text = (
            f"Go back to Lambda's defaults for events of {name}:{row.qualifier}?"
            " Two retries within six hours; destinations are no longer told."
        )
        self.open_dialog(Dialog("Lambda's defaults", submit, text=text, verb="Go back", danger=True))


def _config(values: Mapping[str, str], qualifier: str) -> AsyncConfig:
    if not qualifier:
        raise FieldError("qualifier", "Name a version or an alias.")
    config = AsyncConfig(
        qualifier,
        _within(values, "retries", 0, 2),
        _within(values, "age", 60, 21600),
        values["success"],
        values["failure"],
    )
    if config == replace(AsyncConfig(qualifier)):
        raise FieldError("retries", f"Nothing is set: {key_of('remove')} goes back to Lambda's defaults.")
    return config


def _within(values: Mapping[str, str], field: str, low: int, high: int) -> int | None:
    text = values[field]
    if not text:
        return None
    if not text.isdecimal() or not low <= int(text) <= high:
        raise FieldError(field, f"A number from {low} to {high}, or nothing.")
    return int(text)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _for(row: AsyncConfig) -> Cell:
    return row.qualifier, "strong"


def _retries(row: AsyncConfig) -> Cell:
    return (str(RETRIES), "muted") if row.retries is None else str(row.retries)


def _age(row: AsyncConfig) -> Cell:
    tone = "muted" if row.age_s is None else ""
    return duration_text((AGE_S if row.age_s is None else row.age_s) * 1000), tone


def _to(arn: str) -> Cell:
    return short_arn(arn) if arn else ("nobody is told", "muted")
