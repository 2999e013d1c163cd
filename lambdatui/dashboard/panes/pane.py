"""What the panes have in common: a numbered frame, a filter line, where the focus goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Protocol

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from lambdatui.dashboard.keys import bindings


class Clock(Protocol):
    """Tells the time; tests give a fixed one."""

    def __call__(self) -> datetime: ...


class Pane(Vertical):
    """One framed part of the main screen."""

    NUMBER: ClassVar[int]
    TITLE: ClassVar[str]
    ALLOW_MAXIMIZE: ClassVar[bool] = False

    def on_mount(self) -> None:
        self.entitle()

    def entitle(self, *more: str | tuple[str, str] | Content) -> None:
        """Title of the frame: number and name, then what it shows."""
        parts: list[str | tuple[str, str] | Content] = [f"{self.NUMBER} {self.TITLE}"]
        for part in more:
            parts += [" ─ ", part]
        self.border_title = Content.assemble(*parts)

    def subtitle(self, text: str | Content = "") -> None:
        """Small print at the frame's lower edge."""
        self.border_subtitle = Content(text) if isinstance(text, str) else text

    def stops(self) -> Sequence[Widget]:
        """The widgets that take the focus, in the order of tab."""
        raise NotImplementedError

    def clear_filter(self) -> bool:
        """Forget the filter; False if there was none."""
        return False


class FilterLine(Input):
    """Filters as you type: Enter keeps what is typed, Esc clears it."""

    DEFAULT_CSS = """
    FilterLine { display: none; height: 1; background: $surface; border: none; padding: 0 1; }
    """
    BINDINGS = bindings("clear-filter", "keep-filter")

    class Changed_(Message):  # noqa: N801 - Input has a Changed of its own
        """Filter by this from now on."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The person is done with the filter; the rows take the focus."""

    def __init__(self, hint: str) -> None:
        super().__init__(placeholder=hint, compact=True, select_on_focus=False)

    def open(self) -> None:
        """Show the line and type into it."""
        self.display = True
        self.focus()

    def clear_and_hide(self) -> bool:
        """Forget what was typed; False if nothing was."""
        had = bool(self.value)
        self.value = ""
        self.display = False
        return had

    def watch_value(self, value: str) -> None:
        """Say what to filter by at every key."""
        self.post_message(self.Changed_(value))

    async def action_submit(self) -> None:
        """Keep the filter."""
        self.display = bool(self.value)
        self.post_message(self.Left())

    def action_clear_filter(self) -> None:
        """Clear the filter and leave it."""
        self.clear_and_hide()
        self.post_message(self.Left())
