"""CloudWatch's statistics, by the names that callers give them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from lambdatui.engine.metrics.sketch import Distribution, merged

Statistic = Callable[[Distribution], float | None]

PLAIN: dict[str, Statistic] = {
    "SampleCount": lambda seen: seen.count,
    "Average": lambda seen: seen.sum / seen.count if seen.count else None,
    "Sum": lambda seen: seen.sum,
    "Minimum": lambda seen: seen.least,
    "Maximum": lambda seen: seen.most,
}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)", re.ASCII)

Minutes = Iterable[tuple[int, Distribution]]


def statistic(name: str) -> Statistic | None:
    """What computes a statistic; None if there is none of that name here."""
    return PLAIN.get(name) or extended(name)


def extended(name: str) -> Statistic | None:
    """The same for percentiles, such as p99.9, alone."""
    found = _PERCENTILE.fullmatch(name)
    if found is None:
        return None
    percent = float(found[1])
    return lambda seen: seen.percentile(percent)


def by_period(minutes: Minutes, start: int, period: int) -> dict[int, Distribution]:
    """Minutes put together into periods, which are counted from the start of the request."""
    parts: dict[int, list[Distribution]] = {}
    for at, distribution in minutes:
        parts.setdefault(start + (at - start) // period * period, []).append(distribution)
    return {at: merged(distributions) for at, distributions in parts.items()}
