"""A table for tens of thousands of rows that draws only what is seen."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import ClassVar, Generic

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.selection import Selection

from lambdatui.dashboard.widgets.columns import Column, Placed, RowT, lay_out
from lambdatui.dashboard.widgets.line_widget import LineWidget, Row, Run
from lambdatui.dashboard.widgets.needle import Needle
from lambdatui.dashboard.widgets.rows import Rows
from lambdatui.dashboard.widgets.signs import SIGNS, Signs
from lambdatui.dashboard.widgets.spans import Overlay, Span, paint, plain
from lambdatui.dashboard.widgets.table_messages import (
    MarksChanged,
    RowHighlighted,
    RowSelected,
    Sorted,
    VisibleRowsChanged,
)
from lambdatui.dashboard.widgets.table_text import (
    GUTTER,
    Glow,
    cell_ends,
    changed_cells,
    column_at,
    gutter_spans,
    header_spans,
    row_spans,
)

GLOW_SECONDS = 0.8
"""How long a changed cell glows."""


class LineTable(LineWidget, Generic[RowT]):
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
        Binding("space", "toggle_mark", "Mark", show=False, id="list.mark"),
        Binding("enter", "select", "Open", show=False, id="list.open"),
    ]

    RowHighlighted = RowHighlighted
    RowSelected = RowSelected
    VisibleRowsChanged = VisibleRowsChanged
    MarksChanged = MarksChanged
    Sorted = Sorted

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
        super().__init__(name=name, id=id, classes=classes)
        self.columns = tuple(columns)
        self.markable = markable
        self.signs = signs
        self._rows: Rows[RowT] = Rows(self.columns, row_key)
        self._empty = empty
        self._head = 1 if header else 0
        self._laid_out: tuple[int, list[Placed]] = (0, [])
        self._cursor = 0
        self._cursor_key: Hashable = None
        self._highlighted: tuple[Hashable, RowT | None] = (None, None)
        self._marks: dict[Hashable, None] = {}
        self._glow = Glow(GLOW_SECONDS)
        self._seen: tuple[Hashable, ...] = ()

    # -- rows ---------------------------------------------------------------------------------

    def set_rows(self, rows: Iterable[RowT], *, glow: bool = True) -> None:
        """Show these rows instead of the ones before; cells in sight that changed glow once."""
        before = {self._rows.row_key(row): row for row in self.visible_rows()} if glow else {}
        place = self._cursor - self._top
        self._rows.fill(rows)
        self._marks = {key: None for key in self._marks if key in self._rows.place} if self._marks else {}
        self._rearranged(place)
        for row in self.visible_rows() if before else ():
            key = self._rows.row_key(row)
            if key in before:
                self._note_glow(key, before[key], row)
        self.refresh()

    def put_row(self, row: RowT, *, glow: bool = True) -> None:
        """Replace the row of the same key, or add it at the end; draws only that row if it can."""
        key = self._rows.row_key(row)
        count, place = len(self._rows.view), self._cursor - self._top
        view = self._rows.view
        old = self._rows.put(row)
        if old is None or self._rows.view is not view or len(view) != count:
            self._rearranged(place)
            return
        if key == self._cursor_key:
            self._say_highlighted()
        index = self._index_in_sight(key)
        if index is not None:
            if glow:
                self._note_glow(key, old, row)
            self._refresh_row(index)

    def remove_row(self, key: Hashable) -> bool:
        """Take the row of that key away; False if there is none."""
        place = self._cursor - self._top
        if not self._rows.drop(key):
            return False
        if key in self._marks:
            del self._marks[key]
            self.post_message(self.MarksChanged(self))
        self._rearranged(place)
        return True

    def get_row(self, key: Hashable) -> RowT | None:
        """The row of that key, shown or not."""
        return self._rows.get(key)

    @property
    def rows(self) -> list[RowT]:
        """The rows that are shown (filtered and sorted)."""
        return [self._rows.row(index) for index in range(len(self._rows.view))]

    @property
    def row_count(self) -> int:
        """How many rows are shown."""
        return len(self._rows.view)

    @property
    def total_count(self) -> int:
        """How many rows there are, filtered out or not."""
        return self._rows.total

    def visible_rows(self) -> list[RowT]:
        """The rows in sight now, top to bottom."""
        top = self._top
        return [self._rows.row(index) for index in range(top, min(top + self._height, self.row_count))]

    @property
    def empty(self) -> str:
        """What is said when there are no rows."""
        return self._empty

    @empty.setter
    def empty(self, text: str) -> None:
        self._empty = text
        self.refresh()

    # -- cursor and marks ---------------------------------------------------------------------

    @property
    def cursor_row(self) -> RowT | None:
        """The row under the cursor."""
        return self._rows.row(self._cursor) if self.row_count else None

    @property
    def cursor_key(self) -> Hashable:
        """The key of the row under the cursor; None when empty."""
        return self._cursor_key if self.row_count else None

    @property
    def cursor_index(self) -> int:
        """The position of the cursor among the shown rows."""
        return self._cursor

    def move_to(self, index: int) -> None:
        """Put the cursor on the row shown at that position (or the nearest) and bring it into sight."""
        if not self.row_count:
            return
        index = max(0, min(index, self.row_count - 1))
        old, self._cursor = self._cursor, index
        self._see(index)
        self._cursor_key = self._rows.key(index)
        self._say_highlighted()
        self._refresh_row(old)
        self._refresh_row(index)

    def move_to_key(self, key: Hashable) -> bool:
        """Put the cursor on that row; False if it is not shown."""
        index = self._rows.index(key)
        if index is None:
            return False
        self.move_to(index)
        return True

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

    def clear_marks(self) -> None:
        """Unmark everything."""
        if self._marks:
            self._marks.clear()
            self.post_message(self.MarksChanged(self))
            self.refresh()

    # -- filter and order ---------------------------------------------------------------------

    @property
    def filter_text(self) -> str:
        """What the filter looks for; "" shows all rows."""
        return self._rows.needle.text

    @filter_text.setter
    def filter_text(self, text: str) -> None:
        self.set_filter(Needle(text))

    def set_filter(self, needle: Needle) -> None:
        """Show only rows in which it is found."""
        if needle != self._rows.needle:
            place = self._cursor - self._top
            self._rows.filter(needle)
            self._rearranged(place)

    @property
    def sort_column(self) -> str | None:
        """The key of the column the rows are sorted by; None for the order they came in."""
        column = self._rows.sort_column
        return column.key if column else None

    @property
    def sort_reverse(self) -> bool:
        """Whether the highest value comes first."""
        return self._rows.reverse

    def sort(self, column: str | None, *, reverse: bool = False) -> None:
        """Sort by the column of that key; None for the order the rows came in."""
        found = next((each for each in self.columns if each.key == column), None)
        if column is not None and (found is None or found.sort_key is None):
            raise ValueError(f"no sortable column {column!r}")
        place = self._cursor - self._top
        self._rows.sort(found, reverse=reverse)
        self._rearranged(place)
        self.post_message(self.Sorted(self, column, reverse))

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
        return self.markable if action == "toggle_mark" else super().check_action(action, parameters)

    def action_toggle_mark(self) -> None:
        """Mark the row under the cursor and go on to the next one."""
        key = self.cursor_key
        if key is not None:
            self.mark(key, key not in self._marks)
            self.move_to(self._cursor + 1)

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

    def double_clicked(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset and event.chain == 2 and self._head <= offset.y < self._head + self.row_count - self._top:
            self.action_select()

    def _sort_by_click(self, x: int) -> None:
        position = column_at(self._placed, x)
        column = None if position is None else self.columns[position]
        if column and column.sort_key:
            again = self.sort_column == column.key
            self.sort(column.key, reverse=again and not self.sort_reverse)

    # -- geometry -----------------------------------------------------------------------------

    @property
    def _top(self) -> int:
        return self.scroll_offset.y

    @property
    def _height(self) -> int:
        """How many rows the window has room for."""
        return max(0, self.scrollable_content_region.height - self._head)

    @property
    def _placed(self) -> list[Placed]:
        """The columns that fit, laid out anew when the width changed."""
        width = self.scrollable_content_region.width
        if width != self._laid_out[0]:
            self._laid_out = (width, lay_out(self.columns, max(1, width - GUTTER)))
        return self._laid_out[1]

    def on_resize(self) -> None:
        self.set_virtual(self.scrollable_content_region.width, self.row_count + self._head)
        self._see(self._cursor)
        self._look_around()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._look_around()

    def _see(self, index: int) -> None:
        """Scroll as little as needed to have the row in sight."""
        top, height = self._top, self._height
        if height and not top <= index < top + height:
            self._scroll_rows(index if index < top else index - height + 1)

    def _scroll_rows(self, top: int) -> None:
        if not self._height:
            return  # not laid out yet, or hidden
        self.scroll_to(y=max(0, min(top, self.row_count - self._height)), animate=False, force=True)

    def _rearranged(self, place: int) -> None:
        """Rows came, went or moved: find the cursor's row again and keep it where it was on screen."""
        index = None if self._cursor_key is None else self._rows.index(self._cursor_key)
        self.set_virtual(self.scrollable_content_region.width, self.row_count + self._head)
        self._cursor = max(0, min(self._cursor, self.row_count - 1)) if index is None else index
        self._scroll_rows(self._cursor - max(0, min(place, self._height - 1)))
        self._see(self._cursor)
        self._cursor_key = self._rows.key(self._cursor) if self.row_count else None
        self._say_highlighted()
        self.refresh()
        self._look_around()

    def _say_highlighted(self) -> None:
        """Say which row has the cursor, if it is another one or was replaced by one that differs."""
        row = self.cursor_row
        if (self._cursor_key, row) != self._highlighted:
            self._highlighted = (self._cursor_key, row)
            self.post_message(self.RowHighlighted(self, row, self._cursor_key))

    def _index_in_sight(self, key: Hashable) -> int | None:
        top = self._top
        for index in range(top, min(top + self._height, self.row_count)):
            if self._rows.key(index) == key:
                return index
        return None

    def _look_around(self) -> None:
        """Say so if other rows are in sight than before."""
        seen = tuple(self._rows.row_key(row) for row in self.visible_rows())
        if seen != self._seen:
            self._seen = seen
            self.post_message(self.VisibleRowsChanged(self))

    def _refresh_row(self, index: int) -> None:
        y = index - self._top + self._head
        if self._head <= y < self._head + self._height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _note_glow(self, key: Hashable, old: RowT, new: RowT) -> None:
        columns = (position for position, _ in self._placed)
        if self._glow.note(key, changed_cells(self.columns, columns, old, new)):
            self.set_timer(GLOW_SECONDS, self._fade)

    def _fade(self) -> None:
        for key in self._glow.over():
            index = self._index_in_sight(key)
            if index is not None:
                self._refresh_row(index)

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
        filtered = self._rows.needle and self._rows.total
        lines = (f"Nothing matches “{self.filter_text}”." if filtered else self._empty).splitlines()
        if not 0 < y <= len(lines):
            return []
        return paint([(" " * GUTTER, ""), (lines[y - 1], "muted")], self.style_of)
