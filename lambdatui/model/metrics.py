"""Figures of functions over time, as CloudWatch counts them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """What a function did, in equal steps of time, the oldest first; a step in which nothing ran is 0."""

    start: datetime
    """When the first step begins."""
    step_s: int
    invocations: tuple[int, ...]
    errors: tuple[int, ...]

    @property
    def total(self) -> int:
        """All invocations."""
        return sum(self.invocations)

    @property
    def failed(self) -> int:
        """Those that ended in an error."""
        return sum(self.errors)


@dataclass(frozen=True, slots=True)
class Use:
    """How much concurrency a function used, in equal steps of time, the oldest first."""

    concurrent: tuple[int, ...]
    """The most that ran at one time."""
    throttles: tuple[int, ...]

    @property
    def throttled(self) -> int:
        """All calls that were refused."""
        return sum(self.throttles)


@dataclass(frozen=True, slots=True)
class VersionFigures:
    """How one version served what came through one alias."""

    version: str
    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    p95_ms: float | None = None  # None: nothing ran

    @property
    def error_rate(self) -> float | None:
        """The share of invocations that failed, 0 to 1; None when nothing ran."""
        return self.errors / self.invocations if self.invocations else None


@dataclass(frozen=True, slots=True)
class AccountActivity:
    """What all functions of an account did together in one region, in equal steps, the oldest first."""

    start: datetime
    step_s: int
    invocations: tuple[int, ...]
    errors: tuple[int, ...]
    throttles: tuple[int, ...]
    concurrent: tuple[int, ...]
    """The most that ran at one time."""
    unreserved: tuple[int, ...]
    """Of those, the ones of functions that have reserved nothing."""
