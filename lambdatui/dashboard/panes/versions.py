"""Which versions are there, and which alias sends how much traffic to which?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.message import Message

from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.panes.pane import Clock, ListPane
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import bar, size_text
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_messages import RowHighlighted, RowSelected
from lambdatui.dashboard.words import age, exactly, middle, percent
from lambdatui.model import Alias, Version
from lambdatui.model.function import LATEST

BAR = 8
"""Columns of a bar."""


@dataclass(frozen=True, slots=True)
class Row:
    """A version, or an alias and the version it mostly stands for."""

    qualifier: str
    version: Version | None
    alias: Alias | None = None
    users: tuple[tuple[str, float, bool], ...] = ()  # aliases, their share, whether it is the lesser one

    @property
    def is_latest(self) -> bool:
        """Whether it is ``$LATEST`` itself."""
        return self.qualifier == LATEST

    @property
    def arn(self) -> str:
        """The ARN of what the row is."""
        if self.alias is not None:
            return self.alias.arn
        return self.version.arn if self.version is not None else ""


def rows_of(versions: Sequence[Version], aliases: Sequence[Alias]) -> list[Row]:
    """``$LATEST``, the aliases, then the versions from the newest on."""
    by_number = {version.number: version for version in versions}
    users: dict[str, list[tuple[str, float, bool]]] = {}
    for alias in aliases:
        for number, share in alias.weights:
            users.setdefault(number, []).append((alias.name, share, number != alias.version))
    plain = [Row(v.number, v, users=tuple(users.get(v.number, ()))) for v in versions]
    named = [Row(alias.name, by_number.get(alias.version), alias) for alias in aliases]
    return [*plain[:1], *named, *plain[1:]]


class VersionsPane(ListPane):
    """Versions and aliases of the chosen function; the row under the cursor is what is invoked."""

    KEY, TITLE = "pane-versions", "Versions and aliases"
    BINDINGS: ClassVar = bindings("order", "delete")

    class Chosen(Message):
        """The cursor is on another version or alias."""

        def __init__(self, row: Row | None) -> None:
            super().__init__()
            self.row = row

    class Opened(Message):
        """Enter on a version or alias."""

    def __init__(self, now: Clock) -> None:
        super().__init__(id="versions")
        self._now = now
        self._function = ""
        self._rows: list[Row] = []
        self._ages: list[str] = []

    def compose(self) -> ComposeResult:
        yield LineTable[Row](self._columns(), lambda row: row.qualifier, empty="")

    def _columns(self) -> list[Column[Row]]:
        return [
            Column("name", "version", _name, min_width=8, max_width=20, clip="middle", sort_key=_order),
            Column("about", "description", _about, min_width=10, weight=8, priority=1),
            Column(
                "modified",
                "modified",
                self._modified,
                width=10,
                align="right",
                priority=2,
                sort_key=lambda row: _since(row, self._now()),
            ),
            Column("code", "code", _code, width=7, priority=3),
            Column("memory", "memory", _memory, width=8, align="right", priority=5, sort_key=_memory_mb),
            Column("timeout", "timeout", _timeout, width=7, align="right", priority=6),
            Column("size", "size", _size, width=8, align="right", priority=7, sort_key=_bytes),
            Column("traffic", "traffic", _traffic, min_width=24, max_width=48),
        ]

    def _modified(self, row: Row) -> Cell:
        if row.alias is not None or row.version is None:
            return ""
        return age(row.version.modified, self._now()), "muted"

    @property
    def table(self) -> LineTable[Row]:
        """The rows."""
        return self.query_one(LineTable)

    @property
    def chosen(self) -> Row | None:
        """The row under the cursor."""
        return self.table.cursor_row

    @property
    def versions(self) -> list[Version]:
        """The versions shown, ``$LATEST`` first."""
        return [row.version for row in self._rows if row.alias is None and row.version is not None]

    @property
    def aliases(self) -> list[Alias]:
        """The aliases shown."""
        return [row.alias for row in self._rows if row.alias is not None]

    # -- what is shown ------------------------------------------------------------------------

    def show(self, function: str, rows: list[Row], chosen: str = LATEST) -> None:
        """Show a function's versions and aliases; the cursor stays, or goes to ``chosen``."""
        other = function != self._function
        if not other and rows == self._rows:
            self._describe()
            return
        first = other or not self._rows
        self._function, self._rows = function, rows
        self.table.set_rows(rows, glow=not other)
        if first:
            self.table.move_to_key(chosen)
        self._ages = self._ages_now()
        self._describe()

    def fail(self, sentence: str) -> None:
        """Versions cannot be had; those known stay."""
        if self._rows:
            self.subtitle(sentence)
        else:
            self.say(sentence)

    def tick(self) -> None:
        """Relative times grow older; draw them again only when one reads differently."""
        if (ages := self._ages_now()) != self._ages:
            self._ages = ages
            self.table.refresh()

    def _ages_now(self) -> list[str]:
        now = self._now()
        return [age(row.version.modified, now) for row in self.table.visible_rows() if row.version]

    def _describe(self) -> None:
        self.entitle(*([self._function] if self._function else []))
        row = self.chosen
        if row is None or row.version is None:
            self.subtitle()
            return
        version = row.version
        about = f"version {version.number} · " if row.alias else ""
        when = exactly(version.modified)
        self.subtitle(f"{about}{version.memory_mb} MB · {version.timeout_s} s · {when}")

    # -- what the person does -----------------------------------------------------------------

    @on(RowHighlighted)
    def _highlighted(self, message: RowHighlighted) -> None:
        message.stop()
        self._describe()
        self.post_message(self.Chosen(message.row))

    @on(RowSelected)
    def _selected(self, message: RowSelected) -> None:
        message.stop()
        self.post_message(self.Opened())


