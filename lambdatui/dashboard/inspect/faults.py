"""Faults on demand: what is armed, how often it fired; arm, disarm, clear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.inspect.filtered import FilteredScreen
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Column
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_messages import RowSelected
from lambdatui.dashboard.words import count
from lambdatui.model.inspection import FaultKind, FaultsView, FaultSwitch

if TYPE_CHECKING:
    from lambdatui.service.inspection.faults import Faults

_SETTING = re.compile(r"`(\w+)`")


@dataclass(frozen=True, slots=True)
class Row:
    """A kind, with one of its switches if it has any."""

    kind: FaultKind
    switch: FaultSwitch | None

    @property
    def key(self) -> tuple[str, str | None]:
        return self.kind.name, self.switch.function if self.switch else None


def rows_of(view: FaultsView) -> list[Row]:
    """Every kind in its order, as often as it has switches."""
    rows = []
    for kind in view.kinds:
        switches = [one for one in view.switches if one.kind == kind.name]
        rows += [Row(kind, switch) for switch in switches] or [Row(kind, None)]
    return rows


def _state(row: Row) -> tuple[str, str]:
    if row.switch is None:
        return " ", ""
    return (SIGNS.warning, "wait") if row.switch.armed else (SIGNS.ok, "muted")


def _whom(row: Row) -> tuple[str, str]:
    if row.switch is None:
        return "", ""
    return (row.switch.function or "every function"), "" if row.switch.armed else "muted"


def _left(row: Row) -> tuple[str, str]:
    if row.switch is None:
        return "", ""
    if row.switch.left is None:
        return "until cleared", "wait"
    return (f"{row.switch.left} more", "wait") if row.switch.left else ("used up", "muted")


def _fired(row: Row) -> str:
    return str(row.switch.fired) if row.switch else ""


def _words(row: Row) -> tuple[str, str]:
    settings = row.switch.settings if row.switch else ()
    said = "".join(f"{name} {value:g} {SIGNS.dot} " for name, value in settings)
    return said + row.kind.description.replace("`", ""), "muted"


COLUMNS = (
    Column[Row]("state", "", _state, width=1),
    Column[Row]("kind", "Fault", lambda row: row.kind.name, width=18),
    Column[Row]("function", "For", _whom, min_width=14, max_width=30),
    Column[Row]("left", "Armed", _left, width=13),
    Column[Row]("fired", "Fired", _fired, width=7, align="right"),
    Column[Row]("words", "What it does", _words, min_width=30, weight=4, priority=2),
)


class FaultTable(LineTable[Row]):
    """The kinds and switches; Enter arms."""

    BINDINGS: ClassVar = bindings("arm")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is armed on a target opened read-only."""
        if action == "select" and isinstance(self.screen, FaultsScreen) and self.screen.outlook.read_only:
            return False
        return super().check_action(action, parameters)


class FaultsScreen(FilteredScreen[FaultsView]):
    """The switches of the engine."""

    NAME = "faults"
    TITLE = "Faults"
    CHANGES = frozenset({"disarm", "clear"})
    BINDINGS: ClassVar = bindings("disarm", "clear-faults")

    def contents(self) -> ComposeResult:
        yield FilterLine("fault, function or what it does")
        yield FaultTable(COLUMNS, lambda row: row.key, empty="Asking the engine…")

    async def look(self, since: str, hold_s: float) -> FaultsView:
        inspection = self.outlook.service.inspection
        assert inspection is not None
        return await inspection.faults.view(since=since, wait_s=hold_s if since else 0)

    def show(self, view: FaultsView) -> None:
        self.table.set_rows(rows_of(view))
        armed = sum(one.armed for one in view.switches)
        fired = sum(one.fired for one in view.switches)
        said = f"{count(armed, 'fault')} armed" if armed else "nothing is armed"
        self.entitle(Content.styled(said, "$wait" if armed else "$muted"), f"fired {count(fired, 'time')}")
        self.describe_chosen()
        self.refresh_bindings()

    @property
    def table(self) -> FaultTable:
        """The kinds and switches."""
        return self.query_one(FaultTable)

    def describe_chosen(self) -> None:
        """What the chosen one does, whole: its column may have no room."""
        row = self.table.cursor_row
        self.subtitle(_words(row)[0] if row else "")

    def copied(self) -> tuple[str, str]:
        row = self.table.cursor_row
        return (row.kind.name, "the fault's name") if row else ("", "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to take back where nothing is set."""
        if action == "disarm":
            row = self.table.cursor_row if self.is_mounted else None
            if row is None or row.switch is None:
                return False
        if action == "clear" and not (self.is_mounted and any(row.switch for row in self.table.rows)):
            return False
        return super().check_action(action, parameters)

    # -- arming -------------------------------------------------------------------------------

    @on(RowSelected)
    def _chosen(self, message: RowSelected) -> None:
        self.ask(self._arming(message.row))

    def _arming(self, row: Row) -> Dialog:
        faults = self._faults
        names = _SETTING.findall(row.kind.description)
        set_before = dict(row.switch.settings) if row.switch else {}
        function = row.switch.function if row.switch else self.outlook.function
        left = row.switch.left if row.switch else None

        async def submit(values: Mapping[str, str]) -> str:
            times = _whole("times", values["times"])
            settings = {name: _amount(name, values[name]) for name in names if values[name]}
            await faults.arm(row.kind.name, values["function"] or None, times, settings)
            whom = values["function"] or "every function"
            often = "until it is cleared" if times is None else count(times, "time")
            return f"{row.kind.name} is armed for {whom}, {often}."

        return Dialog(
            f"Arm {row.kind.name}",
            submit,
            text=row.kind.description.replace("`", ""),
            fields=(
                Field("function", "Function", function or "", hint="empty: every function"),
                Field("times", "Times", str(left) if left else "", hint="empty: until it is cleared"),
                *(
                    Field(name, name.capitalize(), f"{set_before.get(name, 0):g}" if set_before else "")
                    for name in names
                ),
            ),
            verb="Arm",
        )

    def action_disarm(self) -> None:
        """Take the chosen switch back."""
        row = self.table.cursor_row
        if row is None or row.switch is None:
            return
        switch = row.switch

        async def work() -> str:
            await self._faults.disarm(switch)
            return f"{switch.kind} is off for {switch.function or 'every function'}."

        self.act(work)

    def action_clear(self) -> None:
        """Take all switches back."""

        async def work() -> str:
            await self._faults.clear()
            return "All faults are off."

        self.act(work)

    @property
    def _faults(self) -> Faults:
        inspection = self.outlook.service.inspection
        assert inspection is not None
        return inspection.faults


def _whole(field: str, text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise FieldError(field, "Times is a whole number from 1, or empty.")
    return int(text)


def _amount(field: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise FieldError(field, f"{field.capitalize()} is a number.") from None
