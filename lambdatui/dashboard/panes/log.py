"""What does the function say?"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.panes.pane import FilterLine, Pane
from lambdatui.dashboard.panes.runs import Line, Reader, Renderer
from lambdatui.dashboard.widgets.log_view import CAPACITY, LogView
from lambdatui.model import FollowKind, FollowState, LogEvent


class LogPane(Pane):
    """The log of the chosen function, followed."""

    NUMBER, TITLE = 4, "Log"
    BINDINGS: ClassVar = bindings("raw")

    class RunOpened(Message):
        """Enter on the closing line of a run."""

        def __init__(self, request_id: str) -> None:
            super().__init__()
            self.request_id = request_id

    def __init__(self) -> None:
        super().__init__(id="log")
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
        self._reader = Reader(raw=self._reader.raw)
        self._problem = ""
        self.failed = False
        self.view.clear()
        self.view.following = True
        self.view.empty = f"No logs yet: press i to invoke {function}." if function else ""
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
        if self._reader.raw:
            parts.append("raw")
        self.entitle(*parts)
        self.subtitle(Content.styled(self._problem, "$fail") if self._problem else "")

    # -- what the person does -----------------------------------------------------------------

    def action_raw(self) -> None:
        """Lambda's own lines as they came, or drawn."""
        self._reader = Reader(raw=not self._reader.raw)
        self._fill(self._events)
        self._describe()

    def _fill(self, events: Iterable[LogEvent]) -> None:
        self.view.clear()
        self.view.append(self._reader.lines(events))
        self.view.flush()

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
