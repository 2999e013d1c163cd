"""A table for tens of thousands of rows that draws only what is seen."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.selection import Selection

from lambdatui.dashboard.widgets.columns import Column, RowT
from lambdatui.dashboard.widgets.line_widget import Row, Run, broken
from lambdatui.dashboard.widgets.shown_rows import ShownRows
from lambdatui.dashboard.widgets.signs import SIGNS, Signs
from lambdatui.dashboard.widgets.spans import Overlay, Span, paint, plain
from lambdatui.dashboard.widgets.table_messages import (
    MarksChanged,
    RowSelected,
)
from lambdatui.dashboard.widgets.table_text import (
    GUTTER,
    cell_ends,
    column_at,
    gutter_spans,
    header_spans,
    row_spans,
)

GLOW_SECONDS = 0.8
"""How long a changed cell glows."""


class LineTable(ShownRows[RowT]):
    """Rows as plain objects in columns; cursor, marks, filter, sort order.

    The cursor stays with its row's key through refresh, sort and filter. Give the table all rows
    with `set_rows` as often as you like, single ones with `put_row`; only what changed is drawn.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--header", "line--glow", "line--mark"}
    DEFAULT_CSS = """
    LineTable {
        overflow-x: hidden;
        & > .line--header { color: $muted; text-style: bold; }
        & > .line--glow { background: $glow; }
        & > .line--mark { color: $accent; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False, id="list.down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="list.up"),
        Binding("g,home", "top", "First row", show=False, id="list.top"),
        Binding("G,end", "bottom", "Last row", show=False, id="list.bottom"),
        Binding("ctrl+f,pagedown", "page(1)", "Page down", show=False, id="list.page_down"),
        Binding("ctrl+b,pageup", "page(-1)", "Page up", show=False, id="list.page_up"),
        Binding("space", "toggle_mark", "mark", show=False, id="list.mark"),
        Binding("asterisk", "mark_all", "mark all", show=False, id="list.mark_all"),
        Binding("tilde", "invert_marks", "invert", show=False, id="list.invert"),
        Binding("enter", "select", "Open", show=False, id="list.open"),
    ]

    RowSelected = RowSelected
    MarksChanged = MarksChanged

    def __init__(
        self,
        columns: Sequence[Column[RowT]],
        row_key: Callable[[RowT], Hashable],
        *,
        empty: str = "Nothing here.",
        header: bool = True,
        markable: bool = False,
        signs: Signs = SIGNS,
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(
            columns,
            row_key,
            empty=empty,
            header=header,
            glow_s=GLOW_SECONDS,
            name=name,
            id=id,
            classes=classes,
        )
        self.markable = markable
        self.signs = signs
        self._marks: dict[Hashable, None] = {}

    # -- marks --------------------------------------------------------------------------------

    def set_rows(self, rows: Iterable[RowT], *, glow: bool = True) -> None:
        super().set_rows(rows, glow=glow)
        self._forget_marks()

    def remove_row(self, key: Hashable) -> bool:
        there = super().remove_row(key)
        self._forget_marks()
        return there

    def _forget_marks(self) -> None:
        """Rows that went away took their marks with them."""
        gone = [key for key in self._marks if key not in self._rows.place] if self._marks else ()
        for key in gone:
            del self._marks[key]
        if gone:
            self.post_message(self.MarksChanged(self))

    @property
    def marked_keys(self) -> tuple[Hashable, ...]:
        """The keys of the marked rows, in the order they were marked."""
        return tuple(self._marks)

    @property
    def marked_rows(self) -> list[RowT]:
        """The marked rows, in the order they were marked."""
        found = (self._rows.get(key) for key in self._marks)
        return [row for row in found if row is not None]

    def mark(self, key: Hashable, on: bool = True) -> None:
        """Mark or unmark the row of that key."""
        if (key in self._marks) is on:
            return
        if on:
            self._marks[key] = None
        else:
            del self._marks[key]
        index = self._index_in_sight(key)
        if index is not None:
            self._refresh_row(index)
        self.post_message(self.MarksChanged(self))

    def mark_only(self, keys: Iterable[Hashable]) -> None:
        """Mark these rows and no others."""
        marks = dict.fromkeys(keys)
        if marks != self._marks:
            self._marks = marks
            self.post_message(self.MarksChanged(self))
            self.refresh()

    def clear_marks(self) -> None:
        """Unmark everything."""
        self.mark_only(())

    def _shown_keys(self) -> list[Hashable]:
        return [self._rows.key(index) for index in range(self.row_count)]

    # -- copying ------------------------------------------------------------------------------

    def row_text(self, key: Hashable) -> str:
        """The whole values of a row, separated by tabs; "" if there is no such row."""
        row = self._rows.get(key)
        return "" if row is None else "\t".join(column.text(row) for column in self.columns)

    def cell_text(self, key: Hashable, column: str) -> str:
        """The whole value of one cell, however little of it is shown."""
        row = self._rows.get(key)
        found = next((each for each in self.columns if each.key == column), None)
        return "" if row is None or found is None else found.text(row)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The drawn text under the mouse selection (rows in their shown order)."""
        first = selection.start.y if selection.start else 0
        last = selection.end.y if selection.end else self.row_count - 1
        lines = []
        for index in range(max(0, first), min(last, self.row_count - 1) + 1):
            span = selection.get_span(index)
            if span is not None:
                text = plain(self._row_spans(index))
                lines.append(text[span[0] : None if span[1] == -1 else span[1]].rstrip())
        return ("\n".join(lines), "\n") if lines else None

    # -- actions ------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        self.move_to(self._cursor + step)

    def action_page(self, pages: int) -> None:
        self.move_to(self._cursor + pages * max(1, self._height - 1))

    def action_top(self) -> None:
        self.move_to(0)

    def action_bottom(self) -> None:
        self.move_to(self.row_count - 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where marks mean nothing there is no key for them."""
        if action in ("toggle_mark", "mark_all", "invert_marks"):
            return self.markable
        return super().check_action(action, parameters)

    def action_toggle_mark(self) -> None:
        """Mark the row under the cursor and go on to the next one."""
        key = self.cursor_key
        if key is not None:
            self.mark(key, key not in self._marks)
            self.move_to(self._cursor + 1)

    def action_mark_all(self) -> None:
        """Mark every row that is shown; none where all of them are marked."""
        shown = self._shown_keys()
        self.mark_only(() if all(key in self._marks for key in shown) else [*self._marks, *shown])

    def action_invert_marks(self) -> None:
        """Mark the shown rows that are not, unmark those that are."""
        shown = self._shown_keys()
        hidden = [key for key in self._marks if key not in set(shown)]
        self.mark_only([*hidden, *(key for key in shown if key not in self._marks)])

    def action_select(self) -> None:
        row = self.cursor_row
        if row is not None:
            self.post_message(self.RowSelected(self, row, self._cursor_key))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if self._head and offset.y == 0:
            event.prevent_default()
            self._sort_by_click(offset.x)
            return
        index = self._top + offset.y - self._head
        if index < self.row_count and self.text_selection is None:
            self.move_to(index)
            if self._marks_by(event, offset):
                self.mark(self._rows.key(index), self._rows.key(index) not in self._marks)

    def _marks_by(self, event: events.Click, offset: Offset) -> bool:
        """Whether a click marks: one before the row, or with ctrl anywhere on it."""
        return self.markable and (offset.x < GUTTER or event.ctrl)

    def double_clicked(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset and self._marks_by(event, offset):
            return
        if offset and event.chain == 2 and self._head <= offset.y < self._head + self.row_count - self._top:
            self.action_select()

    def _sort_by_click(self, x: int) -> None:
        position = column_at(self._placed, x)
        column = None if position is None else self.columns[position]
        if column and column.sort_key:
            again = self.sort_column == column.key
            self.sort(column.key, reverse=again and not self.sort_reverse)

    # -- drawing ------------------------------------------------------------------------------

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        self._refresh_row(self._cursor)

    def paint_row(self, y: int) -> Row:
        if self._head and y == 0:
            return Row([Run(self._paint_header())], self.ground)
        index = self._top + y - self._head
        if index >= self.row_count:
            return Row([Run(self._paint_empty(y - self._head))], self.ground)
        spans = self._row_spans(index)
        overlays = self._overlays(index, spans)
        background = self.ground
        if index == self._cursor:
            background += self.style_of("cursor" if self.has_focus else "cursor-blurred")
        return Row([Run(paint(spans, self.style_of, overlays))], background, index)

    def _row_spans(self, index: int) -> list[Span]:
        marked = bool(self._marks) and self._rows.key(index) in self._marks
        gutter = gutter_spans(self.signs, cursor=index == self._cursor, marked=marked)
        return gutter + row_spans(self.columns, self._placed, self._rows.row(index), self.signs)

    def _overlays(self, index: int, spans: list[Span]) -> list[Overlay]:
        overlays: list[Overlay] = []
        glowing = self._glow.cells(self._rows.key(index))
        if glowing:
            style = self.style_of("glow")
            overlays += [Overlay(*ends, style) for ends in cell_ends(self._placed, glowing, plain(spans))]
        needle = self._rows.needle
        if needle:
            match = self.style_of("match")
            overlays += [Overlay(start, end, match) for start, end in needle.spans(plain(spans))]
        selected = self.selected_part(index)
        return [*overlays, selected] if selected else overlays

    def _paint_header(self) -> list[Segment]:
        column = self._rows.sort_column
        spans = header_spans(self.columns, self._placed, column, self._rows.reverse, self.signs)
        return paint(spans, self.style_of)

    def _paint_empty(self, y: int) -> list[Segment]:
        """Line ``y`` of what is said when no row is shown."""
        if self.row_count:
            return []
        filtered = (self._rows.needle or self._rows.where) and self._rows.total
        said = f"Nothing matches “{self.filter_said}”." if filtered else self._empty
        lines = broken(said, self.size.width - 2 * GUTTER)
        if not 0 < y <= len(lines):
            return []
        return paint([(" " * GUTTER, ""), (lines[y - 1], "muted")], self.style_of)
