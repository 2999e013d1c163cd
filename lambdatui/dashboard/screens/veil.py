"""The last known frame: taken when the dashboard is left, shown until there is something newer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

if TYPE_CHECKING:
    from lambdatui.dashboard.screens.main import MainScreen


class LastFrame(Widget):
    """What was shown when the dashboard was left."""

    DEFAULT_CSS = "LastFrame { width: 1fr; height: 1fr; color: $muted; background: $background; }"

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = lines

    def render(self) -> Content:
        return Content("\n".join(line[: self.size.width] for line in self._lines[: self.size.height]))


class Veil(LastFrame):
    """Covers the panes of the main screen until they have something to show; the header is live."""

    DEFAULT_CSS = "Veil { layer: veil; dock: top; offset: 0 1; }"

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(lines[1:])
        self._taken_at = len(lines[0]), len(lines)

    def on_resize(self) -> None:
        """A frame of another size is no frame."""
        if self.app.size != self._taken_at:
            self.remove()


def lines_of(screen: MainScreen) -> list[str]:
    """The main screen as plain text, without what was typed, answered or logged; nothing while something
    else covers it or its target is not open."""
    if not screen.is_current or screen.service is None:
        return []
    width, height = screen.size
    lines = [
        "".join(segment.text for segment in strip).ljust(width)[:width]
        for strip in screen._compositor.render_strips()
    ]
    for pane in (screen.invocation, screen.log_pane):
        region = pane.content_region
        for y in range(region.y, min(region.bottom, height)) if pane.display else ():
            lines[y] = lines[y][: region.x] + " " * region.width + lines[y][region.right :]
    return lines if all(len(line) == width for line in lines) else []
