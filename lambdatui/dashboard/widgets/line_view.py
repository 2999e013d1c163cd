"""A view of many lines of text: cursor, soft wrap, search, selection. Log and JSON views build on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region
from textual.message import Message
from textual.selection import Selection

from lambdatui.dashboard.widgets.line_widget import LineWidget, Row, Run, broken
from lambdatui.dashboard.widgets.needle import NOTHING, Needle
from lambdatui.dashboard.widgets.row_map import RowMap
from lambdatui.dashboard.widgets.signs import SIGNS, Signs
from lambdatui.dashboard.widgets.spans import Overlay, Span, cells, paint, plain, slice_spans, wrap_starts

MAX_LINE = 65_536
"""Characters of one line that are drawn; copying always gives all of it."""

SIDE_STEP = 8


class Prepared(NamedTuple):
    """A line ready to be painted, kept while it is near the window."""

    prefix: list[Span]
    body: list[Span]
    text: str
    starts: list[int]
    matches: list[tuple[int, int]]


class LineView(LineWidget):
    """Lines with a prefix of fixed width (a time, a fold sign) and a body.

    Subclasses say what the lines are; this class knows rows, cursor, search and selection. Lines are
    counted by their place among the shown ones (*index*); a *serial* is a line's number for good.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set()
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False, id="list.down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="list.up"),
        Binding("g,home", "top", "Top", show=False, id="list.top"),
        Binding("G,end", "bottom", "Bottom", show=False, id="list.bottom"),
        Binding("ctrl+f,pagedown", "page(1)", "Page down", show=False, id="list.page_down"),
        Binding("ctrl+b,pageup", "page(-1)", "Page up", show=False, id="list.page_up"),
        Binding("left", "side(-1)", "Left", show=False, id="list.left"),
        Binding("right", "side(1)", "Right", show=False, id="list.right"),
        Binding("n", "next_match(1)", "Next match", show=False, id="list.next_match"),
        Binding("N", "next_match(-1)", "Previous match", show=False, id="list.previous_match"),
        Binding("enter", "select", "Open", show=False, id="list.open"),
        Binding("w", "toggle_wrap", "Wrap", show=False, id="lines.wrap"),
    ]

    class ViewMessage(Message):
        """Something a view of lines says; ``@on(..., "#id")`` works."""

        def __init__(self, view: LineView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> LineView:
            return self.view

    class CursorMoved(ViewMessage):
        """The cursor is on another line; ask `cursor` for it."""

        def can_replace(self, message: Message) -> bool:
            return type(message) is type(self) and message.view is self.view

    class Searched(ViewMessage):
        """A search moved to a match, or found none."""

        def __init__(self, view: LineView, found: bool, wrapped: bool) -> None:
            super().__init__(view)
            self.found = found
            self.wrapped = wrapped

    indent = 0
    """Columns of the prefix."""

    def __init__(self, *, wrap: bool = False, empty: str = "", signs: Signs = SIGNS, **options: Any) -> None:
        super().__init__(**options)
        self.signs = signs
        self._wrap = wrap
        self._empty = empty
        self._map = RowMap(self._exact_rows)
        self._needle: Needle = NOTHING
        self._cursor: int | None = None  # a serial
        self._prepared: dict[int, Prepared] = {}

    # -- what subclasses say ------------------------------------------------------------------

    def line_prefix(self, index: int) -> list[Span]:
        """What stands before the line, exactly `indent` columns."""
        return []

    def line_body(self, index: int) -> list[Span]:
        """The line in colours."""
        raise NotImplementedError

    def line_text(self, index: int) -> str:
        """The line without colours, whole."""
        raise NotImplementedError

    def serial_of(self, index: int) -> int:
        """The line's number for good."""
        return index

    def index_of(self, serial: int) -> int | None:
        """Where the line of that number is shown; None if it is not."""
        return serial if 0 <= serial < self.line_count else None

    # -- lines --------------------------------------------------------------------------------

    @property
    def line_count(self) -> int:
        """How many lines are shown."""
        return self._map.lines

    @property
    def empty(self) -> str:
        """What is said when there are no lines."""
        return self._empty

    @empty.setter
    def empty(self, text: str) -> None:
        if text != self._empty:
            self._empty = text
            self.refresh()

    def measure(self, texts: Iterable[str]) -> list[int]:
        """The texts' lengths as the row map wants them."""
        return [
            min(len(text), MAX_LINE) if text.isascii() else self._measure_wide(text[:MAX_LINE])
            for text in texts
        ]

    @staticmethod
    def _measure_wide(text: str) -> int:
        size = cells(text)
        return size if size == len(text) else -size

    @staticmethod
    def capped(lengths: list[int]) -> list[int]:
        """Lengths of which none is more than what is drawn of a line."""
        return [max(-MAX_LINE, min(length, MAX_LINE)) for length in lengths]

    def _exact_rows(self, index: int) -> int:
        return len(wrap_starts(self.line_text(index)[:MAX_LINE], self._body_width))

    @property
    def _body_width(self) -> int:
        return max(1, self.scrollable_content_region.width - self.indent)

    def remap(self) -> None:
        """Count rows again after lines, width or wrap changed, and tell Textual the size."""
        if self._wrap and self.size.width:
            self._map.set_width(self._body_width)
        else:
            self._map.unwrap()
        width = self.scrollable_content_region.width if self._wrap else self.indent + self._map.longest
        self.set_virtual(width, self._map.rows)

    def forget(self) -> None:
        """Drop prepared lines; something about how they look changed."""
        self._prepared.clear()

    def styles_changed(self) -> None:
        self._prepared.clear()

    # -- wrap ---------------------------------------------------------------------------------

    @property
    def wrap(self) -> bool:
        """Whether long lines go on in the next row."""
        return self._wrap

    @wrap.setter
    def wrap(self, wrap: bool) -> None:
        if wrap != self._wrap:
            self._wrap = wrap
            self.keep_place()

    def action_toggle_wrap(self) -> None:
        self.wrap = not self._wrap

    def on_resize(self) -> None:
        self.keep_place()

    def keep_place(self) -> None:
        """Map again with the first line in sight staying the first."""
        line, part = self._map.line_at(self.scroll_offset.y)
        self.forget()
        self.remap()
        self.scroll_to(
            x=0 if self._wrap else None, y=self._map.first_row(line) + part, animate=False, force=True
        )
        self.refresh()

    # -- cursor -------------------------------------------------------------------------------

    @property
    def cursor(self) -> int | None:
        """The index of the cursor's line; None if no line has the cursor."""
        return None if self._cursor is None else self.index_of(self._cursor)

    def move_to(self, index: int) -> None:
        """Put the cursor on the line (or the nearest) and bring it into sight."""
        if not self.line_count:
            return
        index = max(0, min(index, self.line_count - 1))
        serial = self.serial_of(index)
        if serial != self._cursor:
            before, self._cursor = self.cursor, serial
            if before is not None:
                self._refresh_line_rows(before)
            self.post_message(self.CursorMoved(self))
        self._see(index)
        self._refresh_line_rows(index)

    def _refresh_line_rows(self, index: int) -> None:
        first = self._map.first_row(index) - self.scroll_offset.y
        count = self._map.rows_of(index)
        if first < self.size.height and first + count > 0:
            self.refresh(Region(0, max(0, first), self.size.width, count))

    def _see(self, index: int) -> None:
        """Scroll as little as needed to have the line in sight."""
        first = self._map.first_row(index)
        last = first + self._map.rows_of(index) - 1
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if height and first < top:
            self.scroll_to(y=first, animate=False, force=True)
        elif height and last >= top + height:
            self.scroll_to(y=min(first, last - height + 1), animate=False, force=True)

    def _cursor_or_edge(self, step: int) -> int:
        """The cursor's index, or the line at the edge of the window that a move would leave from."""
        cursor = self.cursor
        if cursor is not None:
            return cursor
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        row = top + height if step < 0 else top - 1
        if row < 0:
            return -1
        return min(self._map.line_at(row)[0], self.line_count)

    def action_move(self, step: int) -> None:
        self.move_to(self._cursor_or_edge(step) + step)

    def action_page(self, pages: int) -> None:
        row = self._map.first_row(max(0, self._cursor_or_edge(pages)))
        row += pages * max(1, self.scrollable_content_region.height - 1)
        self.move_to(self._map.line_at(max(0, min(row, self._map.rows - 1)))[0])

    def action_top(self) -> None:
        self.move_to(0)

    def action_bottom(self) -> None:
        self.move_to(self.line_count - 1)

    def action_side(self, step: int) -> None:
        self.scroll_to(x=max(0, self.scroll_offset.x + step * SIDE_STEP), animate=False)

    def action_select(self) -> None:
        """Enter on the cursor's line; subclasses say what that does."""

    # -- search -------------------------------------------------------------------------------

    @property
    def search_text(self) -> str:
        """What is looked for and highlighted."""
        return self._needle.text

    def search(self, needle: Needle | str, *, move: bool = True) -> bool:
        """Highlight what is looked for and go to the first match from here on; False if there is none."""
        self._needle = Needle(needle) if isinstance(needle, str) else needle
        self.forget()
        self.refresh()
        return move and bool(self._needle) and self._go_to_match(1, here=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is a next match only of what is looked for."""
        if action == "next_match":
            return bool(self._needle)
        return super().check_action(action, parameters)

    def action_next_match(self, step: int) -> None:
        if self._needle:
            self._go_to_match(step, here=False)

    def _go_to_match(self, step: int, *, here: bool) -> bool:
        start = self.cursor
        if start is None:
            start = self._cursor_or_edge(step)
        elif here:
            start -= step
        found = self.find_line(start, step)
        wrapped = found is None
        if found is None:
            found = self.find_line(-1 if step > 0 else self.line_count, step)
        if found is not None:
            self.move_to(found)
        self.post_message(self.Searched(self, found is not None, wrapped and found is not None))
        return found is not None

    def find_line(self, start: int, step: int) -> int | None:
        """The nearest line after (or before) ``start`` that has a match."""
        lines = (
            range(start + 1, self.line_count) if step > 0 else range(min(start, self.line_count) - 1, -1, -1)
        )
        needle = self._needle
        return next((index for index in lines if needle.found_in(self.line_text(index))), None)

    def highlights(self, text: str) -> list[tuple[int, int]]:
        """Where to highlight in a line's drawn body."""
        return self._needle.spans(text)

    # -- mouse and copying --------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        row = self.scroll_offset.y + offset.y
        if row < self._map.rows:
            self.move_to(self._map.line_at(row)[0])

    def double_clicked(self, event: events.Click) -> None:
        if event.chain == 2:
            self.action_select()
        elif event.chain == 3 and self._cursor is not None and self.cursor is not None:
            length = self.indent + len(self.line_text(self.cursor))
            self.select_text(Offset(0, self._cursor), Offset(length, self._cursor))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        if not self.line_count:
            return None
        first = self._near(selection.start.y) if selection.start else 0
        last = self._near(selection.end.y) if selection.end else self.line_count - 1
        lines: list[str] = []
        for index in range(first, last + 1):
            span = selection.get_span(self.serial_of(index))
            if span is not None:
                text = plain(self.line_prefix(index)) + self.line_text(index)
                lines.append(text[span[0] : None if span[1] == -1 else span[1]])
        return ("\n".join(lines), "\n") if lines else None

    def _near(self, serial: int) -> int:
        """The index of the line of that number, or of the next one shown."""
        index = self.index_of(serial)
        return max(0, min(serial, self.line_count - 1)) if index is None else index

    def copy_text(self) -> str:
        """What a copy key should copy: the selected text, else the cursor's line, else ""."""
        selected = self.selected_text
        if selected:
            return selected
        return "" if self.cursor is None else self.line_text(self.cursor)

    # -- drawing ------------------------------------------------------------------------------

    def prepare(self, index: int) -> Prepared:
        """The line as it is painted, kept for the next time."""
        serial = self.serial_of(index)
        found = self._prepared.get(serial)
        if found is None:
            if len(self._prepared) > 1000:
                self._prepared.clear()
            body = slice_spans(self.line_body(index), 0, MAX_LINE)
            text = plain(body)
            starts = wrap_starts(text, self._body_width) if self._wrap else [0]
            matches = self.highlights(text)
            found = self._prepared[serial] = Prepared(self.line_prefix(index), body, text, starts, matches)
        return found

    def paint_row(self, y: int) -> Row:
        row = self.scroll_offset.y + y
        if row >= self._map.rows:
            return Row([Run(self._paint_empty(y))], self.ground)
        index, part = self._map.line_at(row)
        line = self.prepare(index)
        start, end = self._stretch(line, part)
        body = line.body if start == 0 and end >= len(line.text) else slice_spans(line.body, start, end)
        serial = self.serial_of(index)
        here = serial == self._cursor
        background = self.ground
        if here:
            background += self.style_of("cursor" if self.has_focus else "cursor-blurred")
        prefix = line.prefix if part == 0 else [(" " * self.indent, "")]
        runs = [Run(paint(prefix, self.style_of, self._selected(serial, 0)), 0)] if prefix else []
        runs.append(
            Run(paint(body, self.style_of, self._overlays(line, serial, start, here)), self.indent + start)
        )
        return Row(runs, background, serial)

    def _stretch(self, line: Prepared, part: int) -> tuple[int, int]:
        """The characters of the body that a row shows."""
        if self._wrap:
            start = line.starts[part] if part < len(line.starts) else len(line.text)
            return start, line.starts[part + 1] if part + 1 < len(line.starts) else len(line.text)
        skip = self.scroll_offset.x
        if not line.text.isascii() and skip:
            taken = 0
            for at, character in enumerate(line.text):
                if taken >= skip:
                    return at, at + self._body_width
                taken += cells(character)
            return len(line.text), len(line.text)
        return skip, skip + self._body_width

    def _overlays(self, line: Prepared, serial: int, start: int, here: bool) -> list[Overlay]:
        overlays: list[Overlay] = []
        if line.matches:
            style = self.style_of("match-current" if here and self._needle else "match")
            overlays = [Overlay(first - start, last - start, style) for first, last in line.matches]
        return overlays + self._selected(serial, self.indent + start)

    def _selected(self, serial: int, shift: int) -> list[Overlay]:
        selected = self.selected_part(serial, shift)
        return [selected] if selected else []

    def _paint_empty(self, y: int) -> Any:
        lines = [] if self.line_count else broken(self._empty, self.size.width)
        return paint([(lines[y], "muted")], self.style_of) if y < len(lines) else []

    def watch_has_focus(self, focused: bool) -> None:
        super().watch_has_focus(focused)
        cursor = self.cursor
        if cursor is not None:
            self._refresh_line_rows(cursor)
