"""A read-only view of an answer: JSON laid out, folded and searched; any other text as it is."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, ClassVar

import orjson
from textual.binding import Binding, BindingType
from textual.timer import Timer

from lambdatui.dashboard.widgets.json_lines import CLOSE, JsonLines, is_json
from lambdatui.dashboard.widgets.line_view import LineView
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.dashboard.widgets.tones import TONE_CLASSES, tones_css

FIRST_LINES = 2_000
STEP_LINES = 12_000
STEP_SECONDS = 1 / 60
TAB = 4


class JsonView(LineView):
    """Shows a text of megabytes at once: the first lines are laid out now, the others between frames.

    Tones: ``key string number literal punctuation``.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {*TONE_CLASSES}
    DEFAULT_CSS = tones_css("JsonView")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "fold_all", "Fold all", show=False, id="json.fold_all"),
    ]

    indent = 2

    def __init__(self, text: str = "", *, wrap: bool = True, empty: str = "", **options: Any) -> None:
        super().__init__(wrap=wrap, empty=empty, **options)
        self._source = text
        self._json: JsonLines | None = None
        self._lines: list[str] = []
        self._lengths: list[int] = []
        self._folded: set[int] = set()
        self._shown: list[int] | None = None  # document lines in sight of folding; None: all
        self._lower: str | None = None
        self._stepper: Timer | None = None

    def on_mount(self) -> None:
        self.set_text(self._source)

    # -- text ---------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The text as it was given."""
        return self._source

    @property
    def is_json(self) -> bool:
        """Whether the text is a JSON object or array and laid out as such."""
        return self._json is not None

    @property
    def complete(self) -> bool:
        """Whether all lines are laid out (big documents take some frames)."""
        return self._json is None or self._json.done

    def set_text(self, text: str) -> None:
        """Show this text from its beginning."""
        self._stop_stepping()
        self._source = text
        self._json = JsonLines(text) if is_json(text) else None
        self._lines = [] if self._json or not text else text.expandtabs(TAB).split("\n")
        self._folded.clear()
        self._shown = self._lower = None
        self._cursor = 0 if text else None
        self._map.clear()
        self.forget()
        if self._json is None:
            self._lengths = self.measure(self._lines)
            self._map.extend(self._lengths)
        else:
            self._lengths = []
            self._advance(FIRST_LINES)
            if not self._json.done:
                self._stepper = self.set_interval(STEP_SECONDS, self._step)
        self.remap()
        self.scroll_to(0, 0, animate=False, force=True)
        self.refresh()
        self.post_message(self.CursorMoved(self))

    def _advance(self, count: int) -> None:
        assert self._json is not None
        lengths = self.capped(self._json.advance(count))
        self._lengths += lengths
        self._map.extend(lengths)

    def _step(self) -> None:
        self._advance(STEP_LINES)
        self.remap()
        if self.complete:
            self._stop_stepping()

    def _stop_stepping(self) -> None:
        if self._stepper is not None:
            self._stepper.stop()
            self._stepper = None

    def finish(self) -> None:
        """Lay out all that is left now."""
        if self._json is not None and not self._json.done:
            self._stop_stepping()
            self._advance(len(self._source))
            self.remap()

    def action_bottom(self) -> None:
        self.finish()
        super().action_bottom()

    # -- folding ------------------------------------------------------------------------------

    def toggle_fold(self, index: int) -> None:
        """Fold or unfold the object or array that begins on the line, or the one around it."""
        self.finish()
        line = self._bracket(self.serial_of(index))
        if line is not None:
            self._set_folds(self._folded ^ {line}, line)

    def _bracket(self, line: int) -> int | None:
        """The line of the bracket that opens on, closes on or stands around the line."""
        json = self._json
        if json is None:
            return None
        if line in json.closes:
            return line
        if json.match(line).group(CLOSE) is not None:
            return json.opening(line)
        return json.parents[line] if json.parents[line] >= 0 else None

    def _set_folds(self, folded: set[int], line: int) -> None:
        """Fold exactly these and put the cursor on ``line`` or what hides it."""
        assert self._json is not None
        self._folded = folded
        self._shown = self._unfolded() if folded else None
        self._map.clear()
        lengths = self._lengths
        if self._shown is not None:
            lengths = [lengths[at] for at in self._shown]
            for at in map(self.index_of, folded):
                if at is not None:
                    lengths[at] = self.measure([self.line_text(at)])[0]
        self._map.extend(lengths)
        self.forget()
        self.remap()
        self.refresh()
        self.move_to(self._near(line))

    def _unfolded(self) -> list[int]:
        assert self._json is not None
        shown: list[int] = []
        at = 0
        for line in sorted(self._folded):
            if line >= at:
                shown.extend(range(at, line + 1))
                at = self._json.closes[line] + 1
        shown.extend(range(at, len(self._json)))
        return shown

    def _reveal(self, line: int) -> int:
        """Unfold what hides the line; returns its index."""
        json = self._json
        if json is not None and self._folded:
            around: set[int] = set()
            parent = json.parents[line]
            while parent >= 0:
                around.add(parent)
                parent = json.parents[parent]
            if around & self._folded:
                self._set_folds(self._folded - around, line)
        return self._near(line)

    def action_select(self) -> None:
        """Enter folds and unfolds."""
        if self.cursor is not None:
            self.toggle_fold(self.cursor)

    def action_side(self, step: int) -> None:
        """Left folds, right unfolds; without wrap they move sideways."""
        line = None if self._cursor is None or not self._wrap else self._bracket(self._cursor)
        if line is None:
            super().action_side(step)
            return
        self.finish()
        if step < 0 and line not in self._folded:
            self._set_folds(self._folded | {line}, line)
        elif step > 0 and self._cursor in self._folded:
            self._set_folds(self._folded - {line}, line)

    def action_fold_all(self) -> None:
        """Fold everything inside the outermost bracket, or unfold everything."""
        if self._json is None:
            return
        self.finish()
        inner = {line for line in self._json.closes if self._json.depths[line] == 1}
        self._set_folds(set() if self._folded else inner, self._cursor or 0)

    # -- copying ------------------------------------------------------------------------------

    def value_text(self) -> str:
        """The whole value at the cursor: a string without quotes and escapes, all else as it was sent."""
        if self.cursor is None or self._cursor is None:
            return ""
        if self._json is None:
            return self._lines[self._cursor]
        self.finish()
        value = self._json.value(self._cursor)
        return str(orjson.loads(value)) if value.startswith('"') else value

    def path_text(self) -> str:
        """Where the cursor is, as ``jq`` would be asked (``.Records[0].body``); "" for other text."""
        if self._json is None or self._cursor is None:
            return ""
        self.finish()
        return self._json.path(self._cursor)

    def copy_text(self) -> str:
        """The selected text, else the value at the cursor."""
        return self.selected_text or self.value_text()

    # -- search -------------------------------------------------------------------------------

    def find_line(self, start: int, step: int) -> int | None:
        if self._json is None or self._needle.regex:
            return super().find_line(start, step)
        self.finish()
        at = self._find_in_source(start, step)
        return None if at < 0 else self._reveal(bisect_right(self._json.starts, at) - 1)

    def _find_in_source(self, start: int, step: int) -> int:
        """Where in the source the nearest match is, -1 for nowhere; a thousand times faster than by line."""
        assert self._json is not None
        starts = self._json.starts
        source, text = self._source, self._needle.text
        if not self._needle.exact:
            if self._lower is None:
                self._lower = source.lower()
            source = self._lower if len(self._lower) == len(source) else source
        variants = {text, text.replace('": ', '":')}
        if step > 0:
            line = self.serial_of(start) + 1 if start >= 0 else 0
            begin = starts[line] if line < len(starts) else len(source)
            found = [at for variant in variants if (at := source.find(variant, begin)) >= 0]
            return min(found, default=-1)
        end = starts[self.serial_of(start)] if start < self.line_count else len(source)
        return max(source.rfind(variant, 0, end) for variant in variants)

    # -- what LineView asks -------------------------------------------------------------------

    def line_prefix(self, index: int) -> list[Span]:
        line = self.serial_of(index)
        if self._json is None or not self._json.opens(line):
            return [("  ", "")]
        return [((self.signs.closed if line in self._folded else self.signs.open) + " ", "faint")]

    def line_body(self, index: int) -> list[Span]:
        line = self.serial_of(index)
        if self._json is None:
            return [(self._lines[line], "")]
        return self._json.folded_spans(line) if line in self._folded else self._json.spans(line)

    def line_text(self, index: int) -> str:
        line = self.serial_of(index)
        if self._json is None:
            return self._lines[line]
        return "".join([text for text, _ in self.line_body(index)])

    def serial_of(self, index: int) -> int:
        return index if self._shown is None else self._shown[index]

    def index_of(self, serial: int) -> int | None:
        index = self._near(serial)
        return index if index < self.line_count and self.serial_of(index) == serial else None

    def _near(self, serial: int) -> int:
        """The index of the document's line, or of the folded line that hides it."""
        if self._shown is None:
            return max(0, min(serial, self.line_count - 1))
        return max(0, bisect_right(self._shown, serial) - 1)
