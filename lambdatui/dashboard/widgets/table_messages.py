"""What a `LineTable` says to the widgets around it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from lambdatui.dashboard.widgets.shown_rows import ShownRows


class TableMessage(Message):
    """Something a `LineTable` says; ``@on(..., "#id")`` works."""

    def __init__(self, table: ShownRows[Any]) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> ShownRows[Any]:
        return self.table


class RowHighlighted(TableMessage, namespace="line_table"):
    """The cursor is on another row, or its row was replaced by one that differs; None when empty."""

    def __init__(self, table: ShownRows[Any], row: Any, key: Hashable) -> None:
        super().__init__(table)
        self.row = row
        self.key = key


class RowSelected(TableMessage, namespace="line_table"):
    """A row was opened, with Enter or a double click."""

    def __init__(self, table: ShownRows[Any], row: Any, key: Hashable) -> None:
        super().__init__(table)
        self.row = row
        self.key = key


class VisibleRowsChanged(TableMessage, namespace="line_table"):
    """Other rows are in sight than before; ask `visible_rows` for them."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, type(self)) and message.table is self.table


class MarksChanged(TableMessage, namespace="line_table"):
    """Rows were marked or unmarked; ask `marked_rows` for them."""


class Sorted(TableMessage, namespace="line_table"):
    """The sort order changed (the user clicked a heading)."""

    def __init__(self, table: ShownRows[Any], column: str | None, reverse: bool) -> None:
        super().__init__(table)
        self.column = column
        self.reverse = reverse