def _order(row: Row) -> tuple[bool, int, str]:
    """Aliases by their names, then versions from the oldest on."""
    number = int(row.qualifier) if row.qualifier.isdecimal() else 0
    return row.alias is None, number, row.qualifier


def _since(row: Row, now: datetime) -> float:
    """The newest first; aliases, which have no time, last."""
    plain = row.version if row.alias is None else None
    return (now - plain.modified).total_seconds() if plain is not None else inf


def _memory_mb(row: Row) -> int:
    return 0 if row.alias or not row.version else row.version.memory_mb


def _bytes(row: Row) -> int:
    return 0 if row.alias or not row.version else row.version.code_size


def _name(row: Row) -> Cell:
    if row.alias is not None:
        return [(f"{SIGNS.pointer} ", "accent"), (row.alias.name, "accent strong")]
    return row.qualifier, "strong"


def _about(row: Row) -> Cell:
    if row.alias is None:
        return row.version.description if row.version else ""
    return row.alias.description or (f"version {row.alias.version}", "muted")


def _code(row: Row) -> Cell:
    return "" if row.alias or not row.version else (middle(row.version.code_sha256), "muted")


def _memory(row: Row) -> Cell:
    return "" if row.alias or not row.version else f"{row.version.memory_mb} MB"


def _timeout(row: Row) -> Cell:
    return "" if row.alias or not row.version else f"{row.version.timeout_s} s"


def _size(row: Row) -> Cell:
    return "" if row.alias or not row.version else size_text(row.version.code_size)


def _traffic(row: Row) -> Cell:
    if row.alias is not None:
        shares = " ".join(f"{number}: {percent(share)}" for number, share in row.alias.weights)
        return [(bar(row.alias.weights[0][1], BAR), "accent"), (f" {shares}", "")]
    if len(row.users) == 1:
        name, share, lesser = row.users[0]
        return [
            (f"{SIGNS.pointer} ", "accent"),
            (f"{name} ", ""),
            (bar(share, BAR, from_right=lesser), "accent"),
            (f" {percent(share)}", ""),
        ]
    if row.users:
        return [
            (f"{SIGNS.pointer} ", "accent"),
            (", ".join(f"{n} {percent(s)}" for n, s, _ in row.users), ""),
        ]
    return ""
