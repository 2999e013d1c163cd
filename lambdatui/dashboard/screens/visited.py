"""The functions that were looked at, one after the other: back and forward."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.timer import Timer

    from lambdatui.dashboard.screens.main import MainScreen

LOOKED_S = 0.7
"""A row the cursor leaves sooner was only passed."""
KEEP = 100


class Visited:
    """Like the history of a browser: going back and looking at another one forgets what was ahead."""

    def __init__(self, screen: MainScreen, *, looked_s: float = LOOKED_S) -> None:
        self._screen = screen
        self._looked_s = looked_s
        self._names: list[str] = []
        self._at = -1
        self._timer: Timer | None = None

    def aimed_at(self, name: str) -> None:
        """The cursor came to a function."""
        if self._timer is not None:
            self._timer.stop()
        if self._looked_s:
            self._timer = self._screen.set_timer(self._looked_s, lambda: self._note(name))
        else:
            self._note(name)

    def _note(self, name: str) -> None:
        if name and (self._at < 0 or self._names[self._at] != name):
            self._names[self._at + 1 :] = [name]
            del self._names[:-KEEP]
            self._at = len(self._names) - 1

    def go(self, step: int) -> None:
        """Back (-1) or forward (1) to one that is still there."""
        at, here = self._at + step, self._screen.functions.names
        while 0 <= at < len(self._names):
            if self._names[at] in here:
                self._at = at
                self._screen.choose(self._names[at])
                return
            at += step
        where = "before" if step < 0 else "after"
        self._screen.notify(f"No function was looked at {where} this one.", severity="warning")
