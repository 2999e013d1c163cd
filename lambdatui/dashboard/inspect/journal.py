"""What was changed and what was said, the newest first; a change that has a way back is taken back here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult

from lambdatui.dashboard.dialogs.dialog import Dialog
from lambdatui.dashboard.inspect.filtered import FilteredScreen
from lambdatui.dashboard.keys import bindings, spelled
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Column
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.words import age, count, exactly
from lambdatui.model.journal import Undo, Write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdatui.dashboard.app import LambdaTui

PERIOD_S = 0.25
"""How often it is looked whether something was said meanwhile."""
_UNDO = {
    Undo.NEVER: ("", ""),
    Undo.READY: ("<undo-write> undoes", "accent"),
    Undo.DONE: ("undone", "muted"),
    Undo.PAST: ("", ""),
}
_SEVERITIES = {"information": (SIGNS.dot, "muted"), "warning": (SIGNS.warning, "wait")}


@dataclass(frozen=True, slots=True)
class Said:
    """One message that was shown for a moment."""

    number: int
    when: datetime
    severity: str
    text: str


Entry = Write | Said


@dataclass(frozen=True, slots=True)
class Entries:
    """Everything, the newest first."""

    stamp: str
    rows: Sequence[Entry]


def _sign(entry: Entry) -> tuple[str, str]:
    if isinstance(entry, Said):
        return _SEVERITIES.get(entry.severity, (SIGNS.failed, "fail"))
    return (SIGNS.failed, "fail") if entry.error else (SIGNS.ok, "ok")


def _what(entry: Entry) -> tuple[str, str]:
    return ("message", "muted") if isinstance(entry, Said) else (entry.operation, "strong")


def _subject(entry: Entry) -> str:
    return "" if isinstance(entry, Said) else entry.subject


def _words(entry: Entry) -> tuple[str, str]:
    if isinstance(entry, Said):
        return " ".join(entry.text.split()), ""
    return (entry.error, "fail") if entry.error else (entry.details, "muted")


def _way_back(entry: Entry) -> tuple[str, str]:
    if isinstance(entry, Said):
        return "", ""
    said, tone = _UNDO[entry.undo]
    return spelled(said), tone


class JournalTable(LineTable[Entry]):
    """Nothing opens from here."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """So Enter is no key."""
        return action != "select" and super().check_action(action, parameters)


class JournalScreen(FilteredScreen[Entries]):
    """Writes and messages of this target."""

    NAME, TITLE = "journal", "Journal"
    CHANGES = frozenset({"undo"})
    PACE_S = 0.0
    BINDINGS: ClassVar = bindings("undo-write")

    def contents(self) -> ComposeResult:
        now = self.outlook.now
        yield FilterLine("operation, name or text")
        yield JournalTable(
            (
                Column[Entry]("sign", "", _sign, width=1),
                Column[Entry](
                    "when", "When", lambda one: (age(one.when, now()), "muted"), width=11, align="right"
                ),
                Column[Entry]("what", "What", _what, min_width=14, max_width=34),
                Column[Entry]("subject", "Of", _subject, min_width=10, max_width=40, clip="middle"),
                Column[Entry]("words", "Details", _words, min_width=20, weight=4),
                Column[Entry]("undo", "", _way_back, width=8),
            ),
            lambda one: (type(one), one.number),
            empty="Nothing was changed or said yet. What you change in this account is written down here.",
        )

    async def look(self, since: str, hold_s: float) -> Entries:
        journal = self.outlook.service.journal
        said = cast("LambdaTui", self.app).said
        minute = f"{self.outlook.now():%H:%M}"  # the ages of the rows
        loop = asyncio.get_running_loop()
        until = loop.time() + hold_s
        while (stamp := f"{journal.stamp} {len(said)} {minute}") == since and loop.time() < until:
            await journal.changed(journal.stamp, PERIOD_S)
        rows: list[Entry] = [*await journal.writes(), *said]
        return Entries(stamp, sorted(rows, key=lambda one: one.when, reverse=True))

    def show(self, view: Entries) -> None:
        self.table.set_rows(view.rows)
        writes = [one for one in view.rows if isinstance(one, Write)]
        self.entitle(count(len(writes), "change"), count(len(view.rows) - len(writes), "message"))
        self.describe_chosen()

    def describe_chosen(self) -> None:
        """The chosen entry's own time, and what undo would do."""
        entry = self.table.cursor_row
        back = entry.way_back if isinstance(entry, Write) and entry.undo is Undo.READY else ""
        parts = [exactly(entry.when)] if entry else []
        self.subtitle(f" {SIGNS.dot} ".join([*parts, f"undo: {back}"] if back else parts))
        self.refresh_bindings()

    def copied(self) -> tuple[str, str]:
        entry = self.table.cursor_row
        if entry is None:
            return "", ""
        return " ".join(filter(None, (_what(entry)[0], _subject(entry), _words(entry)[0]))), "the entry"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Undo is a key where there is a way back; there is nobody to be asked again."""
        if action == "refresh":
            return False  # it is of this process, and always as new as it can be
        if action == "undo":
            entry = self.table.cursor_row if self.is_mounted else None
            if not isinstance(entry, Write) or entry.undo is not Undo.READY:
                return False
        return super().check_action(action, parameters)

    def action_undo(self) -> None:
        """Take the chosen change back; says first what that sends."""
        entry = self.table.cursor_row
        if not isinstance(entry, Write):
            return
        number, service = entry.number, self.outlook.service

        async def submit(_: Mapping[str, str]) -> str:
            return await service.undo(number)

        text = f"Take back {entry.operation} of {entry.subject}? This sends {entry.way_back}."
        self.ask(Dialog("Undo", submit, text=text, verb="Take it back", danger=True))
