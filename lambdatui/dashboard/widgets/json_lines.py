"""JSON text laid out one value per line, without changing a single character of a value.

The text is checked by a real parser, then cut into lines by one regular expression. Numbers,
escapes and repeated keys stay as they were sent; only white space is ours.
"""

from __future__ import annotations

import gc
import re
from array import array
from collections.abc import Iterator
from itertools import islice

import orjson

from lambdatui.dashboard.widgets.spans import Span, cells

# Groups are not repeated possessively: Python before 3.11.5 matches those wrongly.
STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*"'

# One line of the drawn document: an optional key, then an opening bracket (closed at once when
# empty), a closing bracket or a plain value; then perhaps a comma.
LINE = re.compile(
    rf"\s*+(?:({STRING})\s*+:\s*+)?"
    rf"(?:([\[{{])(\s*+[\]}}])?|([\]}}])|({STRING}|[^\s,\[\]{{}}\":]++))"
    r"(\s*+,)?"
)
KEY, OPEN, EMPTY, CLOSE, VALUE, COMMA = 1, 2, 3, 4, 5, 6

STEP = 2
"""Columns of one level of indentation."""


def is_json(text: str) -> bool:
    """Whether the text is one JSON object or array; other values read best as they are."""
    if text.lstrip(" \t\r\n")[:1] not in ("{", "["):
        return False
    collecting = gc.isenabled()
    gc.disable()  # nothing here can be garbage yet, and looking for it costs half as much again
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    finally:
        if collecting:
            gc.enable()
    return True


class JsonLines:
    """The lines of a JSON document, found step by step: call `advance` until `done`."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.starts = array("q")  # where in the source each line begins
        self.depths = array("q")
        self.parents = array("q")  # the line of the bracket around it, or -1
        self.closes: dict[int, int] = {}  # line of an opening bracket: line of its closing one
        self._open: list[int] = []
        self._plain = source.isascii()
        self._matches: Iterator[re.Match[str]] | None = LINE.finditer(source)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def done(self) -> bool:
        """Whether all lines are found."""
        return self._matches is None

    def advance(self, count: int) -> list[int]:
        """Find up to ``count`` more lines; returns their lengths as a `RowMap` wants them."""
        if self._matches is None:
            return []
        lengths: list[int] = []
        opened, closes, plain = self._open, self.closes, self._plain
        starts, depths, parents = self.starts, self.depths, self.parents
        # The hot loop: half a million lines for a big answer.
        for line, match in enumerate(islice(self._matches, count), len(starts)):
            kind = match.lastindex
            size = 0
            if kind == COMMA:
                size = 1
                kind = VALUE if match.end(VALUE) >= 0 else CLOSE if match.end(CLOSE) >= 0 else OPEN
            if kind == VALUE:
                first, last = match.span(VALUE)
                size += last - first
            elif kind == CLOSE:
                closes[opened.pop()] = line
                size += 1
            else:
                size += 1 + (match.end(EMPTY) >= 0)
            first, last = match.span(KEY)
            if last >= 0:
                size += last - first + 2
            depth = len(opened)
            starts.append(match.start())
            depths.append(depth)
            parents.append(opened[-1] if opened else -1)
            if kind == OPEN and match.end(EMPTY) < 0:
                opened.append(line)
            size += STEP * depth
            lengths.append(size if plain else self._sized(match, size))
        if len(lengths) < count:
            self._matches = None
        return lengths

    @staticmethod
    def _sized(match: re.Match[str], size: int) -> int:
        """The size, negative and in columns, if some of the characters are not one column wide."""
        text = (match.group(KEY) or "") + (match.group(VALUE) or "")
        columns = cells(text)
        return size if columns == len(text) else -(size + columns - len(text))

    def match(self, line: int) -> re.Match[str]:
        """The parts of a line."""
        found = LINE.match(self.source, self.starts[line])
        assert found is not None, line
        return found

    def opens(self, line: int) -> bool:
        """Whether a bracket opens on the line that is closed on another one."""
        return line in self.closes or line in self._open

    def text(self, line: int) -> str:
        """The line as it is drawn."""
        return "".join([text for text, _ in self.spans(line)])

    def spans(self, line: int) -> list[Span]:
        """The line in colours."""
        key, opening, empty, closing, value, comma = self.match(line).groups()
        spans: list[Span] = [(" " * (STEP * self.depths[line]), "")]
        if key is not None:
            spans += [(key, "key"), (": ", "punctuation")]
        if value is not None:
            spans.append((value, _tone(value)))
        else:
            spans.append((opening + empty.strip() if empty else opening or closing, "punctuation"))
        if comma is not None:
            spans.append((",", "punctuation"))
        return spans

    def folded_spans(self, line: int) -> list[Span]:
        """An opening line with all up to its closing bracket left out."""
        last = self.closes[line]
        count = last - line - 1
        what = f" … {count} line{'s' if count != 1 else ''} … "
        return [*self.spans(line), (what, "faint"), *self.spans(last)[1:]]

    def value(self, line: int) -> str:
        """The whole value on the line, with all that its brackets hold, as it was sent."""
        match = self.match(line)
        if match.group(CLOSE) is not None:
            line = self.opening(line)
            match = self.match(line)
        if match.group(VALUE) is not None:
            return match.group(VALUE)
        start = match.start(OPEN)
        end = match.end(EMPTY) if match.group(EMPTY) else self.match(self.closes[line]).end(CLOSE)
        return self.source[start:end]

    def opening(self, line: int) -> int:
        """The line of the bracket that is closed on ``line``."""
        before = line - 1
        while before >= 0 and self.closes.get(before) != line:
            before = self.parents[before] if self.depths[before] > self.depths[line] else before - 1
        return before

    def path(self, line: int) -> str:
        """How to get at the line's value, as ``jq`` would be asked: ``.Records[0].body``."""
        if self.match(line).group(CLOSE) is not None:
            line = self.opening(line)
        steps: list[str] = []
        while (parent := self.parents[line]) >= 0:
            key = self.match(line).group(KEY)
            steps.append(f"[{self._position(parent, line)}]" if key is None else _step(key))
            line = parent
        path = "".join(reversed(steps))
        return path if path.startswith(".") else "." + path

    def _position(self, parent: int, line: int) -> int:
        at, position = parent + 1, 0
        while at < line:
            at = self.closes.get(at, at) + 1
            position += 1
        return position


def _step(key: str) -> str:
    name = key[1:-1]
    return f".{name}" if name.isascii() and name.isidentifier() else f"[{key}]"


def _tone(value: str) -> str:
    if value[0] == '"':
        return "string"
    return "number" if value[0] in "-0123456789" else "literal"
