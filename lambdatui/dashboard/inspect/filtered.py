"""An inspection screen with one list and a filter line above it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on

from lambdatui.dashboard.inspect.screen import InspectScreen, View
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.line_table import LineTable


class FilteredScreen(InspectScreen[View]):
    """Yield a `FilterLine` among the contents, and say which ``table`` it filters."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]
    BINDINGS: ClassVar = bindings("filter")

    @property
    def table(self) -> LineTable[Any]:
        """The list."""
        return self.query_one(LineTable)

    def action_filter(self) -> None:
        """Show only rows that match."""
        self.query_one(FilterLine).open()

    @on(FilterLine.Changed)
    def _filtered(self, message: FilterLine.Changed) -> None:
        self.table.filter_text = message.text

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.set_focus(self.table)

    def action_back(self) -> None:
        """Clear the filter, or go back."""
        if not self.query_one(FilterLine).clear():
            super().action_back()
