"""The rows that a table shows: kept, filtered, sorted, scrolled, with a cursor that stays with its row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Generic

from textual.geometry import Offset, Region
from textual.timer import Timer

from lambdatui.dashboard.widgets.columns import Column, Placed, RowT, lay_out
from lambdatui.dashboard.widgets.line_widget import LineWidget
from lambdatui.dashboard.widgets.needle import Needle
from lambdatui.dashboard.widgets.rows import Keeps, Rows
from lambdatui.dashboard.widgets.table_messages import RowHighlighted, Sorted, VisibleRowsChanged
from lambdatui.dashboard.widgets.table_text import GUTTER, Glow, changed_cells

MANY, QUIET_S = 5_000, 0.15
"""From this many rows on, what a filter looks at and a sort goes by is prepared while nobody waits."""


class ShownRows(LineWidget, Generic[RowT]):
    """What `LineTable` draws and moves in."""

    RowHighlighted = RowHighlighted
    VisibleRowsChanged = VisibleRowsChanged
    Sorted = Sorted

    def __init__(
        self,
        columns: Sequence[Column[RowT]],
        row_key: Callable[[RowT], Hashable],
        *,
        empty: str,
        header: bool,
        glow_s: float,
        name: str | None,
        id: str | None,  # noqa: A002
        classes: str | None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.columns = tuple(columns)
        self._among: tuple[int, ...] | None = None  # the columns to show; None: all, as far as they fit
        self._rows: Rows[RowT] = Rows(self.columns, row_key)
        self._empty = empty
        self._head = 1 if header else 0
        self._laid_out: tuple[int, list[Placed]] = (0, [])
        self._cursor = 0
        self._cursor_key: Hashable = None
        self._highlighted: tuple[Hashable, RowT | None] = (None, None)
        self._glow = Glow(glow_s)
        self._seen: tuple[Hashable, ...] = ()
        self._said = ""
        self._preparing: Timer | None = None

    # -- rows ---------------------------------------------------------------------------------

    def set_rows(self, rows: Iterable[RowT], *, glow: bool = True) -> None:
        """Show these rows instead of the ones before; cells in sight that changed glow once."""
        before = {self._rows.row_key(row): row for row in self.visible_rows()} if glow else {}
        place = self._cursor - self._top
        self._rows.fill(rows)
        self._rearranged(place)
        for row in self.visible_rows() if before else ():
            key = self._rows.row_key(row)
            if key in before:
                self._note_glow(key, before[key], row)
        self.refresh()
        if self._rows.total >= MANY:
            if self._preparing is not None:
                self._preparing.stop()
            self._preparing = self.set_timer(QUIET_S, self._prepare)

    def _prepare(self) -> None:
        """A part at a time: each holds up a key for 20 ms."""
        if self._rows.prepare():
            self._preparing = self.set_timer(QUIET_S, self._prepare)

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

    def put_rows(self, rows: Sequence[RowT], *, glow: bool = True) -> None:
        """Several at once."""
        if len(rows) == 1:
            self.put_row(rows[0], glow=glow)
            return
        place = self._cursor - self._top
        before = [self._rows.put(row) for row in rows]
        if rows:
            self._rearranged(place)
        for old, row in zip(before, rows, strict=True):
            if glow and old is not None and self._index_in_sight(key := self._rows.row_key(row)) is not None:
                self._note_glow(key, old, row)

    def refresh_rows(self, keys: Iterable[Hashable]) -> None:
        """Draw these rows again: they show something that is not part of them."""
        if self._rows.where is not None:
            self.judge_again()
            return
        for key in keys:
            index = self._index_in_sight(key)
            if index is not None:
                self._refresh_row(index)

    def remove_row(self, key: Hashable) -> bool:
        """Take the row of that key away; False if there is none."""
        place = self._cursor - self._top
        if not self._rows.drop(key):
            return False
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

    def rows_in_sight(self) -> Iterator[tuple[int, Offset]]:
        """Each row in sight: its number, and where on the screen it begins."""
        left, top = self.content_region.offset
        for index in range(self._top, min(self._top + self._height, self.row_count)):
            yield index, Offset(left, top + self._head + index - self._top)

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
        if text != self._empty:
            self._empty = text
            self.refresh()

    # -- cursor -------------------------------------------------------------------------------

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

    # -- filter and order ---------------------------------------------------------------------

    @property
    def filter_text(self) -> str:
        """What the filter looks for; "" shows all rows."""
        return self._rows.needle.text

    @filter_text.setter
    def filter_text(self, text: str) -> None:
        self.set_filter(Needle(text))

    @property
    def filter_said(self) -> str:
        """What the person filters by, as typed."""
        return self._said or self.filter_text

    def set_filter(self, needle: Needle, where: Keeps[RowT] | None = None, *, said: str = "") -> None:
        """Show only rows in which it is found and of which ``where`` is true; ``said``: as it was typed."""
        self._said = said
        if needle != self._rows.needle or where != self._rows.where:
            place = self._cursor - self._top
            self._rows.filter(needle, where)
            if self._rows.index(self._cursor_key) is None:
                self._cursor = 0  # the first match, not the one that happens to stand there
            self._rearranged(place, see=True)

    def judge_again(self) -> None:
        """What ``where`` goes by is known better now."""
        place = self._cursor - self._top
        self._rows.judge_again()
        self._rearranged(place)

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """The keys of the columns to show, as far as they fit."""
        among = range(len(self.columns)) if self._among is None else self._among
        return tuple(self.columns[at].key for at in among)

    def show_columns(self, keys: Iterable[str]) -> None:
        """Show these columns, in the order in which the table has them; unknown names are left out."""
        wanted = set(keys)
        self._among = tuple(at for at, column in enumerate(self.columns) if column.key in wanted)
        self._laid_out = (0, [])
        self.refresh()

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
        self._rearranged(place, see=True)
        self.post_message(Sorted(self, column, reverse))

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
            self._laid_out = (width, lay_out(self.columns, max(1, width - GUTTER), self._among))
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

    @property
    def top(self) -> int:
        """The position of the first row in sight."""
        return self._top

    def scroll_rows(self, top: int) -> None:
        """Have that row the first in sight, as far as the cursor stays in sight."""
        self._scroll_rows(top)
        self._see(self._cursor)

    def _scroll_rows(self, top: int) -> None:
        if not self._height:
            return  # not laid out yet, or hidden
        self.scroll_to(y=max(0, min(top, self.row_count - self._height)), animate=False, force=True)

    def _rearranged(self, place: int, *, see: bool = False) -> None:
        """Rows came, went or moved: find the cursor's row again and keep it where it was on screen.
        Who turned the wheel away from it keeps looking there, unless the row is to be seen."""
        away = not see and bool(self._height) and not 0 <= place < self._height
        index = None if self._cursor_key is None else self._rows.index(self._cursor_key)
        self.set_virtual(self.scrollable_content_region.width, self.row_count + self._head)
        self._cursor = max(0, min(self._cursor, self.row_count - 1)) if index is None else index
        if away:
            self._scroll_rows(self._top)
        else:
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
            self.set_timer(self._glow.seconds, self._fade)

    def _fade(self) -> None:
        for key in self._glow.over():
            index = self._index_in_sight(key)
            if index is not None:
                self._refresh_row(index)
