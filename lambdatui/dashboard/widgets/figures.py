"""Figures as a person reads them: bars, sparklines, times, sizes, durations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lambdatui.dashboard.widgets.signs import SIGNS, Signs


def bar(share: float, width: int, *, from_right: bool = False, signs: Signs = SIGNS) -> str:
    """A share of 1 as a bar. Only 0 looks empty and only 1 looks full.

    With ``from_right`` it fills from the right, so that two bars of one whole meet.
    """
    share = min(1.0, max(0.0, share))
    filled = round(share * width)
    if width > 1 and 0 < share < 1:
        filled = min(width - 1, max(1, filled))
    parts = [signs.full * filled, signs.empty * (width - filled)]
    return "".join(reversed(parts) if from_right else parts)


def sparkline(values: Sequence[float | None], width: int, *, signs: Signs = SIGNS) -> str:
    """The last ``width`` values as a line of little columns; None leaves a gap."""
    shown = values[-width:] if width > 0 else []
    highest = max((value for value in shown if value is not None), default=0.0)
    top = len(signs.levels) - 1
    drawn = "".join(
        " " if value is None else signs.levels[round(max(0.0, value) / highest * top) if highest > 0 else 0]
        for value in shown
    )
    return drawn.rjust(width)


def ago(when: datetime, now: datetime) -> str:
    """How long ago that was, in the largest unit that says enough; "in 5 min" for the future."""
    seconds = (now - when).total_seconds()
    if abs(seconds) < 1:
        return "now"
    amount = _largest_unit(abs(seconds))
    return f"{amount} ago" if seconds > 0 else f"in {amount}"


def _largest_unit(seconds: float) -> str:
    if seconds < 60:
        return f"{int(seconds)} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 86_400:
        return f"{int(seconds // 3600)} h"
    if seconds < 86_400 * 365:
        return f"{int(seconds // 86_400)} d"
    return f"{int(seconds // (86_400 * 365))} y"


def size_text(count: float) -> str:
    """Bytes as AWS counts them, 1024 to the KB: "17 B", "1.2 KB", "6 MB"."""
    if count < 1024:
        return f"{int(count)} B"
    power = 1 if count < 1024**2 * 0.99995 else 2 if count < 1024**3 * 0.99995 else 3
    amount = count / 1024**power
    places = 0 if amount >= 99.95 or abs(amount - round(amount)) < 0.05 else 1
    return f"{amount:.{places}f} {('KB', 'MB', 'GB')[power - 1]}"


def duration_text(ms: float) -> str:
    """Milliseconds: "0.4 ms", "12 ms", "1.24 s", "2 min 5 s"."""
    if ms < 9.95:
        return f"{ms:.1f} ms" if ms > 0 and ms != round(ms) else f"{ms:.0f} ms"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    seconds = ms / 1000
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
