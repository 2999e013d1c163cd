"""Every setting and every environment variable: what it is, what it shall be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError, Submit
from lambdatui.dashboard.dialogs.picker import Choice, Picker
from lambdatui.dashboard.function.draft import ENVIRONMENT, Draft, Row, rows_of
from lambdatui.dashboard.function.review import Review
from lambdatui.dashboard.function.subject import Subject
from lambdatui.dashboard.function.tab import ChangeTable, FilteredTab
from lambdatui.dashboard.function.value_line import ValueLine
from lambdatui.dashboard.keys import bindings, key_of, spelled
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import bar, size_text
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_messages import RowHighlighted, RowSelected
from lambdatui.dashboard.words import count
from lambdatui.model import FunctionSettings
from lambdatui.model.settings import (
    BY_KEY,
    ENVIRONMENT_LIMIT,
    Kind,
    environment_size,
    problem_of,
    variable_problem,
)
from lambdatui.service import env_file
from lambdatui.service.errors import ServiceError

PICKED = frozenset({"role", "subnets", "security_groups"})
"""Settings that name something which the account has a list of."""

_NEW = "new variable"


class SettingsTab(FilteredTab):
    """A form: Enter changes a row, ctrl+s shows before and after and sends what changed."""

    NAME, TITLE = "settings", "Settings"
    CHANGES = frozenset({"add", "remove", "undo_change", "review", "import_env", "pick_value"})
    BINDINGS: ClassVar = bindings(
        "review", "add", "remove", "undo-change", "pick-value", "reveal", "import-env", "export-env"
    )

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject)
        self.settings: FunctionSettings | None = None
        self.revealed = False
        kept = subject.drafts.setdefault(subject.name, Draft())
        assert isinstance(kept, Draft)
        self.draft = kept
        self._rows: list[Row] = []

    def compose(self) -> ComposeResult:
        table = ChangeTable[Row](self._columns(), lambda row: row.key, empty="")
        table.changes = not self.subject.read_only
        yield FilterLine("setting, variable or value")
        yield table
        yield ValueLine()

    def _columns(self) -> list[Column[Row]]:
        return [
            Column("group", "", self._group, width=11, priority=3),
            Column("name", "setting", _name, min_width=17, max_width=28, clip="middle", search=_searched),
            Column("value", "value", self._value, min_width=20, max_width=96, weight=6, value=self._copied),
            Column("limits", "may be", _limits, min_width=14, max_width=40, priority=2),
        ]

    def _group(self, row: Row) -> Cell:
        first = next((each for each in self.table.rows if each.group == row.group), row)
        return (row.group.split(" ")[0], "accent") if first.key == row.key else ""

    def _value(self, row: Row) -> Cell:
        line = row.line(self.revealed)
        return [*line, (f"  {row.problem}", "fail")] if row.problem else line

    def _copied(self, row: Row) -> str:
        return row.text(row.after, self.revealed)

    @property
    def table(self) -> LineTable[Row]:
        """The rows."""
        return self.query_one(LineTable)

    @property
    def value_line(self) -> ValueLine:
        """Where a value is typed."""
        return self.query_one(ValueLine)

    # -- what is shown ------------------------------------------------------------------------

    async def fetch(self) -> FunctionSettings:
        return await self.subject.service.settings.get(self.subject.name)

    def show(self, found: FunctionSettings) -> None:
        self.settings = found
        self.draft.settle(found)
        self._draw()

    def _draw(self) -> None:
        if self.settings is None:
            return
        self._rows = rows_of(self.settings, self.draft)
        self.table.set_rows(self._rows, glow=False)
        self._describe()

    def _describe(self) -> None:
        assert self.settings is not None
        if self.settings.environment_problem:
            self.describe(Content.styled(self.settings.environment_problem, "$fail"))
            return
        size = environment_size(self.draft.environment(self.settings))
        share = size / ENVIRONMENT_LIMIT
        gauge = f"variables {bar(share, 8)} {size_text(size)} of 4 KB"
        parts: list[str | tuple[str, str]] = [(gauge, "$fail" if share > 1 else "")]
        if len(self.draft):
            changes = count(len(self.draft), "change")
            parts += [" · ", (f"{changes} not sent: {key_of('review')}", "bold $accent")]
        self.describe(Content.assemble(*parts))

    @property
    def shows_something(self) -> bool:
        return self.settings is not None

    def say(self, sentence: str) -> None:
        self.table.empty = sentence

    def stop(self) -> Widget:
        return self.value_line.input if self.value_line.display else self.table

    def copied(self) -> tuple[str, str]:
        row = self.table.cursor_row
        return ("", "") if row is None else (row.after or "", f"the value of {row.label}")

    def action_reveal(self) -> None:
        """Show the values of variables, or mask them."""
        self.revealed = not self.revealed
        self.table.refresh()

    # -- typing -------------------------------------------------------------------------------

    @on(RowHighlighted)
    def _highlighted(self, message: RowHighlighted) -> None:
        message.stop()
        self.refresh_bindings()

    @on(RowSelected)
    def _selected(self, message: RowSelected) -> None:
        message.stop()
        if not self.subject.read_only:
            self._type(message.row)

    def _type(self, row: Row) -> None:
        setting, line = row.setting, self.value_line
        value = row.after or ""
        if setting is None:
            if "\n" in value:
                way = spelled("change it with a .env file (<export-env>, then <import-env>)")
                self.notify(f"This value has several lines: {way}.")
                return
            line.open(row.key, row.label, value, check=lambda text: "", masked=not self.revealed)
        elif setting.kind is Kind.SHOWN:
            self.notify(f"{row.label} is shown only: it cannot be changed here.", severity="warning")
        else:
            line.open(
                row.key,
                row.label,
                value,
                check=lambda text: problem_of(setting, text),
                hint=row.limits,
                choices=setting.choices,
            )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Picking is for what the account has a list of; one value is typed at a time."""
        if action in ("pick_value", "add") and self.is_mounted and self.value_line.display:
            return False
        if action == "pick_value" and not self._pickable():
            return False
        return super().check_action(action, parameters)

    def _pickable(self) -> str:
        row = self.table.cursor_row if self._rows else None
        return row.key if row is not None and row.key in PICKED else ""

    def action_pick_value(self) -> None:
        """Pick a role, a subnet or a security group from those there are."""
        key = self._pickable()
        if key:
            self.run_worker(self._pick(key), group="pick", exclusive=True, exit_on_error=False)

    async def _pick(self, key: str) -> None:
        assert self.settings is not None
        try:
            offers = await self.subject.service.roles.offers(key)
        except ServiceError as error:
            self.notify(f"{error.sentence} {key_of('change')} types one.", severity="warning", markup=False)
            return
        now = self.draft.values.get(key, self.settings.values.get(key, ""))
        if not offers:
            where = self.subject.service.target
            self.notify(
                f"{where.name} has none in {where.region} to pick from. {key_of('change')} types one."
            )
            return
        several = BY_KEY[key].kind is Kind.LIST

        def picked(value: str | None) -> None:
            if value:
                chosen = now.split()
                others = [each for each in chosen if each != value]
                parts = others if value in chosen else [*others, value]
                self.draft.values[key] = " ".join(parts) if several else value
                self._settle()
                self.table.move_to_key(key)

        choices = [
            Choice(
                f"{SIGNS.ok} {each.title}" if each.value in now.split() else each.title, each.hint, each.value
            )
            for each in offers
        ]
        hint = (
            "picking one that is chosen (" + SIGNS.ok + ") leaves it out"
            if several
            else "type some of its name"
        )
        self.app.push_screen(Picker(BY_KEY[key].label, choices, hint=hint), picked)

    def action_add(self) -> None:
        """Type a new variable."""
        if self.settings is not None and not self.settings.environment_problem:
            self.value_line.open("", _NEW, "", check=_assignment_problem, hint="NAME=value")

    @on(ValueLine.Kept)
    def _kept(self, message: ValueLine.Kept) -> None:
        message.stop()
        key, value = message.key, message.value
        if not key:
            name, _, value = value.partition("=")
            self._want(name.strip(), value)
            key = f"{ENVIRONMENT}:{name.strip()}"
        elif key.startswith(f"{ENVIRONMENT}:"):
            self._want(key.partition(":")[2], value)
        else:
            self.draft.values[key] = value.strip()
        self._settle()
        if not self.table.move_to_key(key) and self.clear_filter():  # a new one that would be hidden
            self.table.move_to_key(key)
        self.screen.set_focus(self.table)

    def _want(self, name: str, value: str | None) -> None:
        self.draft.variables[name] = value

    def _settle(self) -> None:
        if self.settings is not None:
            self.draft.settle(self.settings)
        self._draw()

    @on(ValueLine.Left)
    def _left(self, message: ValueLine.Left) -> None:
        message.stop()
        self.screen.set_focus(self.table)

    def action_remove(self) -> None:
        """Take the chosen variable away; nothing is sent yet."""
        row = self.table.cursor_row
        if row is None or row.setting is not None:
            self.notify("Only environment variables can be removed.", severity="warning")
            return
        self._want(row.label, None)
        self._settle()

    def action_undo_change(self) -> None:
        """Take back the change of the chosen row."""
        row, values, variables = self.table.cursor_row, self.draft.values, self.draft.variables
        if row is None or (row.key not in values and (row.setting or row.label not in variables)):
            self.notify("This row was not changed.")
            return
        values.pop(row.key, None)
        if row.setting is None:
            variables.pop(row.label, None)
        self._draw()

    # -- sending ------------------------------------------------------------------------------

    def action_review(self) -> None:
        """Before and after; then it is sent."""
        if self.value_line.display:  # what is being typed belongs to it
            if self.value_line.keep():
                self.call_later(self.action_review)
            return
        settings = self.settings
        changed = [row for row in self._rows if row.changed]
        wrong = next((row for row in changed if row.problem), None)
        if settings is None or not changed:
            self.notify(f"Nothing is changed yet: {key_of('change')} changes a row.", severity="warning")
        elif environment_size(self.draft.environment(settings)) > ENVIRONMENT_LIMIT:
            self.notify("All variables together may take 4 KB: remove or shorten some.", severity="error")
        elif wrong is not None:
            self.notify(f"{wrong.label}: {wrong.problem}.", severity="error", markup=False)
        else:
            self.with_leave(lambda: self._review(settings, changed))

    def _review(self, settings: FunctionSettings, changed: Sequence[Row]) -> None:
        review = Review(settings, changed, self._send, self.fetch, revealed=self.revealed)
        self.app.push_screen(review, self._reviewed)

    async def _send(self, revision: str | None) -> str:
        changed = count(len(self.draft), "change")
        await self.subject.service.settings.change(
            self.subject.name, self.draft.values, variables=self.draft.variables, revision_id=revision
        )
        return f"{changed} made to {self.subject.name}."

    def _reviewed(self, sentence: str | None) -> None:
        if sentence is None:
            return
        if sentence:
            self.draft.clear()
            self.changed(sentence)
        else:
            self.ask()

    # -- .env files ---------------------------------------------------------------------------

    def action_import_env(self) -> None:
        """Take the variables of a file into the form; nothing is sent yet."""

        async def submit(values: Mapping[str, str]) -> str:
            found = env_file.read(_path(values["file"]))
            for name in found:
                if problem := variable_problem(name):
                    raise FieldError("file", f"{name}: {problem}")
            self.draft.variables.update(found)
            return f"{count(len(found), 'variable')} read; {key_of('review')} shows what they change."

        self._file_dialog(
            "Import variables",
            "Variables of the file are added to those that are there or take their place;"
            " others stay. Nothing is sent before you review it.",
            "Import",
            submit,
        )

    def action_export_env(self) -> None:
        """Write the variables to a file."""
        settings = self.settings
        if settings is None:
            return

        async def submit(values: Mapping[str, str]) -> str:
            path = _path(values["file"])
            env_file.write(path, self.draft.environment(settings))
            return f"{path} written: {count(len(settings.environment), 'variable')} in plain text."

        self._file_dialog(
            "Write variables",
            "The file holds the values in plain text; only you may read it. An existing file is left alone.",
            "Write",
            submit,
        )

    def _file_dialog(self, title: str, text: str, verb: str, submit: Submit) -> None:
        def done(sentence: str | None) -> None:
            if sentence:
                self.notify(sentence, markup=False)
                self._settle()

        fields = (Field("file", "File", ".env", "path of a .env file"),)
        self.app.push_screen(Dialog(title, submit, text=text, fields=fields, verb=verb), done)


def _name(row: Row) -> Cell:
    return row.label, "strong"


def _searched(row: Row) -> str:
    """Values of variables may be secrets: what is typed is not to find them."""
    return f"{row.group} {row.label} {row.after or ''}" if row.setting else f"{row.group} {row.label}"


def _limits(row: Row) -> Cell:
    return row.limits, "muted"


def _assignment_problem(text: str) -> str:
    name, equals, _ = text.partition("=")
    if not text:
        return "NAME=value"
    return variable_problem(name.strip()) or ("" if equals else "NAME=value")


def _path(text: str) -> Path:
    if not text:
        raise FieldError("file", "Give the path of a file.")
    return Path(text).expanduser()
