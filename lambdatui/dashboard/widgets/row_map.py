"""Which rows of the screen each line takes, with soft wrap or without."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate


class RowMap:
    """Lengths of lines, and from them the rows they take.

    A length is the number of characters, all one column wide. A negative one means that some are
    not; then ``exact`` is asked for the line's number of rows. Without wrap nothing is added up;
    with wrap a new width costs one pass, an appended line only itself.
    """

    def __init__(self, exact: Callable[[int], int]) -> None:
        self._exact = exact
        self._lengths: list[int] = []
        self._ends: list[int] | None = None  # rows up to the end of each line, counted from the first ever
        self._gone = 0  # rows of lines that were dropped
        self._width = 0
        self.longest = 0
        """Columns of the longest line there ever was."""

    @property
    def wrap(self) -> bool:
        return self._ends is not None

    @property
    def lines(self) -> int:
        return len(self._lengths)

    @property
    def rows(self) -> int:
        """How many rows all lines take."""
        if self._ends is None:
            return len(self._lengths)
        return (self._ends[-1] if self._ends else self._gone) - self._gone

    def clear(self) -> None:
        """Forget all lines."""
        self._lengths = []
        self._gone = self.longest = 0
        if self._ends is not None:
            self._ends = []

    def unwrap(self) -> None:
        """One row per line."""
        self._ends = None
        self._gone = 0

    def set_width(self, width: int) -> None:
        """Wrap lines at ``width`` columns."""
        width = max(1, width)
        if self._ends is not None and width == self._width:
            return
        self._width, self._gone = width, 0
        self._ends = list(accumulate(self._rows_from(0)))

    def _rows_from(self, start: int) -> list[int]:
        """How many rows each line takes, from ``start`` on."""
        width, spare = self._width, self._width - 1
        lengths = self._lengths if start == 0 else self._lengths[start:]
        return [
            1 if 0 <= length <= width else (length + spare) // width if length > 0 else self._exact(at)
            for at, length in enumerate(lengths, start)
        ]

    def extend(self, lengths: Iterable[int]) -> None:
        """Add lines at the end."""
        start = len(self._lengths)
        self._lengths.extend(lengths)
        added = self._lengths[start:]
        if added:
            self.longest = max(self.longest, max(added), -min(added))
        if self._ends is not None and added:
            end = self._ends[-1] if self._ends else self._gone
            rows = self._rows_from(start)
            rows[0] += end
            self._ends += accumulate(rows)

    def drop(self, count: int) -> int:
        """Take ``count`` lines away at the start; returns how many rows they took."""
        count = min(count, len(self._lengths))
        if not count:
            return 0
        del self._lengths[:count]
        if self._ends is None:
            return count
        end = self._ends[count - 1]
        rows, self._gone = end - self._gone, end
        del self._ends[:count]
        return rows

    def line_at(self, row: int) -> tuple[int, int]:
        """The line drawn in a row, and which of the line's rows that is."""
        if self._ends is None:
            return row, 0
        line = bisect_right(self._ends, row + self._gone)
        return line, row - self.first_row(line)

    def first_row(self, line: int) -> int:
        """The row in which the line begins."""
        if self._ends is None:
            return line
        return (self._ends[min(line, len(self._ends)) - 1] - self._gone) if line and self._ends else 0

    def rows_of(self, line: int) -> int:
        """How many rows the line takes."""
        return 1 if self._ends is None else self.first_row(line + 1) - self.first_row(line)
