"""Everything that can be sent to a function, in one list: saved, sent, last got, files, samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen

from lambdatui.dashboard.bars import Footer, Header
from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.invoking.sources import Entry, Found, Kind, Sources
from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Column
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.dashboard.widgets.json_view import JsonView
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_messages import RowHighlighted, RowSelected
from lambdatui.dashboard.words import age, count
from lambdatui.service.errors import ServiceError
from lambdatui.service.saved_events import read_file

WIDE = 100
"""Columns from which the payload is shown beside the list."""


class Entries(LineTable[Entry]):
    """The list; Enter takes the payload."""

    BINDINGS: ClassVar = bindings("use-payload")


class LibraryScreen(Screen[str | None]):
    """Answers with the payload to use, or with None."""

    CSS_PATH = "invoking.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = bindings(
        "save-payload", "rename-payload", "delete-payload",
        "filter", "next-pane", "refresh", "command", "back",
    )  # fmt: skip

    def __init__(self, sources: Sources, payload: str, *, production: bool = False) -> None:
        super().__init__()
        self._sources = sources
        self._payload = payload
        self._named = ""  # what was saved or renamed last
        self._production = production

    def compose(self) -> ComposeResult:
        yield Header()
        with Vertical(id="frame") as frame:
            frame.border_title = Content(f"Payloads {SIGNS.closed} {self._sources.function}")
            with Horizontal(id="beside"):
                yield Entries(self._columns(), lambda entry: entry.key, empty="Looking…", id="entries")
                yield JsonView(id="preview")
            yield FilterLine("text to filter by")
        yield Footer()

    def _columns(self) -> list[Column[Entry]]:
        return [
            Column("kind", "From", lambda one: (str(one.kind), "accent"), width=8),
            Column("name", "Payload", lambda one: (one.name, "strong"), min_width=30, weight=4,
                   search=lambda one: f"{one.kind} {one.name} {one.about}"),
            Column("about", "", lambda one: (one.about.split(". ")[0], "muted"), min_width=14, weight=3,
                   priority=1),
            Column("when", "When", lambda one: (self._age(one), "muted"), width=9, align="right", priority=3),
            Column("size", "Size", lambda one: "" if one.size is None else size_text(one.size), width=7,
                   align="right", priority=2),
        ]  # fmt: skip

    def _age(self, entry: Entry) -> str:
        return "" if entry.when is None else age(entry.when, self._sources.now())

    def on_mount(self) -> None:
        header = self.query_one(Header)
        header.target, header.production = self._sources.service.target, self._production
        self.set_focus(self.table)
        self.action_refresh()

    @property
    def table(self) -> Entries:
        """The list."""
        return self.query_one(Entries)

    @property
    def preview(self) -> JsonView:
        """What the chosen one is."""
        return self.query_one(JsonView)

    def on_resize(self, event: events.Resize) -> None:
        self.preview.display = event.size.width >= WIDE

    # -- the list -----------------------------------------------------------------------------

    def action_refresh(self) -> None:
        """Look again."""
        self._look_for("")

    def _look_for(self, name: str) -> None:
        """Look again and go to the saved payload of that name."""
        self.run_worker(self._look(name), group="payloads", exclusive=True, exit_on_error=False)

    async def _look(self, name: str) -> None:
        first = not self.table.row_count
        self._show(await self._sources.all())
        if name:
            self.table.move_to_key(f"{Kind.SAVED}/{name}")
        elif first:
            self.table.action_top()

    def _show(self, found: Found) -> None:
        self.table.set_rows(found.entries)
        self.table.empty = "Nothing matches the filter."
        kept = sum(entry.kind is Kind.SAVED for entry in found.entries)
        frame = self.query_one("#frame")
        frame.border_subtitle = Content(
            f"{count(kept, 'payload')} saved" if kept else f"{key_of('save-payload')} saves the one at hand"
        )
        for problem in found.problems:
            self.notify(problem, severity="warning", markup=False)

    @on(RowHighlighted)
    def _highlighted(self, message: RowHighlighted) -> None:
        message.stop()
        self.refresh_bindings()
        if self.preview.display and isinstance(message.row, Entry):
            self.run_worker(self._preview(message.row), group="preview", exclusive=True, exit_on_error=False)

    async def _preview(self, entry: Entry) -> None:
        try:
            text = await entry.load()
        except ServiceError as error:
            text = error.sentence
        if entry.kind is Kind.LAST:
            self.query_one("#frame").border_subtitle = Content(entry.about.split(".")[0])
            self.preview.empty = entry.about
        self.preview.set_text(text)
        if not text:
            self.preview.empty = f"{key_of('use-payload')} asks for the path of the file."

    @on(FilterLine.Changed)
    def _filter(self, message: FilterLine.Changed) -> None:
        message.stop()
        self.table.filter_text = message.text

    @on(FilterLine.Left)
    def _filtered(self, message: FilterLine.Left) -> None:
        message.stop()
        self.set_focus(self.table)

    def action_filter(self) -> None:
        """Type into the filter."""
        self.query_one(FilterLine).open()

    def action_move_focus(self, step: int) -> None:
        """Between list and payload."""
        there = self.preview if self.focused is self.table and self.preview.display else self.table
        self.set_focus(there)

    def action_back(self) -> None:
        """Clear the filter, else close without a choice."""
        if not self.query_one(FilterLine).clear():
            self.dismiss(None)

    # -- choosing -----------------------------------------------------------------------------

    @on(RowSelected)
    def _selected(self, message: RowSelected) -> None:
        message.stop()
        entry = self.table.cursor_row
        if entry is None:
            return
        if entry.kind is Kind.FILE:
            self._ask_for_file()
        elif entry.sample is not None and entry.sample.parameters:
            self._ask_for_parameters(entry)
        else:
            self.run_worker(self._use(entry), group="payloads", exclusive=True, exit_on_error=False)

    async def _use(self, entry: Entry) -> None:
        try:
            self.dismiss(await entry.load())
        except ServiceError as error:
            self.notify(error.sentence, severity="error", markup=False)

    def _ask_for_parameters(self, entry: Entry) -> None:
        from lambdatui.dashboard.dialogs.event import event

        assert entry.sample is not None
        made: list[str] = []
        dialog = event(entry.sample, self._sources.service.target, self._sources.function, made.append)

        def use(said: str | None) -> None:
            if said is not None:
                self.dismiss(made[0])

        self.app.push_screen(dialog, use)

    def _ask_for_file(self) -> None:
        read: list[str] = []

        async def submit(values: Mapping[str, str]) -> str:
            if not values["path"]:
                raise FieldError("path", "The path of a file, such as event.json or ~/orders/42.json.")
            read.append(read_file(Path(values["path"]).expanduser()))
            return ""

        def use(said: str | None) -> None:
            if said is not None:
                self.dismiss(read[-1])

        dialog = Dialog(
            "Payload from a file",
            submit,
            text="The payload becomes what the file holds; the file is not changed.",
            fields=(Field("path", "File", "", "event.json"),),
            verb="Use it",
        )
        self.app.push_screen(dialog, use)

    # -- saving -------------------------------------------------------------------------------

    @property
    def _saved(self) -> Entry | None:
        entry = self.table.cursor_row
        return entry if entry is not None and entry.kind is Kind.SAVED else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what was saved here can be renamed and deleted; a list alone has no pane beside it."""
        if action in ("rename_payload", "delete_payload") and self._saved is None:
            return False
        if action == "move_focus":
            return len(self.focus_chain) > 1
        return super().check_action(action, parameters)

    def _changed(self, sentence: str | None) -> None:
        if sentence:
            self.notify(sentence, markup=False)
            self._look_for(self._named)

    def action_save_payload(self) -> None:
        """Keep the payload at hand under a name."""
        saved, function = self._sources.service.saved_events, self._sources.function

        async def submit(values: Mapping[str, str]) -> str:
            await saved.save(function, values["name"], self._payload, replace=values["replace"] == "yes")
            self._named = values["name"]
            return f"Saved as {values['name']}, for {function} on every target."

        self.app.push_screen(
            Dialog(
                f"Save the payload of {function}",
                submit,
                text=f"{size_text(len(self._payload.encode()))}, kept as a file on this machine.",
                fields=(
                    Field("name", "Name", "", "order with coupon"),
                    Field("replace", "Replace", "no", "yes replaces one of that name"),
                ),
                verb="Save",
            ),
            self._changed,
        )

    def action_rename_payload(self) -> None:
        """Give the chosen one another name."""
        entry = self._saved
        if entry is None:
            return
        saved, function = self._sources.service.saved_events, self._sources.function

        async def submit(values: Mapping[str, str]) -> str:
            await saved.rename(function, entry.name, values["name"])
            self._named = values["name"]
            return f"{entry.name} is {values['name']} now."

        fields = (Field("name", "Name", entry.name),)
        self.app.push_screen(
            Dialog(f"Rename {entry.name}", submit, fields=fields, verb="Rename"), self._changed
        )

    def action_delete_payload(self) -> None:
        """Delete the chosen one; asks first."""
        entry = self._saved
        if entry is None:
            return
        saved, function = self._sources.service.saved_events, self._sources.function

        async def submit(_: Mapping[str, str]) -> str:
            await saved.delete(function, entry.name)
            self._named = ""
            return f"The payload {entry.name} is deleted."

        text = f"Its file goes too. {function} itself is not touched."
        self.app.push_screen(
            Dialog(f"Delete the payload {entry.name}?", submit, text=text, verb="Delete", danger=True),
            self._changed,
        )
