"""The part of the main screen that changes and copies things: which key leads to which deed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdatui.dashboard.invoking.deeds import WithInvoking

if TYPE_CHECKING:
    from lambdatui.dashboard.bulk.control import Bulk
    from lambdatui.dashboard.create.control import Create
    from lambdatui.dashboard.panes.functions import FunctionsPane
    from lambdatui.dashboard.screens.deeds import Deeds


class Acting(WithInvoking):
    """What is done to the chosen row, to the marked rows, or anew."""

    deeds: Deeds
    create: Create
    bulk: Bulk
    functions: FunctionsPane

    def action_edit_outside(self) -> None:
        """Edit the payload in the user's own editor."""
        self.deeds.edit_outside()

    def action_publish(self) -> None:
        """Publish ``$LATEST``."""
        self.deeds.publish()

    def action_alias(self) -> None:
        """Create or change an alias."""
        self.deeds.alias()

    def action_new(self) -> None:
        """Make a new function."""
        self.create.open()

    def action_bulk(self) -> None:
        """Change the marked functions, or all that are shown."""
        table = self.functions.table
        self.bulk.open(table.marked_rows or table.rows, marked=bool(table.marked_keys))

    def action_delete(self) -> None:
        """Delete what the focused pane has chosen, or all that is marked."""
        marked = self.functions.table.marked_rows
        if marked and self.focused is self.functions.table:
            self.bulk.open(marked, marked=True, first="delete")
        else:
            self.deeds.delete()

    def action_copy(self) -> None:
        """Copy the ARN, value or line chosen."""
        self.deeds.copy()

    def action_copy_command(self) -> None:
        """Copy the invocation as an ``aws`` command."""
        self.deeds.copy_command()
