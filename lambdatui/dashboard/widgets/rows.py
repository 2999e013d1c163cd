"""The rows behind a `LineTable`: kept, filtered and sorted without any drawing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Generic

from lambdatui.dashboard.widgets.columns import Column, RowT, searched_text
from lambdatui.dashboard.widgets.needle import NOTHING, Needle

Key = Hashable
Keeps = Callable[[RowT], bool]
"""Says of a row whether it is to be shown."""


class Rows(Generic[RowT]):
    """Rows by key, in the order and the selection that is asked for.

    Arranging is put off until somebody looks, so that many changes cost one pass.
    """

    def __init__(self, columns: Sequence[Column[RowT]], row_key: Callable[[RowT], Key]) -> None:
        self.columns = columns
        self.row_key = row_key
        self.needle: Needle = NOTHING
        self.where: Keeps[RowT] | None = None
        self.sort_column: Column[RowT] | None = None
        self.reverse = False
        self._rows: list[RowT] = []
        self._keys: list[Key] = []
        self._place: dict[Key, int] | None = {}
        self._texts: list[str] | None = None
        self._folded: list[str] = []
        self._sort_values: dict[str, list[Any]] = {}  # by column
        self._sorted: dict[str, list[int]] = {}  # by column: all rows, the lowest value first
        self._view: list[int] | None = []  # shown rows in sort order

    # -- filling ------------------------------------------------------------------------------

    def fill(self, rows: Iterable[RowT]) -> None:
        """Replace all rows."""
        self._rows = list(rows)
        self._keys = list(map(self.row_key, self._rows))
        self._place = None
        self._forget()

    def _forget(self) -> None:
        self._texts = self._view = None
        self._sort_values, self._sorted = {}, {}

    def put(self, row: RowT) -> RowT | None:
        """Replace the row of the same key, or add it. Returns the row that was there."""
        key = self.row_key(row)
        at = self.place.get(key)
        if at is None:
            self.place[key] = len(self._rows)
            self._rows.append(row)
            self._keys.append(key)
            self._forget()
            return None
        old = self._rows[at]
        self._rows[at] = row
        self._note_change(at, old, row)
        return old

    def _note_change(self, at: int, old: RowT, row: RowT) -> None:
        """Arrange again only if the new row sorts or filters differently."""
        if self.where is not None and self.where(old) != self.where(row):
            self._view = None
        for column in self.columns:
            values = self._sort_values.get(column.key)
            if values is not None and column.sort_key and (value := column.sort_key(row)) != values[at]:
                values[at] = value
                self._sorted.pop(column.key, None)
                if column is self.sort_column:
                    self._view = None
        if self._texts is not None:
            text = searched_text(self.columns, [row])[0]
            if text != self._texts[at]:
                self._texts[at], self._folded[at] = text, text.lower()
                if self.needle:
                    self._view = None

    def drop(self, key: Key) -> bool:
        """Remove the row of that key; False if there is none."""
        at = self.place.get(key)
        if at is None:
            return False
        del self._rows[at]
        self.fill(self._rows)
        return True

    # -- asking -------------------------------------------------------------------------------

    @property
    def place(self) -> dict[Key, int]:
        """Where each key's row is kept."""
        if self._place is None:
            self._place = dict(zip(self._keys, range(len(self._keys)), strict=True))
        return self._place

    @property
    def total(self) -> int:
        """How many rows there are, shown or not."""
        return len(self._rows)

    @property
    def view(self) -> list[int]:
        """The shown rows' places, in order."""
        if self._view is None:
            self._view = self._arrange()
        return self._view

    def row(self, index: int) -> RowT:
        """The row shown at that position."""
        return self._rows[self.view[index]]

    def key(self, index: int) -> Key:
        """The key of the row shown at that position."""
        return self._keys[self.view[index]]

    def get(self, key: Key) -> RowT | None:
        """The row of that key, shown or not."""
        at = self.place.get(key)
        return None if at is None else self._rows[at]

    def index(self, key: Key) -> int | None:
        """The position the key's row is shown at; None if it is not shown."""
        try:
            at = self._keys.index(key) if self._place is None else self._place[key]
            return self.view.index(at)
        except (KeyError, ValueError):
            return None

    def all(self) -> list[RowT]:
        """Every row, as filled."""
        return self._rows

    # -- arranging ----------------------------------------------------------------------------

    def sort(self, column: Column[RowT] | None, *, reverse: bool) -> None:
        """Sort by that column; None keeps the rows as they were filled."""
        self.sort_column, self.reverse = column, reverse
        self._view = None

    def filter(self, needle: Needle, where: Keeps[RowT] | None = None) -> None:
        """Show only rows it occurs in and of which ``where`` is true; an empty needle shows all."""
        if needle == self.needle and where == self.where:
            return
        same = where == self.where
        narrower = self._view is not None and same and bool(self.needle) and needle.narrows(self.needle)
        self._view = needle.keep(self._haystack(needle), self._view) if narrower else None
        self.needle, self.where = needle, where

    def judge_again(self) -> None:
        """What ``where`` says may be different now."""
        self._view = None

    def prepare(self) -> bool:
        """Make ready a part of what the first key of a filter or of a sort needs; False: all of it is."""
        if self._texts is None:
            return bool(self.texts)
        left = (each for each in self.columns if each.sort_key and each.key not in self._sorted)
        column = next(left, None)
        if column is not None:
            self._lowest_first(column)
        return column is not None

    @property
    def texts(self) -> list[str]:
        """What the filter looks at, row by row."""
        if self._texts is None:
            self._texts = searched_text(self.columns, self._rows)
            self._folded = list(map(str.lower, self._texts))
        return self._texts

    def _haystack(self, needle: Needle) -> list[str]:
        return needle.haystack(self.texts, self._folded)

    def _order(self) -> list[int]:
        column = self.sort_column
        if column is None or column.sort_key is None:
            return list(range(len(self._rows)))
        lowest_first = self._lowest_first(column)
        if not self.reverse:
            return lowest_first
        values = self._sort_values[column.key]
        return sorted(lowest_first, key=values.__getitem__, reverse=True)  # equals stay in their order

    def _lowest_first(self, column: Column[RowT]) -> list[int]:
        found = self._sorted.get(column.key)
        if found is None:
            assert column.sort_key is not None
            values = self._sort_values.get(column.key)
            if values is None:
                values = self._sort_values[column.key] = list(map(column.sort_key, self._rows))
            found = self._sorted[column.key] = sorted(range(len(values)), key=values.__getitem__)
        return found

    def _arrange(self) -> list[int]:
        order = self._order()
        if self.needle:
            kept = self.needle.keep(self._haystack(self.needle))
            if self.sort_column is None:
                order = kept
            else:
                shown = set(kept)
                order = [at for at in order if at in shown]
        where, rows = self.where, self._rows
        return order if where is None else [at for at in order if where(rows[at])]
