"""Letters on everything that can be gone to; one key goes there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from string import ascii_lowercase
from typing import ClassVar, Protocol, cast

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset, Region
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.widgets.line_table import LineTable

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
SIGNS = (*LETTERS, *(first + second for first in LETTERS for second in LETTERS))
assert set(LETTERS) == set(ascii_lowercase)


class Named(Protocol):
    """A line of names, each of which leads somewhere: the tabs."""

    @property
    def content_region(self) -> Region: ...

    def places(self) -> Iterator[tuple[str, Region]]: ...

    def pick(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Goal:
    """What a letter leads to, and where it stands."""

    place: Offset
    go: Callable[[], object]


def goals(screen: Screen[object]) -> Iterator[Goal]:
    """What is in sight, from top to bottom: the names of tabs, the rows of lists, every other stop of tab."""
    for names in screen.query("Tabs, PartLine"):
        if names.region:
            yield from _names(cast("Named", names))
    for widget in screen.focus_chain:
        if isinstance(widget, LineTable) and widget.row_count:
            for row, place in widget.rows_in_sight():
                yield Goal(place, partial(_go_to_row, widget, row))
        elif widget.region:
            yield Goal(widget.region.offset - Offset(1, 0), widget.focus)  # on its frame


def _names(line: Named) -> Iterator[Goal]:
    for name, place in line.places():
        yield Goal(line.content_region.offset + place.offset, partial(line.pick, name))


def _go_to_row(table: LineTable[object], row: int) -> None:
    table.move_to(row)
    table.focus()


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
