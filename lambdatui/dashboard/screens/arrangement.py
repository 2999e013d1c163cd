"""Where the panes of the main screen stand, which of them has the focus, and how it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from lambdatui.dashboard.bars import Tabs
from lambdatui.dashboard.panes.pane import Pane
from lambdatui.dashboard.screens.start import TALL, WIDE, functions_width

if TYPE_CHECKING:
    from lambdatui.dashboard.screens.main import MainScreen


class Arrangement:
    """Panes side by side where there is room, else one at a time under tabs."""

    def __init__(self, screen: MainScreen, panes: tuple[Pane, ...]) -> None:
        self._screen = screen
        self._panes = panes
        self._bar = screen.query_one(Tabs)
        self.current = panes[0]

    @property
    def one_at_a_time(self) -> bool:
        """Whether only one pane has room."""
        return self._screen.has_class("-tabs")

    def fit(self, width: int, height: int) -> None:
        """The terminal has this size now."""
        tabs = width < WIDE or height < TALL
        self._screen.set_class(tabs, "-tabs")
        self._screen.set_class(width < WIDE, "-narrow")
        self._bar.display = tabs and height > 5
        self._show()
        if not tabs:
            self._screen.styles.grid_columns = f"{functions_width(width)} 1fr"

    def _show(self) -> None:
        """All of them, or the current one alone. Textual lays out anew whenever a display is set."""
        for pane in self._panes:
            shown = not self.one_at_a_time or pane is self.current
            if pane.display is not shown:
                pane.display = shown

    def focused(self, widget: Widget) -> None:
        """Something got the focus: its pane is the current one."""
        pane = next((node for node in widget.ancestors_with_self if isinstance(node, Pane)), None)
        if pane is not None:
            self.current = pane
            self.highlight()

    def highlight(self, *, again: bool = False) -> None:
        """Show which pane is the current one; ``again`` when the colours changed."""
        self._bar.current = self.current.id or ""
        for pane in self._panes:
            pane.highlight(pane is self.current, again=again)

    def go(self, pane: Pane, stop: Widget | None = None) -> None:
        """Show a pane and give it the focus, at once: the next key is meant for it."""
        self.current = pane
        self._show()
        self.highlight()  # now: in the frame that Textual draws for the focus, not in the one after it
        self._screen.set_focus(stop or pane.stops()[0])

    def move(self, step: int) -> None:
        """Go to the next stop; Textual's own would not show a hidden pane."""
        stops = [(pane, stop) for pane in self._panes for stop in pane.stops()]
        here = next((at for at, (_, stop) in enumerate(stops) if stop is self._screen.focused), -1)
        if here < 0:
            here = next((at for at, (pane, _) in enumerate(stops) if pane is self.current), 0) - (step > 0)
        self.go(*stops[(here + step) % len(stops)])
