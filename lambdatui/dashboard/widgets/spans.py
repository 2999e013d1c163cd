"""Coloured text for widgets that draw by line: pieces, widths, cutting, wrapping, painting.

A *span* is a piece of text with the name of a tone ("muted", "ok", "fail", "" for plain text).
What a tone looks like is the widget's business: tones are component classes in its CSS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size, set_cell_size
from rich.segment import Segment
from rich.style import Style

Span = tuple[str, str]
"""Text and the name of its tone."""


class Overlay(NamedTuple):
    """A style laid over the characters from ``start`` up to ``end``."""

    start: int
    end: int
    style: Style


def plain(spans: Iterable[Span]) -> str:
    """The text of the spans without their tones."""
    return "".join([text for text, _ in spans])


def cells(text: str) -> int:
    """How many terminal columns the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def spans_cells(spans: Iterable[Span]) -> int:
    """How many terminal columns the spans take."""
    return sum([len(text) if text.isascii() else cell_len(text) for text, _ in spans])


def clip(text: str, width: int, *, middle: bool = False, mark: str = "…") -> str:
    """The text in at most ``width`` columns, with a mark where something was left out.

    With ``middle`` the ends stay readable, which is what tells two ids apart.
    """
    if cells(text) <= width:
        return text
    if width <= len(mark):
        return mark[:width]
    room = width - len(mark)
    if not middle:
        return set_cell_size(text, room).rstrip() + mark
    tail = room // 2
    head = room - tail
    if text.isascii():
        return text[:head] + mark + text[len(text) - tail :]
    return set_cell_size(text, head) + mark + _last_cells(text, tail)


def _last_cells(text: str, width: int) -> str:
    """The longest end of the text that fits into ``width`` columns."""
    taken, at = 0, len(text)
    while at:
        size = get_character_cell_size(text[at - 1])
        if taken + size > width:
            break
        taken += size
        at -= 1
    return text[at:]


def clip_spans(spans: Sequence[Span], width: int, mark: str = "…") -> list[Span]:
    """The spans cut at ``width`` columns."""
    out: list[Span] = []
    room = width
    for position, (text, tone) in enumerate(spans):
        size = cells(text)
        more = position + 1 < len(spans) and any(rest for rest, _ in spans[position + 1 :])
        if size < room or (size == room and not more):
            out.append((text, tone))
            room -= size
            continue
        out.append((clip(text + (" " * (room + 1) if size <= room else ""), room, mark=mark), tone))
        break
    return out


def slice_spans(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """The spans' characters from ``start`` up to ``end``."""
    out: list[Span] = []
    position = 0
    for text, tone in spans:
        after = position + len(text)
        if after > start and position < end:
            out.append((text[max(0, start - position) : end - position], tone))
        position = after
        if position >= end:
            break
    return out


def wrap_starts(text: str, width: int) -> list[int]:
    """Where each row begins when the text is broken into rows of ``width`` columns.

    Breaks fall anywhere, so that the number of rows follows from the length alone.
    """
    if text.isascii():
        return list(range(0, len(text), width)) or [0]
    starts, used = [0], 0
    for at, character in enumerate(text):
        size = get_character_cell_size(character)
        if used + size > width and used:
            starts.append(at)
            used = 0
        used += size
    return starts


def paint(
    spans: Iterable[Span],
    style_of: Callable[[str], Style],
    overlays: Sequence[Overlay] = (),
) -> list[Segment]:
    """Segments for the spans; overlays are laid on top in their order."""
    if not overlays:
        return [Segment(text, style_of(tone)) for text, tone in spans if text]
    cuts = sorted({edge for overlay in overlays for edge in overlay[:2]})
    segments: list[Segment] = []
    position = 0
    for text, tone in spans:
        after = position + len(text)
        edges = [position, *(cut for cut in cuts if position < cut < after), after]
        for start, end in pairwise(edges):
            if start == end:
                continue
            style = style_of(tone)
            for first, last, over in overlays:
                if first <= start and end <= last:
                    style = style + over
            segments.append(Segment(text[start - position : end - position], style))
        position = after
    return segments
