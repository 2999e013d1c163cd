"""What does the function say?"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.panes.pane import FilterLine, Pane
from lambdatui.dashboard.panes.runs import LEVELS, Line, Reader, Renderer
from lambdatui.dashboard.widgets.log_view import CAPACITY, LogView
from lambdatui.model import FollowKind, FollowState, LogEvent

RANGES: Sequence[tuple[str, int | None]] = (
    ("", None),
    ("1 min", 60_000),
    ("5 min", 300_000),
    ("15 min", 900_000),
    ("30 min", 1_800_000),
    ("1 h", 3_600_000),
    ("1 d", 86_400_000),
    ("all", 0),
)
"""What the log begins with: what it is called, how far back."""


class LogPane(Pane):
    """The log of the chosen function, followed."""

    NUMBER, TITLE = 4, "Log"
    BINDINGS: ClassVar = bindings("raw", "log.level", "log.times", "log.longer", "log.shorter")

    class RunOpened(Message):
        """Enter on the closing line of a run."""

        def __init__(self, request_id: str) -> None:
            super().__init__()
            self.request_id = request_id

    class RangeChanged(Message):
        """The log is wanted from another time on."""

    def __init__(self) -> None:
        super().__init__(id="log")
        self._range = 0
        self._function = ""
        self._events: deque[LogEvent] = deque(maxlen=CAPACITY)
        self._reader = Reader()
        self._problem = ""
        self.failed = False

    def compose(self) -> ComposeResult:
        yield FilterLine("text to look for")
        yield LogView[Line](Renderer(), wrap=False, empty="")

    @property
    def view(self) -> LogView[Line]:
        """The lines."""
        return self.query_one(LogView)

    @property
    def filter_line(self) -> FilterLine:
        """The line to filter by."""
        return self.query_one(FilterLine)

    def stops(self) -> Sequence[Widget]:
        return (self.view,)

    # -- what is shown ------------------------------------------------------------------------

    def follow(self, function: str) -> None:
        """Show another function's log from now on; an empty name shows none."""
        self._function = function
        self._events.clear()
        self._reader = Reader(raw=self._reader.raw, least=self._reader.least)
        self._problem = ""
        self.failed = False
        self.view.clear()
        self.view.following = True
        self._describe()

    def grow(self, events: Sequence[LogEvent]) -> None:
        """More of the log."""
        self._problem = ""
        self._events.extend(events)
        self.view.append(self._reader.lines(events))

    def state(self, state: FollowState) -> None:
        """How following goes: throttled or cut off is said, with when it is tried again."""
        waits = state.kind in (FollowKind.THROTTLED, FollowKind.UNREACHABLE)
        self._problem = f"{state.sentence} Again in {state.retry_s:g} s." if waits else ""
        self._describe()

    def fail(self, sentence: str) -> None:
        """The log cannot be had; what is shown stays."""
        self.failed = True
        self._problem = sentence
        self._describe()

    def _describe(self) -> None:
        view = self.view
        view.empty = self._nothing()
        if not self._function:
            self.entitle()
            self.subtitle()
            return
        state: str | tuple[str, str]
        if self.failed:
            state = "stopped, r tries again", "$fail"
        elif view.following:
            state = "following"
        else:
            state = (f"paused, {view.unseen} new" if view.unseen else "paused", "$wait")
        parts: list[str | tuple[str, str]] = [self._function, state]
        if view.filter_text:
            parts.append(f"{view.line_count} of {view.total_count} lines")
        if view.dropped_count:
            parts.append(f"{view.dropped_count} older lines let go")
        if self._range:
            parts.append(f"last {RANGES[self._range][0]}" if self.back_ms else "from its beginning")
        if self._reader.least:
            parts.append((f"{self._reader.least} and worse", "$wait"))
        if self._reader.raw:
            parts.append("raw")
        self.entitle(*parts)
        self.subtitle(Content.styled(self._problem, "$fail") if self._problem else "")

    def _nothing(self) -> str:
        """What is said where no line is shown."""
        if self.view.filter_text and self.view.total_count:
            return f"Nothing matches “{self.view.filter_text}”."
        return f"No logs yet: press i to invoke {self._function}." if self._function else ""

    # -- what the person does -----------------------------------------------------------------

    def action_raw(self) -> None:
        """Lambda's own lines as they came, or drawn."""
        self._read_again(Reader(raw=not self._reader.raw, least=self._reader.least))

    def action_level(self) -> None:
        """The next least level of what the function says."""
        least = LEVELS[(LEVELS.index(self._reader.least) + 1) % len(LEVELS)]
        self._read_again(Reader(raw=self._reader.raw, least=least))

    def _read_again(self, reader: Reader) -> None:
        self._reader = reader
        self.view.clear()
        self.view.append(reader.lines(self._events))
        self.view.flush()
        self._describe()

    def action_times(self) -> None:
        """The next way to write times."""
        renderer = self.view.renderer
        assert isinstance(renderer, Renderer)
        self.view.renderer = Renderer(renderer.times.next)

    @property
    def back_ms(self) -> int | None:
        """How far back the log begins; None: as far as a target usually shows; 0: all of it."""
        return RANGES[self._range][1]

    def action_range(self, step: int) -> None:
        """Begin earlier, or later."""
        chosen = min(max(self._range + step, 0), len(RANGES) - 1)
        if chosen != self._range:
            self._range = chosen
            self.post_message(self.RangeChanged())

    def clear_filter(self) -> bool:
        return self.filter_line.clear()

    @on(FilterLine.Changed)
    def _filter(self, message: FilterLine.Changed) -> None:
        message.stop()
        self.view.filter_text = message.text
        self.view.search(message.text, move=False)
        self._describe()

    @on(FilterLine.Left)
    def _back_to_lines(self, message: FilterLine.Left) -> None:
        message.stop()
        self.screen.set_focus(self.view)

    @on(LogView.LineSelected)
    def _opened(self, message: LogView.LineSelected) -> None:
        message.stop()
        if message.item.ends:
            self.post_message(self.RunOpened(message.item.request_id))

    @on(LogView.StateChanged)
    def _state_changed(self, message: LogView.StateChanged) -> None:
        message.stop()
        self._describe()
