"""How exact times, ids and counts are written; figures are in `widgets.figures`."""

from __future__ import annotations

from datetime import datetime

from lambdatui.dashboard.widgets.figures import ago, duration_text


def exactly(when: datetime) -> str:
    """Date and time to the second, in the zone of the reader."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def age(when: datetime, now: datetime) -> str:
    """How long ago; seconds are not counted, so that a list stands still."""
    return "now" if abs((now - when).total_seconds()) < 60 else ago(when, now)


def middle(text: str, head: int = 4, tail: int = 2) -> str:
    """An id shortened in the middle: ``a3f9…1c``."""
    text = text.rstrip("=")
    return text if len(text) <= head + tail + 1 else f"{text[:head]}…{text[-tail:]}"


def percent(share: float) -> str:
    """``90 %``, ``0.5 %``."""
    return f"{round(share * 100, 2):g} %"


def count(number: int, noun: str) -> str:
    """``1 function``, ``14 functions``, ``2 aliases``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}es" if noun.endswith("s") else f"{number} {noun}s"


def countdown(seconds: float) -> str:
    """Time that is left: ``58 s``, ``4 min 30 s``; whole seconds, so that it does not flicker."""
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 60 else duration_text(whole * 1000)
