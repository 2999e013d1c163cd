"""How the rows of a `LineTable` read: gutter, cells, headings; which cells changed."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from time import monotonic
from typing import Any

from lambdatui.dashboard.widgets.columns import GAP, Column, Placed, RowT, fit, heading
from lambdatui.dashboard.widgets.signs import Signs
from lambdatui.dashboard.widgets.spans import Span, clip

GUTTER = 2
"""Columns left of the first one: the cursor's sign and the mark's."""


def gutter_spans(signs: Signs, *, cursor: bool, marked: bool) -> list[Span]:
    """What stands before a row."""
    return [
        (signs.cursor, "accent") if cursor else (" ", ""),
        (signs.mark, "mark") if marked else (" ", ""),
    ]


def row_spans(
    columns: Sequence[Column[RowT]], placed: Sequence[Placed], row: RowT, signs: Signs
) -> list[Span]:
    """A row's cells, each exactly as wide as its column."""
    spans: list[Span] = []
    for position, width in placed:
        column = columns[position]
        if spans:
            spans.append((" " * GAP, ""))
        spans += fit(column, column.cell(row), width, signs.ellipsis)
    return spans


def header_spans(
    columns: Sequence[Column[Any]],
    placed: Sequence[Placed],
    sorted_by: Column[Any] | None,
    reverse: bool,
    signs: Signs,
) -> list[Span]:
    """The headings, with an arrow at the column that the rows are sorted by."""
    spans: list[Span] = [(" " * GUTTER, "")]
    for position, width in placed:
        column = columns[position]
        arrow = signs.descending if reverse else signs.ascending
        text = heading(column, width, f" {arrow}" if column is sorted_by else "")
        spans += [(text, "header"), (" " * GAP, "")]
    return spans


def column_at(placed: Sequence[Placed], x: int) -> int | None:
    """The position of the column drawn at ``x`` (the gap after it counts as its own)."""
    start = GUTTER
    for position, width in placed:
        if start <= x < start + width + GAP:
            return position
        start += width + GAP
    return None


def cell_ends(placed: Sequence[Placed], positions: Collection[int], line: str) -> Iterable[tuple[int, int]]:
    """First and last character of these columns' cells in a drawn line."""
    start = GUTTER
    for position, width in placed:
        if position in positions:
            yield _character_at(line, start), _character_at(line, start + width)
        start += width + GAP


def _character_at(line: str, column: int) -> int:
    """The index of the character that is drawn in that terminal column."""
    return column if line.isascii() else len(clip(line + " " * column, column, mark=""))


def changed_cells(
    columns: Sequence[Column[RowT]], positions: Iterable[int], old: RowT, new: RowT
) -> frozenset[int]:
    """Which of these columns show something else now."""
    if old is new:
        return frozenset()
    return frozenset(at for at in positions if columns[at].cell(old) != columns[at].cell(new))


class Glow:
    """Which cells changed a moment ago."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._rows: dict[Hashable, tuple[float, frozenset[int]]] = {}

    def note(self, key: Hashable, cells: frozenset[int]) -> bool:
        """Have these cells glow from now on; False if there are none."""
        if cells:
            self._rows[key] = (monotonic() + self.seconds, cells)
        return bool(cells)

    def cells(self, key: Hashable) -> frozenset[int]:
        """The row's glowing cells."""
        return self._rows[key][1] if self._rows and key in self._rows else frozenset()

    def over(self) -> list[Hashable]:
        """End what has glowed long enough; returns the rows that do not glow any more."""
        now = monotonic() + 0.02  # timers may come a little early
        ended = [key for key, (until, _) in self._rows.items() if until <= now]
        for key in ended:
            del self._rows[key]
        return ended
