"""The first frame: the outline of the main screen, drawn before anything heavy is imported."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from lambdatui.dashboard.keys import key_of
from lambdatui.dashboard.screens.veil import LastFrame

WIDE, TALL = 100, 30
FUNCTIONS_SHARE = 0.36
"""From this size on the panes stand side by side."""


class Skeleton(Widget):
    """Empty panes in their places."""

    DEFAULT_CSS = "Skeleton { width: 1fr; height: 1fr; }"

    def __init__(self, state: str) -> None:
        super().__init__()
        self._state = state

    def render(self) -> Content:
        width, height = self.size
        if width < WIDE or height < TALL:
            panes = ["", *_box(_title("functions", "Functions"), width, height - 3)]
        else:
            log = max(8, (height - 2) * 3 // 10)
            top = height - 2 - log
            left = functions_width(width)
            upper = top * 45 // 100
            right = _box(_title("versions", "Versions and aliases"), width - left, upper)
            right += _box(_title("invoke", "Invoke"), width - left, top - upper)
            rows = zip(_box(_title("functions", "Functions"), left, top), right, strict=True)
            panes = [*map("".join, rows), *_box(_title("log", "Log"), width, log)]
        return Content("\n".join([f" λ lambdatui  {self._state}"[:width], *panes]))


def functions_width(width: int) -> int:
    """How many columns the list of functions gets on a wide screen."""
    return 44 if width < 160 else 78


def _title(pane: str, name: str) -> str:
    return f"{key_of(f'pane-{pane}')} {name}"


def _box(title: str, width: int, height: int) -> list[str]:
    inner = max(0, width - 2)
    top = f"╭{f' {title} '.ljust(inner, '─')[:inner]}╮"
    return [top, *([f"│{' ' * inner}│"] * max(0, height - 2)), f"╰{'─' * inner}╯"]


class StartScreen(Screen[None]):
    """Shown until the main screen is there."""

    def __init__(self, state: str, frame: Sequence[str] = ()) -> None:
        """``frame`` is what stands on the terminal already."""
        super().__init__()
        self._state = state
        self._frame = frame

    def compose(self) -> ComposeResult:
        yield LastFrame(self._frame) if self._frame else Skeleton(self._state)
