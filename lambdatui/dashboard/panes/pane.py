"""What the panes have in common: a numbered frame, a filter line, where the focus goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Protocol, Self

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Label

from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.widgets.line_table import LineTable


class Clock(Protocol):
    """Tells the time; tests give a fixed one."""

    def __call__(self) -> datetime: ...


class Side(Enum):
    """A side of a frame."""

    TOP, BOTTOM, LEFT, RIGHT = range(4)


class Pane(Vertical):
    """One framed part of the main screen."""

    KEY: ClassVar[str]
    """The id of the key that goes there."""
    TITLE: ClassVar[str]
    ALLOW_MAXIMIZE: ClassVar[bool] = False

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._above = self._below = Content("")
        self._lit = False
        self._sides: Sequence[Side] = ()

    @contextmanager
    def _only(self, *sides: Side) -> Iterator[None]:
        """What is changed meanwhile is to be seen in these sides of the frame only."""
        self._sides = sides
        try:
            yield
        finally:
            self._sides = ()

    def on_mount(self) -> None:
        self.entitle()

    def highlight(self, on: bool, *, again: bool = False) -> None:
        """Show whether this pane has the focus; ``again`` when the colours changed. By hand: a
        `:focus-within` rule would have Textual look up the styles of everything in two panes at every tab."""
        if on is not self._lit or again:
            self._lit = on
            edge = self.app.theme_variables["border-focus" if on else "pane-border"]
            with self._only(*Side):
                self.styles.border = ("round", edge)
                self._draw_title()

    def entitle(self, *more: str | tuple[str, str] | Content) -> None:
        """Title of the frame: key and name, then what it shows."""
        parts: list[str | tuple[str, str] | Content] = [f"{key_of(self.KEY)} {self.TITLE}"]
        for part in more:
            parts += [" ─ ", part]
        self._frame(Content.assemble(*parts), self._below)

    def subtitle(self, text: str | Content = "") -> None:
        """Small print at the frame's lower edge."""
        self._frame(self._above, Content(text) if isinstance(text, str) else text)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Textual would draw the whole pane again, with all that is in it, for another title."""
        if repaint and not regions and not layout and not recompose and self._sides:
            regions = tuple(map(self._edge, self._sides))
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _edge(self, side: Side) -> Region:
        """One side of the frame, as seen from the content."""
        left, top = -self.content_offset.x, -self.content_offset.y
        width, height = self.outer_size
        match side:
            case Side.TOP:
                return Region(left, top, width, 1)
            case Side.BOTTOM:
                return Region(left, top + height - 1, width, 1)
            case Side.LEFT:
                return Region(left, top + 1, 1, height - 2)
            case Side.RIGHT:
                return Region(left + width - 1, top + 1, 1, height - 2)

    def _frame(self, above: Content, below: Content) -> None:
        """Only what differs is set."""
        if not above.is_same(self._above):
            self._above = above
            with self._only(Side.TOP):
                self._draw_title()
        if not below.is_same(self._below):
            with self._only(Side.BOTTOM):
                self._below = self.border_subtitle = below

    def _draw_title(self) -> None:
        self.border_title = self._above.stylize_before("bold $accent") if self._lit else self._above

    def stops(self) -> Sequence[Widget]:
        """The widgets that take the focus, in the order of tab."""
        raise NotImplementedError

    def clear_filter(self) -> bool:
        """Forget the filter; False if there was none."""
        return False


class ListPane(Pane):
    """A pane that is a table."""

    @property
    def table(self) -> LineTable[Any]:
        """The rows."""
        return self.query_one(LineTable)

    def stops(self) -> Sequence[Widget]:
        return (self.table,)

    def say(self, sentence: str) -> None:
        """Say why there are no rows."""
        self.table.empty = sentence

    def action_order(self) -> None:
        """Sort by the next column that is shown and can be sorted by."""
        table = self.table
        shown = [column for column in table.columns if column.key in table.shown_columns]
        order = [None, *(column.key for column in shown if column.sort_key)]
        at = order.index(table.sort_column) if table.sort_column in order else 0
        table.sort(order[(at + 1) % len(order)])


Completions = Callable[[str], Iterable[str]]
"""What a word may become, the likeliest first."""


class _LastWord(Suggester):
    """Goes on with the word that is being typed."""

    def __init__(self, complete: Completions) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        before, blank, word = value.rpartition(" ")
        found = next(iter(self._complete(word)), "") if word else ""
        return f"{before}{blank}{found}" if found and found != word else None


class _FilterInput(Input):
    """Where the filter is typed."""

    BINDINGS: ClassVar = bindings("complete", "clear-filter", "keep-filter")
    virtual_size = Reactive(Size(0, 0))  # Textual would lay out the whole screen for each letter

    def on_mount(self) -> None:
        self.cursor_blink = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Tab completes where there is something to complete, else it goes to the next pane."""
        if action == "complete":
            return bool(self._suggestion)
        return super().check_action(action, parameters)

    def watch__suggestion(self) -> None:
        self.screen.refresh_bindings()

    def action_complete(self) -> None:
        """Take what is suggested."""
        self.action_end()
        self.action_cursor_right()

    def action_clear_filter(self) -> None:
        """Clear the filter and leave it."""
        self.value = ""
        self.post_message(self.Submitted(self, ""))


class FilterLine(Horizontal):
    """Filters as you type: Enter keeps what is typed, Esc clears it."""

    DEFAULT_CSS = """
    FilterLine { display: none; height: 1; background: $surface; }
    FilterLine Label { color: $accent; padding: 0 1; }
    FilterLine Input { width: 1fr; }
    """

    class Changed(Message):
        """Filter by this from now on."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The person is done with the filter; the rows take the focus."""

    def __init__(self, hint: str, complete: Completions | None = None) -> None:
        """``complete`` goes on with a word that is being typed."""
        super().__init__()
        self._hint = hint
        self._suggester = _LastWord(complete) if complete else None

    def compose(self) -> ComposeResult:
        yield Label("/")
        yield _FilterInput(
            placeholder=self._hint, compact=True, select_on_focus=False, suggester=self._suggester
        )

    @property
    def text(self) -> str:
        """What is typed."""
        return self.input.value

    def show(self, text: str) -> None:
        """Filter by this, as if it had been typed and kept."""
        self.display = bool(text)
        self.input.value = text

    @property
    def input(self) -> Input:
        """Where the filter is typed."""
        return self.query_one(_FilterInput)

    def open(self) -> None:
        """Show the line and type into it."""
        self.display = True
        self.screen.set_focus(self.input)

    def clear(self) -> bool:
        """Forget what was typed and hide; False if nothing was."""
        had = bool(self.input.value)
        self.input.value = ""
        self.display = False
        return had

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self.post_message(self.Changed(message.value))

    @on(Input.Submitted)
    def _left(self, message: Input.Submitted) -> None:
        message.stop()
        self.display = bool(message.value)
        self.post_message(self.Left())
