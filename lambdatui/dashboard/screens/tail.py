"""Whose logs the log pane follows: the chosen function's, and those that were added to it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from lambdatui.dashboard.words import count

if TYPE_CHECKING:
    from lambdatui.dashboard.screens.main import MainScreen

PASSING_S = 0.12
"""A row the cursor stays on for less is only passed: nothing is asked for it."""


class Tail:
    """One log of one function or several. The added ones stay when another function is chosen."""

    def __init__(self, screen: MainScreen, *, passing_s: float = PASSING_S) -> None:
        self._screen = screen
        self._passing_s = passing_s
        self._chosen = ""
        self._added: list[str] = []
        self._groups: dict[str, str] = {}  # the functions by the log groups that are followed

    def function_of(self, group: str) -> str:
        """Whose log group it is; empty when it is not followed (any more)."""
        return self._groups.get(group, "")

    @property
    def added(self) -> list[str]:
        """The functions that are followed beside the chosen one."""
        known = self._screen.functions.functions
        return [name for name in self._added if name in known and name != self._chosen]

    def take_up(self, names: Iterable[str]) -> None:
        """Follow those too that were followed at the end of the last session."""
        self._added += [name for name in names if name not in self._added]
        self._follow()

    def aim(self, name: str) -> None:
        """Follow the function that is chosen now; an empty name means none."""
        first = not self._chosen  # nothing was passed on the way to it
        self._chosen = name
        self._follow(0.0 if first else self._passing_s)

    def again(self) -> None:
        """Begin anew: from another time on, or after it failed."""
        self._groups = {}
        self._follow(self._passing_s)

    def _follow(self, delay: float = 0.0) -> None:
        screen, known = self._screen, self._screen.functions.functions
        names = [name for name in (self._chosen, *self.added) if name]
        groups: dict[str, str] = {}
        for name in names:
            own = known[name].latest.log_group if name in known else ""
            groups.setdefault(own or f"/aws/lambda/{name}", name)
        if groups == self._groups:
            return
        self._groups = groups
        screen.log_pane.follow(names)
        if screen.service is not None:
            now_ms = int(screen.now().timestamp() * 1000)
            screen.feeds.log(list(groups), now_ms, back_ms=screen.log_pane.back_ms, delay=delay)

    # -- more than one ------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask which function is to be followed too."""
        from lambdatui.dashboard.dialogs.picker import Choice, Picker

        followed = set(self._groups.values())
        others = [each for each in self._screen.functions.functions.values() if each.name not in followed]
        if not others:
            self._screen.notify("There is no other function to follow.", severity="warning")
            return
        choices = [Choice(each.name, each.latest.runtime or "image", each.name) for each in others]
        title = f"Follow beside {self._chosen}" if len(followed) == 1 else "Follow one more"
        self._screen.app.push_screen(Picker(title, choices, hint="a function"), self.add)

    def add(self, name: str | None) -> None:
        """Follow this one too."""
        if name is not None:
            self.take_up([name])

    def take_away(self, name: str = "") -> None:
        """Follow one less: that one if it was added, else the one added last."""
        added = self.added
        if not added:
            return
        gone = name if name in added else added[-1]
        self._added.remove(gone)
        self._follow()
        left = f", {count(len(self._groups), 'other')} stay" if len(self._groups) > 1 else ""
        self._screen.notify(f"{gone} is no longer followed{left}.", markup=False)

    def open(self, name: str, request_id: str) -> None:
        """Show what a run answered; where another function is chosen for it, this one stays in the log."""
        screen = self._screen
        if name != self._chosen:
            self.take_up([self._chosen])
            screen.choose(name)
            screen.catch_up()
        screen.call_next(partial(screen.feeds.recall, name, request_id))
