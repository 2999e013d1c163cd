"""Columns of a `LineTable`: what they show and how they share the width."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from lambdatui.dashboard.widgets.spans import Span, cells, clip, clip_spans, plain, spans_cells

RowT = TypeVar("RowT")

Cell = str | Span | list[Span]
"""What a cell shows: text, text with a tone, or several spans."""


@dataclass(frozen=True)  # no slots: Column[Function](...) must work too
class Column(Generic[RowT]):
    """One column.

    Give ``width`` for a fixed column. A column without it is flexible: it gets at least
    ``min_width`` and its share of what is left by ``weight``, up to ``max_width``. When the table
    is too narrow, columns of the highest ``priority`` go first; priority 0 always stays.
    """

    key: str
    title: str
    cell: Callable[[RowT], Cell]
    width: int = 0
    min_width: int = 8
    max_width: int = 0
    weight: int = 1
    align: Literal["left", "right"] = "left"
    priority: int = 0
    clip: Literal["end", "middle"] = "end"
    sort_key: Callable[[RowT], Any] | None = None  # values must compare with each other
    search: Callable[[RowT], str] | None = None  # what the filter looks at, if not at all columns
    value: Callable[[RowT], str] | None = None  # the whole value, for copying; None: as shown

    @property
    def least(self) -> int:
        """The fewest columns it can live with."""
        return self.width or self.min_width

    def text(self, row: RowT) -> str:
        """The whole value of the row's cell."""
        return self.value(row) if self.value else plain(spans_of(self.cell(row))).strip()


class Placed(NamedTuple):
    """A column that is shown: its position among all columns and its width."""

    position: int
    width: int


GAP = 2
"""Empty columns between two table columns."""


def lay_out(columns: Sequence[Column[Any]], width: int, among: Sequence[int] | None = None) -> list[Placed]:
    """Which columns (of those ``among`` that are to be shown) fit into ``width``, and how wide each is."""
    shown = list(range(len(columns)) if among is None else among)
    while len(shown) > 1 and _needed(columns, shown) > width:
        last = max(columns[at].priority for at in shown)
        if last == 0:
            break
        shown.remove(max(at for at in shown if columns[at].priority == last))
    widths = {at: columns[at].least for at in shown}
    _share(columns, widths, width - _needed(columns, shown))
    placed: list[Placed] = []
    room = width
    for at in shown:
        if room <= 0:
            break
        placed.append(Placed(at, min(widths[at], room)))
        room -= widths[at] + GAP
    return placed


def _needed(columns: Sequence[Column[Any]], shown: Sequence[int]) -> int:
    return sum(columns[at].least for at in shown) + GAP * (len(shown) - 1)


def _share(columns: Sequence[Column[Any]], widths: dict[int, int], spare: int) -> None:
    """Give the flexible columns what is left, by weight and up to their maximum."""
    open_ = [at for at in widths if not columns[at].width]
    while spare > 0 and open_:
        total = sum(columns[at].weight for at in open_)
        full = [
            at
            for at in open_
            if columns[at].max_width
            and widths[at] + spare * columns[at].weight // total >= columns[at].max_width
        ]
        if not full:
            for at in open_:
                part = spare * columns[at].weight // total
                widths[at] += part
                spare -= part
                total -= columns[at].weight
            return
        for at in full:
            spare -= columns[at].max_width - widths[at]
            widths[at] = columns[at].max_width
            open_.remove(at)


def spans_of(cell: Cell) -> list[Span]:
    """A cell's content as spans."""
    if isinstance(cell, str):
        return [(cell, "")]
    return [cell] if isinstance(cell, tuple) else cell


def fit(column: Column[Any], cell: Cell, width: int, mark: str) -> list[Span]:
    """The cell's spans cut or padded to exactly ``width`` columns."""
    spans = spans_of(cell)
    size = spans_cells(spans)
    if size > width:
        if len(spans) == 1:
            text, tone = spans[0]
            spans = [(clip(text, width, middle=column.clip == "middle", mark=mark), tone)]
        else:
            spans = clip_spans(spans, width, mark)
        size = spans_cells(spans)
    if size == width:
        return spans
    blank = (" " * (width - size), "")
    return [blank, *spans] if column.align == "right" else [*spans, blank]


def heading(column: Column[Any], width: int, arrow: str) -> str:
    """The column's title with the sort arrow, exactly ``width`` columns wide."""
    text = clip(column.title, width - len(arrow)) + arrow if width > len(arrow) else column.title[:width]
    blank = " " * (width - cells(text))
    return blank + text if column.align == "right" else text + blank


def searched_text(columns: Iterable[Column[RowT]], rows: list[RowT]) -> list[str]:
    """For every row the text that a filter looks at."""
    columns = list(columns)
    readers = [column.search for column in columns if column.search]
    if not readers:
        return ["\n".join(column.text(row) for column in columns) for row in rows]
    if len(readers) == 1:
        return list(map(readers[0], rows))
    return list(map("\n".join, zip(*(map(reader, rows) for reader in readers), strict=True)))
