"""Every key that does something, written from the table of keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from lambdatui.dashboard import keys
from lambdatui.dashboard.keys import Where
from lambdatui.dashboard.panes.pane import FilterLine, Pane
from lambdatui.dashboard.screens.tour import TourScreen

_RIGHT = (Where.EVERYWHERE, Where.INSIDE, Where.LINES, Where.FILTER, Where.VALUE, Where.HELP)
"""What stands right where there is room for two columns; the rest stands left."""

_LEFT_LAST = (Where.FUNCTION, Where.ROWS, Where.EDITOR, Where.RESPONSE, Where.LOG, Where.DIALOG)
"""Places that a screen may share with the main screen; its own comes first."""

BEYOND = {Where.DIALOG, Where.HELP}
"""Places that every screen leads to: their keys work there, not here."""

_BY_WAY_OF = {
    "make-function": "new",
    "toggle-column": "columns",
    "sort-by": "columns",
    "stop-job": "bulk",
    "elsewhere": "diff",
    "tour": "pane-functions",
}
"""Keys that work only in what another key leads to."""


_NEAR = (Pane, FilterLine)
"""What may be hidden now and is one key away."""


class Bound(NamedTuple):
    """A key that does something, and the part of the screen that has it."""

    id: str
    binding: Binding
    node: DOMNode


def bound(screen: Screen[Any]) -> Iterator[Bound]:
    """The keys that do something on this screen, whichever part of it has the focus; those of the part that
    has it come last."""
    away = [node for node in screen.query("*") if not node.display and not isinstance(node, _NEAR)]
    hidden = {*away, *(node for root in away for node in root.walk_children())}
    focus = [node for node, _ in reversed(screen._binding_chain)]
    nodes: list[DOMNode] = [*(node for node in screen.query("*") if node not in hidden), *focus]
    for node in nodes:
        for _, binding in node._bindings:
            if binding.id and screen.app._check_action_state(binding.action, node) is not False:
                yield Bound(binding.id, binding, node)


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

    def __init__(self, screen: Screen[Any]) -> None:
        """``screen`` is the one that is helped with."""
        super().__init__()
        self._of_main = "pane-functions" in (there := {one.id for one in bound(screen)})
        places = {keys.BY_ID[name].where for name in there if name in keys.BY_ID}
        leads = BEYOND | ({Where.VALUE} if Where.SCREEN in places else set())
        leads |= {Where.FILTER} & places
        there |= {
            key.id for key in keys.KEYS if key.where in leads and _BY_WAY_OF.get(key.id, "help") in there
        }
        self.listed = [key for key in keys.KEYS if key.id in there]
        """What it tells of."""

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as frame:
            frame.border_title = Content("Keys")
            tour = f"{keys.key_of('tour')} tour · " if self._of_main else ""
            frame.border_subtitle = Content(f"{tour}{keys.key_of('leave')} closes")
            with Horizontal():
                for right in (False, True):
                    yield Static(Content("\n").join(self._lines(right=right)))
            hint = f"In an editor letters and digits are text; {keys.key_of('leave-editor')} leaves it."
            yield Static(hint, id="hint")

    def _lines(self, *, right: bool) -> Iterator[Content]:
        places = list(Where) if self._of_main else sorted(Where, key=_LEFT_LAST.__contains__)
        for where in places:
            found = [key for key in self.listed if key.where is where]
            if not found or (where in _RIGHT) is not right:
                continue
            yield Content("")
            yield Content.styled(where.value, "bold $accent")
            for key in found:
                yield Content.assemble((f"{keys.keys_of(key.id):<11} ", "bold"), key.tooltip)

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
            self.app.switch_screen(TourScreen())
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Back to where we were."""
        self.dismiss(None)
