"""Which columns a list has, and by which of them it is sorted; the list follows at once."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from lambdatui.dashboard.bars import Footer
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.table_messages import RowSelected

Choice = Column[Any]


class ColumnsDialog(ModalScreen[None]):
    """The columns of a table: shown or not, sorted by or not."""

    CSS = """
    ColumnsDialog { align: center middle; background: $background 60%; }
    #columns {
        width: 52; max-width: 100%; height: auto; max-height: 100%;
        border: round $border-focus; background: $surface;
        border-title-color: $foreground; border-title-style: bold;
    }
    #columns LineTable { height: auto; max-height: 30; }
    """
    BINDINGS: ClassVar = bindings("leave", "toggle-column", "sort-by")

    def __init__(self, table: LineTable[Any]) -> None:
        super().__init__()
        self._table = table

    def compose(self) -> ComposeResult:
        with Vertical(id="columns") as frame:
            frame.border_title = Content("Columns")
            yield LineTable[Choice](
                [
                    Column("shown", "", self._shown, width=1),
                    Column("name", "column", lambda each: each.title or "state and errors", min_width=16),
                    Column("sort", "sorted by", self._sorted, width=12),
                ],
                lambda each: each.key,
            )
            yield Footer()

    def on_mount(self) -> None:
        choices = self.query_one(LineTable)
        choices.set_rows(self._table.columns)
        choices.styles.height = len(self._table.columns) + 1
        choices.focus()

    def _shown(self, column: Choice) -> Cell:
        on = column.key in self._table.shown_columns
        return (self._table.signs.ok, "ok") if on else " "

    def _sorted(self, column: Choice) -> Cell:
        if column.key != self._table.sort_column:
            return ("", "") if column.sort_key else ("cannot", "faint")
        signs = self._table.signs
        return signs.descending if self._table.sort_reverse else signs.ascending

    @property
    def _chosen(self) -> Choice | None:
        return self.query_one(LineTable).cursor_row

    def action_toggle_column(self) -> None:
        """Show the column, or not; the first one always stays."""
        column, shown = self._chosen, list(self._table.shown_columns)
        if column is None:
            return
        if column is self._table.columns[0]:
            self.notify(f"The column {column.title} always stays.", severity="warning")
            return
        if column.key in shown:
            shown.remove(column.key)
        else:
            shown.append(column.key)
        self._table.show_columns(shown)
        self.query_one(LineTable).refresh()

    @on(RowSelected)
    def action_sort_by(self) -> None:
        """Sort by the column; again, the other way round."""
        column, table = self._chosen, self._table
        if column is not None and column.sort_key is not None:
            again = table.sort_column == column.key
            table.sort(column.key, reverse=again and not table.sort_reverse)
            self.query_one(LineTable).refresh()
        elif column is not None:
            self.notify(f"There is no order by {column.title or 'state'}.", severity="warning")

    def action_leave(self) -> None:
        """Back to the list."""
        self.dismiss(None)
