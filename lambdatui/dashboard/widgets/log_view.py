"""A log that never falls behind: a ring of lines, flushed a dozen times a second, drawn by line."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import islice
from time import monotonic
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.selection import Selection
from textual.timer import Timer

from lambdatui.dashboard.widgets.line_view import LineView
from lambdatui.dashboard.widgets.needle import NOTHING, Needle
from lambdatui.dashboard.widgets.packed import Packed, Texts
from lambdatui.dashboard.widgets.spans import Span

ItemT = TypeVar("ItemT")
ItemT_contra = TypeVar("ItemT_contra", contravariant=True)

CAPACITY = 200_000
"""Lines a log keeps."""

FLUSH_SECONDS = 1 / 12
"""How long lines wait at most before they are drawn together."""

FEW = 5_000
"""So few lines are looked through one by one."""

AT_ONCE = 10_000
"""More lines than that are taken in by parts: none of them is to be there twice."""


class LineRenderer(Protocol[ItemT_contra]):
    """How the owner's items look.

    One item is one line: messages of several lines are split before. Texts hold no tabs or other
    control characters; they would not be as wide as they are long.
    """

    @property
    def indent(self) -> int:
        """Columns of the prefix, the same for every item."""

    def prefix(self, item: ItemT_contra) -> list[Span]:
        """What stands before the line (its time), exactly ``indent`` columns."""

    def spans(self, item: ItemT_contra) -> list[Span]:
        """The line in colours; asked only for lines in sight."""

    def text(self, item: ItemT_contra) -> str:
        """The line without colours; what filter, search and wrap look at. Must be cheap."""

    def is_error(self, item: ItemT_contra) -> bool:
        """Whether the jump to the next error stops here."""


class LogView(LineView, Generic[ItemT]):
    """Lines that keep coming. Follows the end until the user looks elsewhere.

    Colours are tones (see `TONES`) and ``time debug info warning error platform``.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line--time",
        "line--debug",
        "line--info",
        "line--warning",
        "line--error",
        "line--platform",
    }
    DEFAULT_CSS = """
    LogView {
        & > .line--time { color: $log-time; }
        & > .line--debug { color: $log-debug; }
        & > .line--info { color: $log-info; }
        & > .line--warning { color: $log-warning; }
        & > .line--error { color: $log-error; }
        & > .line--platform { color: $log-platform; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "toggle_follow", "Pause", show=False, id="log.pause"),
        Binding("comma", "next_error(-1)", "Previous error", show=False, id="log.previous_error"),
        Binding("full_stop", "next_error(1)", "Next error", show=False, id="log.next_error"),
    ]

    class StateChanged(Message):
        """Following, paused, filtered or grown: ask `following`, `unseen`, `line_count`, `total_count`."""

        def __init__(self, view: LogView[Any]) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> LogView[Any]:
            return self.view

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, LogView.StateChanged) and message.view is self.view

    class LineSelected(Message):
        """A line was opened, with Enter or a double click."""

        def __init__(self, view: LogView[Any], item: Any) -> None:
            super().__init__()
            self.view = view
            self.item = item

        @property
        def control(self) -> LogView[Any]:
            return self.view

    def __init__(
        self,
        renderer: LineRenderer[ItemT],
        *,
        capacity: int = CAPACITY,
        wrap: bool = True,
        empty: str = "No log lines yet.",
        **options: Any,
    ) -> None:
        super().__init__(wrap=wrap, empty=empty, **options)
        self._renderer = renderer
        self._capacity = capacity
        self._items: Packed[ItemT] = Packed()
        self._texts = Texts()  # what the renderer says of each item
        self._errors: list[int] = []  # serials of the items that it says are errors
        self._lengths: list[int] = []
        self._first = 0  # serial of the oldest kept item
        self._began = 0  # serial of the first item since the last clear
        self._shown: list[int] | None = None  # serials the filter lets through; None: all
        self._filter: Needle = NOTHING
        self._pending: list[ItemT] = []
        self._flush_timer: Timer | None = None
        self._flushed = 0.0
        self._following = True
        self._unseen = 0

    # -- lines --------------------------------------------------------------------------------

    def append(self, items: Iterable[ItemT]) -> None:
        """Add lines at the end. They are drawn at once, or with the next batch when many come."""
        coming = iter(items)
        while part := list(islice(coming, AT_ONCE)):
            self._pending += part
            if len(self._pending) >= AT_ONCE:
                self.flush()
        if self._flush_timer is None and self._pending:
            wait = FLUSH_SECONDS - (monotonic() - self._flushed)
            if wait <= 0:
                self.flush()
            else:
                self._flush_timer = self.set_timer(wait, self.flush)

    def flush(self) -> None:
        """Show what was appended; done by itself a dozen times a second."""
        if self._flush_timer is not None:
            self._flush_timer.stop()
            self._flush_timer = None
        if not self._pending:
            return
        self._flushed = monotonic()
        items, self._pending = self._pending, []
        start = self._first + len(self._items)
        texts = list(map(self._renderer.text, items))
        lengths = self.measure(texts)
        self._items.extend(items)
        self._texts.extend(texts)
        self._lengths += lengths
        self._errors += self._errors_in(items, start)
        if self._shown is not None:
            kept = [at for at, text in enumerate(texts) if self._filter.found_in(text)]
            self._shown += [start + at for at in kept]
            lengths = [lengths[at] for at in kept]
        self._map.extend(lengths)
        self._drop_oldest(len(self._items) - self._capacity)
        if not self._following:
            self._unseen += len(lengths)
        self._grown()

    def _errors_in(self, items: Iterable[ItemT], start: int) -> list[int]:
        is_error = self._renderer.is_error
        return [serial for serial, item in enumerate(items, start) if is_error(item)]

    def _drop_oldest(self, count: int) -> None:
        """Let go what the ring has no room for; what is looked at stays where it is."""
        if count <= 0:
            return
        self._items.drop(count)
        self._texts.drop(count)
        del self._lengths[:count]
        self._first += count
        del self._errors[: bisect_left(self._errors, self._first)]
        lines = count
        if self._shown is not None:
            lines = bisect_left(self._shown, self._first)
            del self._shown[:lines]
        rows = self._map.drop(lines)
        if rows and not self._following:
            self.scroll_to(y=max(0, self.scroll_offset.y - rows), animate=False, force=True)

    def _grown(self) -> None:
        self.remap()
        if self._following:
            self._scroll_to_end()
        self.refresh()
        self.post_message(self.StateChanged(self))

    def _scroll_to_end(self) -> None:
        self.scroll_to(y=self._map.rows - self.scrollable_content_region.height, animate=False, force=True)

    def clear(self) -> None:
        """Forget all lines."""
        self._first += len(self._items)
        self._began = self._first
        self._items, self._texts = Packed(), Texts()
        self._lengths, self._errors, self._pending = [], [], []
        self._shown = None if self._shown is None else []
        self._cursor = None
        self._unseen = 0
        self._map.clear()
        self.forget()
        self._grown()

    @property
    def items(self) -> list[ItemT]:
        """The lines that are shown."""
        shown = range(len(self._items)) if self._shown is None else (at - self._first for at in self._shown)
        return [self._items[at] for at in shown]

    @property
    def total_count(self) -> int:
        """How many lines are kept, shown or not."""
        return len(self._items)

    @property
    def dropped_count(self) -> int:
        """How many of the oldest lines the ring had to let go since it was last cleared."""
        return self._first - self._began

    @property
    def cursor_item(self) -> ItemT | None:
        """The item of the cursor's line."""
        cursor = self.cursor
        return None if cursor is None else self._item(cursor)

    def _item(self, index: int) -> ItemT:
        return self._items[self.serial_of(index) - self._first]

    # -- look ---------------------------------------------------------------------------------

    @property
    def renderer(self) -> LineRenderer[ItemT]:
        """How items look; set another one (with other times) to see them differently. Their texts stay."""
        return self._renderer

    @renderer.setter
    def renderer(self, renderer: LineRenderer[ItemT]) -> None:
        self._renderer = renderer
        self.keep_place()

    @property
    def filter_text(self) -> str:
        """What the filter looks for; "" shows all lines."""
        return self._filter.text

    @filter_text.setter
    def filter_text(self, text: str) -> None:
        self.set_filter(Needle(text))

    def set_filter(self, needle: Needle) -> None:
        """Show only lines in which it is found."""
        if needle != self._filter:
            narrower = bool(self._filter) and needle.narrows(self._filter)
            self._filter = needle
            self._refilter(narrower=narrower)

    def _refilter(self, *, narrower: bool) -> None:
        """Find the lines to show; if the filter only got narrower, among those shown now."""
        anchor = self._anchor()
        lengths = self._lengths
        if self._filter:
            among = None
            if narrower and self._shown is not None and len(self._shown) < FEW:
                among = [serial - self._first for serial in self._shown]
            kept = self._texts.keep(self._filter, among)
            everything = len(kept) == len(lengths)
            self._shown = [self._first + at for at in kept]
            lengths = lengths if everything else [lengths[at] for at in kept]
        else:
            self._shown = None
            self._texts.tighten()
        self._map.clear()
        self._map.extend(lengths)
        self.forget()
        self._grown()
        if not self._following and anchor is not None and self.line_count:
            row = self._map.first_row(self._near(anchor))
            self.scroll_to(y=row, animate=False, force=True)

    def _anchor(self) -> int | None:
        """The serial of the first line in sight."""
        line = self._map.line_at(self.scroll_offset.y)[0]
        return self.serial_of(line) if line < self.line_count else None

    # -- follow -------------------------------------------------------------------------------

    @property
    def following(self) -> bool:
        """Whether new lines scroll into sight by themselves."""
        return self._following

    @following.setter
    def following(self, following: bool) -> None:
        if following == self._following:
            return
        self._following = following
        self._unseen = 0
        if following:
            if self._cursor is not None:
                self._cursor = None
                self.post_message(self.CursorMoved(self))
            self._scroll_to_end()
        self.refresh()
        self.post_message(self.StateChanged(self))

    @property
    def unseen(self) -> int:
        """How many lines came since following stopped."""
        return self._unseen

    def action_toggle_follow(self) -> None:
        self.following = not self._following

    def action_bottom(self) -> None:
        """The end of a log is where new lines come: go there and follow."""
        self.following = True

    def move_to(self, index: int) -> None:
        if self.line_count:
            self.following = False
        super().move_to(index)

    def selection_updated(self, selection: Selection | None) -> None:
        """Text must not run away from under the mouse that selects it."""
        super().selection_updated(selection)
        if selection is not None:
            self.following = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._following and new_value < old_value and new_value < self._end_row:
            self.following = False

    @property
    def _end_row(self) -> int:
        return self._map.rows - self.scrollable_content_region.height

    def keep_place(self) -> None:
        super().keep_place()
        if self._following:
            self._scroll_to_end()

    # -- errors and opening -------------------------------------------------------------------

    def action_next_error(self, step: int) -> None:
        """Go to the nearest line below (or above) that is an error."""
        start = self._cursor_or_edge(step)
        errors = (self.index_of(serial) for serial in (self._errors if step > 0 else self._errors[::-1]))
        there = (index for index in errors if index is not None)
        found = next((index for index in there if (index > start if step > 0 else index < start)), None)
        if found is not None:
            self.move_to(found)
        else:
            self.notify(f"There is no error {'below' if step > 0 else 'above'}.")

    def action_select(self) -> None:
        item = self.cursor_item
        if item is not None:
            self.post_message(self.LineSelected(self, item))

    # -- what LineView asks -------------------------------------------------------------------

    @property
    def indent(self) -> int:  # type: ignore[override]
        return self._renderer.indent

    def line_prefix(self, index: int) -> list[Span]:
        return self._renderer.prefix(self._item(index))

    def line_body(self, index: int) -> list[Span]:
        return self._renderer.spans(self._item(index))

    def line_text(self, index: int) -> str:
        return self._texts[self.serial_of(index) - self._first]

    def serial_of(self, index: int) -> int:
        return self._first + index if self._shown is None else self._shown[index]

    def index_of(self, serial: int) -> int | None:
        if self._shown is None:
            index = serial - self._first
            return index if 0 <= index < len(self._items) else None
        index = bisect_left(self._shown, serial)
        return index if index < len(self._shown) and self._shown[index] == serial else None

    def _near(self, serial: int) -> int:
        index = serial - self._first if self._shown is None else bisect_left(self._shown, serial)
        return max(0, min(index, self.line_count - 1))

    def highlights(self, text: str) -> list[tuple[int, int]]:
        found = super().highlights(text)
        return sorted({*found, *self._filter.spans(text)}) if self._filter else found
