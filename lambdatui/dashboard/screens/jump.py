"""Letters on everything that can be gone to; one key goes there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from string import ascii_lowercase
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.widgets.line_table import LineTable

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
SIGNS = (*LETTERS, *(first + second for first in LETTERS for second in LETTERS))
assert set(LETTERS) == set(ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Goal:
    """A row of a list, or a widget that takes the focus."""

    widget: Widget
    place: Offset
    row: int | None = None

    def go(self) -> None:
        """Go there."""
        if self.row is not None and isinstance(self.widget, LineTable):
            self.widget.move_to(self.row)
        self.widget.focus()


def goals(screen: Screen[object]) -> Iterator[Goal]:
    """What is in sight, from top to bottom: the rows of lists, and every other stop of tab."""
    for widget in screen.focus_chain:
        if isinstance(widget, LineTable) and widget.row_count:
            for row, place in widget.rows_in_sight():
                yield Goal(widget, place, row)
        elif widget.region:
            yield Goal(widget, widget.region.offset - Offset(1, 0))  # on its frame


class JumpScreen(ModalScreen[Goal | None]):
    """Answers with the goal whose letters were typed; any other key leaves."""

    CSS = """
    JumpScreen { background: transparent; layers: letters; }
    JumpScreen Static {
        layer: letters; position: absolute; width: auto; height: 1;
        background: $accent; color: $background; text-style: bold;
    }
    """
    BINDINGS: ClassVar = bindings("leave")

    def __init__(self, screen: Screen[object]) -> None:
        super().__init__()
        found = list(islice(goals(screen), len(SIGNS) - len(LETTERS)))
        signs = SIGNS if len(found) <= len(LETTERS) else SIGNS[len(LETTERS) :]
        self._goals = dict(zip(signs, found, strict=False))
        self._typed = ""

    def compose(self) -> ComposeResult:
        for sign, goal in self._goals.items():
            letter = Static(sign, id=f"jump-{sign}", markup=False)
            letter.styles.offset = goal.place
            yield letter

    def on_key(self, event: events.Key) -> None:
        """A letter narrows the choice or makes it."""
        if event.key == "escape":
            return
        event.stop()
        self._typed += event.character or " "
        if goal := self._goals.get(self._typed):
            self.dismiss(goal)
        elif not any(sign.startswith(self._typed) for sign in self._goals):
            self.dismiss(None)
        else:
            for sign in self._goals:
                self.query_one(f"#jump-{sign}").display = sign.startswith(self._typed)

    def action_leave(self) -> None:
        """Stay here."""
        self.dismiss(None)
