"""The focus goes round, on screens whose widgets are in turn."""

from __future__ import annotations

from textual.screen import Screen, ScreenResultType


class InTurn(Screen[ScreenResultType]):
    """A screen on which tab goes to the next widget that takes keys, and shift+tab to the one before.

    A modal screen names it second: CSS is inherited by way of the first base.
    """

    def action_move_focus(self, step: int) -> None:
        """To the next widget, or the one before."""
        if step > 0:
            self.focus_next()
        else:
            self.focus_previous()
