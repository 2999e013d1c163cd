"""Looking at what a widget draws, and an app that shows one widget."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from rich.style import Style
from textual.app import ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from lambdatui.dashboard.theme import ThemedApp

SIZES = [(80, 24), (120, 40), (200, 60)]


class OneWidget(ThemedApp[None]):
    """Shows one widget over the whole screen."""

    CSS = "Screen > * { height: 1fr; }"

    def __init__(self, widget: Widget, **options: Any) -> None:
        super().__init__(**options)
        self.animation_level = "none"
        self.shown = widget

    def compose(self) -> ComposeResult:
        yield self.shown


@asynccontextmanager
async def showing(
    widget: Widget, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[tuple[Pilot[None], list[Message]]]:
    """The widget on a screen of that size, with the focus; yields pilot and the list of all messages."""
    messages: list[Message] = []
    app = OneWidget(widget, **options)
    async with app.run_test(size=size, message_hook=messages.append) as pilot:
        widget.focus()
        await pilot.pause()
        yield pilot, messages


def lines(widget: Widget) -> list[str]:
    """The widget's rows as drawn, without blanks at the end."""
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


def style_at(widget: Widget, x: int, y: int) -> Style:
    """How the cell is drawn."""
    column = 0
    for segment in widget.render_line(y):
        column += segment.cell_length
        if x < column:
            return segment.style or Style.null()
    raise AssertionError(f"nothing is drawn at {x}, {y}")


def styled(widget: Widget, y: int, style: Callable[[Style], bool]) -> str:
    """The row's text that is drawn in such a style."""
    return "".join(
        segment.text for segment in widget.render_line(y) if segment.style and style(segment.style)
    )


def of_type(messages: list[Message], kind: type[Message]) -> list[Any]:
    """The messages of that kind, each once however many widgets saw it pass."""
    return list({id(message): message for message in messages if type(message) is kind}.values())


async def until(pilot: Pilot[Any], true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Let the app run until something is true."""
    async with asyncio.timeout(seconds):
        while not true():
            await pilot.pause(0.01)
