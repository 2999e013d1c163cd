"""The part of the main screen that changes and copies things: which key leads to which deed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lambdatui.dashboard.invoking.deeds import WithInvoking

if TYPE_CHECKING:
    from lambdatui.dashboard.bulk.control import Bulk
    from lambdatui.dashboard.create.control import Create
    from lambdatui.dashboard.panes.functions import FunctionsPane
    from lambdatui.dashboard.screens.deeds import Deeds
    from lambdatui.model import Function


class Acting(WithInvoking):
    """What is done to the chosen row, to the marked rows, or anew."""

    deeds: Deeds
    create: Create
    bulk: Bulk
    functions: FunctionsPane

    @abstractmethod
    def catch_up(self) -> None:
        """Have all panes show the row under the cursor: it may have moved with the key just before."""

    def action_edit_outside(self) -> None:
        """Edit the payload in the user's own editor."""
        self.deeds.edit_outside()

    def action_publish(self) -> None:
        """Publish ``$LATEST``."""
        self.deeds.publish()

    def action_alias(self) -> None:
        """Create or change an alias."""
        self.catch_up()
        self.deeds.alias()

    def action_diff(self) -> None:
        """Compare two of the chosen function's versions."""
        self.catch_up()
        self.deeds.diff()

    def action_new(self) -> None:
        """Make a new function."""
        self.create.open()

    def action_bulk(self) -> None:
        """Change the marked functions, or all that are shown."""
        table = self.functions.table
        marked = table.marked_rows
        self.bulk.open(marked or table.rows, marked=bool(marked), aside=self._aside(marked))

    def action_delete(self) -> None:
        """Delete what the focused pane has chosen, or all that is marked."""
        self.catch_up()
        marked = self.functions.table.marked_rows
        if marked and self.focused is self.functions.table:
            self.bulk.open(marked, marked=True, first="delete", aside=self._aside(marked))
        else:
            self.deeds.delete()

    def _aside(self, marked: Sequence[Function]) -> str:
        """What could be taken for one of the marked and is not, or is one and cannot be seen."""
        if not marked:
            return ""
        table, names = self.functions.table, {function.name for function in marked}
        hidden = len(names) - sum(function.name in names for function in table.rows)
        parts = [f"The filter hides {hidden} of them."] if hidden else []
        if table.cursor_row is not None and table.cursor_row.name not in names:
            parts.append(f"{table.cursor_row.name}, under the cursor, is not marked and stays as it is.")
        return " ".join(parts)

    def action_copy(self) -> None:
        """Copy the ARN, value or line chosen."""
        self.deeds.copy()

    def action_copy_command(self) -> None:
        """Copy the invocation as an ``aws`` command."""
        self.deeds.copy_command()

    def action_console(self) -> None:
        """The page of the chosen row in the AWS console."""
        self.catch_up()
        self.deeds.console()
