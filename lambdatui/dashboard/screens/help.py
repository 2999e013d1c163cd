"""Every key that does something, written from the table of keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from lambdatui.dashboard import keys
from lambdatui.dashboard.keys import Where
from lambdatui.dashboard.screens.tour import TourScreen

_COLUMNS = (
    (Where.FUNCTION, Where.ROWS, Where.EDITOR, Where.RESPONSE, Where.LOG, Where.FILTER, Where.DIALOG),
    (Where.EVERYWHERE, Where.INSIDE, Where.LINES, Where.HELP),
)
"""What stands left and right where there is room for two columns."""

FUNCTION_SCREEN = (
    (Where.SCREEN, Where.DIALOG),
    (Where.EVERYWHERE, Where.LINES, Where.VALUE, Where.HELP),
)
"""The same on the screen of one function."""


class HelpScreen(ModalScreen[None]):
    """The keys, place by place; any of the usual ways out closes it."""

    CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    #help {
        width: 118; max-width: 100%; height: auto; max-height: 100%;
        padding: 0 2; border: round $border-focus; background: $surface;
        border-title-color: $foreground; border-title-style: bold; border-subtitle-color: $muted;
        scrollbar-size-vertical: 1;
    }
    #help Horizontal { height: auto; }
    #help Static { height: auto; width: 1fr; }
    #help #hint { color: $muted; margin-top: 1; }
    HelpScreen.-narrow #help { width: 64; }
    HelpScreen.-narrow #help Horizontal { layout: vertical; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (112, "-wide")]
    BINDINGS: ClassVar = keys.bindings(
        "leave",
        "close-help",
        "tour",
        "list.down",
        "list.up",
        "list.page_down",
        "list.page_up",
        "list.top",
        "list.bottom",
    )

    def __init__(
        self, screen: Screen[Any], keymap: Mapping[str, str], columns: Sequence[Sequence[Where]] = _COLUMNS
    ) -> None:
        """``screen`` is the one that is helped with: of the keys of everywhere it may not have all."""
        super().__init__()
        focused = (screen.focused or screen).ancestors_with_self
        self._there = {found.id for node in focused for _, found in node._bindings}
        self._keymap = keymap
        self._columns = columns
        self._of_main = columns is _COLUMNS

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as frame:
            frame.border_title = Content("Keys")
            tour = f"{self._key('tour')} tour · " if self._of_main else ""
            frame.border_subtitle = Content(f"{tour}esc closes")
            with Horizontal():
                for places in self._columns:
                    yield Static(Content("\n").join(self._lines(places)))
            hint = "In an editor letters and digits are text; esc leaves it."
            yield Static(hint, id="hint")

    def _lines(self, places: Sequence[Where]) -> Iterator[Content]:
        for where, found in keys.by_place():
            if where not in places:
                continue
            yield Content("")
            yield Content.styled(where.value, "bold $accent")
            for key in found:
                if where is Where.EVERYWHERE and key.id not in self._there:
                    continue
                yield Content.assemble((f"{self._key(key.id):<11} ", "bold"), key.tooltip)

    def _key(self, name: str) -> str:
        return keys.shown(self._keymap.get(name, keys.BY_ID[name].keys))

    @property
    def _frame(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    def action_move(self, step: int) -> None:
        """A line down or up."""
        self._frame.scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """A page down or up."""
        self._frame.scroll_relative(y=step * self._frame.size.height, animate=False)

    def action_top(self) -> None:
        """To the first key."""
        self._frame.scroll_home(animate=False)

    def action_bottom(self) -> None:
        """To the last key."""
        self._frame.scroll_end(animate=False)

    def action_tour(self) -> None:
        """The short tour of the main screen instead; elsewhere the same key closes the help."""
        if self._of_main:
            self.app.switch_screen(TourScreen(self._keymap))
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Back to where we were."""
        self.dismiss(None)
