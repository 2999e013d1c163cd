"""What does the function say?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.panes.pane import FilterLine, Pane
from lambdatui.dashboard.panes.runs import LEVELS, Line, Reader, Renderer, Times
from lambdatui.dashboard.widgets.log_view import CAPACITY, LogView
from lambdatui.dashboard.widgets.packed import Packed
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


NAMES = ("name-1", "name-2", "name-3", "name-4")
"""The tones in which functions are named, where the log is that of several."""

LATE_MS = 2_000
"""What comes later than this after another function's lines is put where it belongs."""

SAID = 2
"""So many added functions are named in the title."""


class TailView(LogView[Line]):
    """The lines of one function, or of several by their names."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"line--{tone}" for tone in NAMES}
    DEFAULT_CSS = """
    TailView {
        & > .line--name-1 { color: $json-key; }
        & > .line--name-2 { color: $json-number; }
        & > .line--name-3 { color: $json-literal; }
        & > .line--name-4 { color: $json-string; }
    }
    """


def _when(told: tuple[LogEvent, str]) -> int:
    return told[0].timestamp_ms


class LogPane(Pane):
    """The log of the chosen function, followed."""

    KEY, TITLE = "pane-log", "Log"
    BINDINGS: ClassVar = bindings(
        "raw", "log.level", "log.times", "log.longer", "log.shorter", "log.add", "log.drop"
    )

    class RunOpened(Message):
        """Enter on the closing line of a run."""

        def __init__(self, function: str, request_id: str) -> None:
            super().__init__()
            self.function = function
            self.request_id = request_id

    class RangeChanged(Message):
        """The log is wanted from another time on."""

    class MoreWanted(Message):
        """One more function is to be followed."""

    class LessWanted(Message):
        """One function less is to be followed: this one, if it can be spared."""

        def __init__(self, function: str) -> None:
            super().__init__()
            self.function = function

    def __init__(self) -> None:
        super().__init__(id="log")
        self._range = 0
        self._functions: Sequence[str] = ()
        self._tones: dict[str, str] = {}
        self._events: dict[str, Packed[LogEvent]] = {}
        self._latest_ms = 0
        self._raw, self._least = False, ""
        self._readers: dict[str, Reader] = {}
        self._problems: dict[str, str] = {}
        self._stopped: set[str] = set()

    def compose(self) -> ComposeResult:
        yield FilterLine("text to look for")
        yield TailView(Renderer(), wrap=False, empty="")

    @property
    def view(self) -> TailView:
        """The lines."""
        return self.query_one(TailView)

    @property
    def filter_line(self) -> FilterLine:
        """The line to filter by."""
        return self.query_one(FilterLine)

    @property
    def failed(self) -> bool:
        """Whether a log cannot be had."""
        return bool(self._stopped)

    def stops(self) -> Sequence[Widget]:
        return (self.view,)

    # -- what is shown ------------------------------------------------------------------------

    def follow(self, functions: Sequence[str]) -> None:
        """Show the log of these functions from now on, the chosen one first."""
        several = len(functions) > 1
        if several or len(self._functions) > 1:
            self._tones = self._tones_of(functions) if several else {}
            self.view.renderer = Renderer(self._times, self._tones)
        self._functions = functions
        self._events = {name: Packed(CAPACITY) for name in functions}
        self._latest_ms = 0
        self._new_readers()
        self._problems, self._stopped = {}, set()
        self.view.clear()
        self.view.following = True
        self.refresh_bindings()
        self._describe()

    def _tones_of(self, functions: Sequence[str]) -> dict[str, str]:
        """A tone for each; one that has one keeps it."""
        kept = {name: self._tones[name] for name in functions if name in self._tones}
        free = [tone for tone in NAMES if tone not in kept.values()]
        for at, name in enumerate(name for name in functions if name not in kept):
            kept[name] = (free or NAMES)[at % len(free or NAMES)]
        return kept

    def _new_readers(self) -> None:
        several = len(self._functions) > 1
        self._readers = {
            name: Reader(raw=self._raw, least=self._least, function=name if several else "")
            for name in self._functions
        }

    def grow(self, events: Sequence[LogEvent], function: str = "") -> None:
        """More of the log of a function; the first one, where none is named."""
        name = function or self._functions[0]
        self._problems.pop(name, None)
        allowed = LATE_MS if self._events[name] else 0  # its past comes first
        self._events[name].extend(events)
        late = self._latest_ms - min((event.timestamp_ms for event in events), default=self._latest_ms)
        self._latest_ms = max((event.timestamp_ms for event in events), default=self._latest_ms)
        if late > allowed and len(self._functions) > 1:
            self._read_again()
        else:
            self.view.append(self._readers[name].lines(events))

    def state(self, state: FollowState, function: str = "") -> None:
        """How following goes: throttled or cut off is said, with when it is tried again."""
        waits = state.kind in (FollowKind.THROTTLED, FollowKind.UNREACHABLE)
        sentence = f"{state.sentence} Again in {state.retry_s:g} s."
        if waits:
            self._problems[function] = self._about(function, sentence)
        else:
            self._problems.pop(function, None)
        self._describe()

    def fail(self, sentence: str, function: str = "") -> None:
        """The log cannot be had; what is shown stays."""
        self._stopped.add(function)
        self._problems[function] = self._about(function, sentence)
        self._describe()

    def _about(self, function: str, sentence: str) -> str:
        return f"{function}: {sentence}" if function and len(self._functions) > 1 else sentence

    def _describe(self) -> None:
        view = self.view
        view.empty = self._nothing()
        if not self._functions:
            self.entitle()
            self.subtitle()
            return
        state: str | tuple[str, str]
        if self._stopped and len(self._stopped) >= len(self._functions):
            state = f"stopped, {key_of('refresh')} tries again", "$fail"
        elif view.following:
            state = "following"
        else:
            state = (f"paused, {view.unseen} new" if view.unseen else "paused", "$wait")
        parts: list[str | tuple[str, str]] = [self._named(), state]
        if view.filter_text:
            parts.append(f"{view.line_count} of {view.total_count} lines")
        if view.dropped_count:
            parts.append(f"{view.dropped_count} older lines let go")
        if self._range:
            parts.append(f"last {RANGES[self._range][0]}" if self.back_ms else "from its beginning")
        if self._least:
            parts.append((f"{self._least} and worse", "$wait"))
        if self._raw:
            parts.append("raw")
        self.entitle(*parts)
        self.subtitle(Content.styled(" · ".join(self._problems.values()), "$fail"))

    def _nothing(self) -> str:
        """What is said where no line is shown."""
        if self.view.filter_text and self.view.total_count:
            return f"Nothing matches “{self.view.filter_text}”."
        return (
            f"No logs yet: press {key_of('invoke')} to invoke {self._functions[0]}."
            if self._functions
            else ""
        )

    def _named(self) -> str:
        first, *others = self._functions
        if len(others) <= SAID:
            return " + ".join(self._functions)
        return f"{first} + {len(others)} more"

    # -- what the person does -----------------------------------------------------------------

    def action_raw(self) -> None:
        """Lambda's own lines as they came, or drawn."""
        self._raw = not self._raw
        self._read_again()

    def action_level(self) -> None:
        """The next least level of what the function says."""
        self._least = LEVELS[(LEVELS.index(self._least) + 1) % len(LEVELS)]
        self._read_again()

    def _read_again(self) -> None:
        """Read all that is kept, in the order of time."""
        self._new_readers()
        self.view.clear()
        self.view.append(line for each in self._in_order() for line in each)
        self.view.flush()
        self._describe()

    def _in_order(self) -> Iterator[Iterator[Line]]:
        if len(self._functions) == 1:
            (name,) = self._functions
            yield self._readers[name].lines(self._events[name])
            return
        told = [[(event, name) for event in self._events[name]] for name in self._functions]
        for name, group in groupby(merge(*told, key=_when), key=itemgetter(1)):
            yield self._readers[name].lines(event for event, _ in group)

    @property
    def _times(self) -> Times:
        renderer = self.view.renderer
        assert isinstance(renderer, Renderer)
        return renderer.times

    def action_times(self) -> None:
        """The next way to write times."""
        self.view.renderer = Renderer(self._times.next, self._tones)

    def action_add_function(self) -> None:
        """Follow one more function in this log."""
        self.post_message(self.MoreWanted())

    def action_drop_function(self) -> None:
        """Follow one function less: that of the line under the cursor, or the last one."""
        line = self.view.cursor_item
        self.post_message(self.LessWanted(line.function if line is not None else ""))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to add to where nothing is followed, nothing to take away where only one is."""
        if action == "add_function":
            return bool(self._functions)
        if action == "drop_function":
            return len(self._functions) > 1
        return super().check_action(action, parameters)

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
            name = message.item.function or self._functions[0]
            self.post_message(self.RunOpened(name, message.item.request_id))

    @on(LogView.StateChanged)
    def _state_changed(self, message: LogView.StateChanged) -> None:
        message.stop()
        self._describe()
