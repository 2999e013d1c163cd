"""The function between what calls it and what it leads to, drawn with lines."""

from __future__ import annotations

from collections.abc import Sequence

from lambdatui.dashboard.function.lines import Line
from lambdatui.dashboard.widgets.signs import SIGNS, UNICODE
from lambdatui.dashboard.widgets.spans import clip_spans, spans_cells

WIDE = 92
"""Columns from which all three stand beside each other."""

_BOXES = " ╵╷│╶╰╭├╴╯╮┤─┴┬┼"
_UP, _DOWN, _RIGHT, _LEFT = 1, 2, 4, 8


def _box(sides: int) -> str:
    if SIGNS is UNICODE:
        return _BOXES[sides]
    if sides in (0, _LEFT, _RIGHT, _LEFT | _RIGHT):
        return "-" if sides else " "
    return "|" if sides in (_UP, _DOWN, _UP | _DOWN) else "+"


def picture(
    sources: Sequence[Line], function: Sequence[Line], targets: Sequence[Line], width: int
) -> list[Line]:
    """What calls it, the function, what it leads to."""
    if width < WIDE:
        return _stacked(sources, function, targets, width)
    function = _boxed(function)
    middle = spans_cells(function[0])
    side = (width - middle - 10) // 2
    left = max((min(side, spans_cells(line)) for line in sources), default=0)
    right = max((min(side, spans_cells(line)) for line in targets), default=0)
    height = max(len(sources), len(function), len(targets))
    margin = (" " * max(0, (width - left - middle - right - 10) // 2), "")
    return [
        [
            margin,
            *_cell(sources, row, height, left, align_right=True),
            *_join(len(sources), row, height, into=True),
            *_cell(function, row, height, middle),
            *_join(len(targets), row, height, into=False),
            *_cell(targets, row, height, right),
        ]
        for row in range(height)
    ]


def _boxed(lines: Sequence[Line]) -> list[Line]:
    """The lines in a frame of their own."""
    width = max(spans_cells(line) for line in lines)
    dash = _box(_LEFT | _RIGHT) * (width + 2)
    edge = (_box(_UP | _DOWN), "faint")
    rows: list[Line] = [
        [edge, (" ", ""), *line, (" " * (width - spans_cells(line) + 1), ""), edge] for line in lines
    ]
    top = [(f"{_box(_DOWN | _RIGHT)}{dash}{_box(_DOWN | _LEFT)}", "faint")]
    bottom = [(f"{_box(_UP | _RIGHT)}{dash}{_box(_UP | _LEFT)}", "faint")]
    return [top, *rows, bottom]


def _top(count: int, height: int) -> int:
    """The row where a block of lines begins, so that it stands in the middle."""
    return (height - count) // 2


def _cell(lines: Sequence[Line], row: int, height: int, width: int, *, align_right: bool = False) -> Line:
    at = row - _top(len(lines), height)
    line = clip_spans(lines[at], width, SIGNS.ellipsis) if 0 <= at < len(lines) else []
    blank = (" " * (width - spans_cells(line)), "")
    return [blank, *line] if align_right else [*line, blank]


def _join(count: int, row: int, height: int, *, into: bool) -> Line:
    """The lines between a side and the middle, in one row."""
    top = _top(count, height)
    centre = _top(1, height)
    has_line = top <= row < top + count
    first, last = min(top, centre), max(top + count - 1, centre)
    here = row == centre
    sides = 0
    if first <= row <= last and first != last:
        sides |= (_UP if row > first else 0) | (_DOWN if row < last else 0)
    sides |= (_LEFT if (has_line if into else here) else 0) | (_RIGHT if (here if into else has_line) else 0)
    dash = _box(_LEFT | _RIGHT)
    before, after = (has_line, here) if into else (here, has_line)
    arrow = SIGNS.closed if after else " "
    text = f"{dash if before else ' '}{_box(sides)}{dash if after else ' '}{arrow}"
    return [(f" {text}" if into else f"{text} ", "faint")]


def _stacked(
    sources: Sequence[Line], function: Sequence[Line], targets: Sequence[Line], width: int
) -> list[Line]:
    """The same below each other, where there is little room."""
    lines: list[Line] = []
    for label, block in (("from", sources), ("runs", function[:2]), ("then", targets)):
        for at, line in enumerate(block):
            lines.append(
                [(f"{label if not at else '':<6}", "muted"), *clip_spans(line, width - 6, SIGNS.ellipsis)]
            )
    return lines
