"""Tags of the function."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.function.tab import ListTab
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.widgets.columns import Column
from lambdatui.dashboard.words import count

Tag = tuple[str, str]
LIMIT = 50


class TagsTab(ListTab[Tag]):
    """Names and values."""

    NAME, TITLE = "tags", "Tags"
    EMPTY = "No tags. <add> adds one: tags tell who owns a function and what it costs."
    EMPTY_READ_ONLY = "No tags."
    FILTER = "name or value"
    CHANGES = frozenset({"add", "remove"})
    BINDINGS: ClassVar = bindings("add", "remove")

    def columns(self) -> Sequence[Column[Tag]]:
        return [
            Column("name", "name", lambda tag: (tag[0], "strong"), min_width=16, max_width=48, clip="middle"),
            Column("value", "value", lambda tag: tag[1], min_width=16, weight=3),
        ]

    def key(self, row: Tag) -> Hashable:
        return row[0]

    async def fetch(self) -> list[Tag]:
        return list((await self.subject.service.tags.of(await self._arn())).items())

    async def _arn(self) -> str:
        return (await self.subject.service.functions.get(self.subject.name)).arn

    def about(self) -> str:
        return f"{count(self.table.total_count, 'tag')} of {LIMIT}" if self.table.total_count else ""

    def action_add(self) -> None:
        """Add a tag."""
        self._put("Add a tag", "", "")

    def change(self, row: Tag) -> None:
        self._put(f"Tag {row[0]}", *row)

    def _put(self, title: str, name: str, value: str) -> None:
        async def submit(values: Mapping[str, str]) -> str:
            if not 0 < len(values["name"]) <= 128:
                raise FieldError("name", "A name has 1 to 128 characters.")
            if len(values["value"]) > 256:
                raise FieldError("value", "A value has at most 256 characters.")
            await self.subject.service.tags.put(await self._arn(), {values["name"]: values["value"]})
            return f"Tag {values['name']} is {values['value'] or 'empty'}."

        fields = (Field("name", "Name", name), Field("value", "Value", value))
        self.open_dialog(Dialog(title, submit, fields=fields, verb="Set"))

    def action_remove(self) -> None:
        """Remove the chosen tag."""
        row = self.chosen
        if row is None:
            return

        async def submit(_: Mapping[str, str]) -> str:
            await self.subject.service.tags.remove(await self._arn(), [row[0]])
            return f"Tag {row[0]} is removed."

        text = f"Remove tag {row[0]} of {self.subject.name}? What goes by it no longer finds the function."
        self.open_dialog(Dialog("Remove tag", submit, text=text, verb="Remove", danger=True))
