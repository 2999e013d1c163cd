"""The columns that the list of functions can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from lambdatui.dashboard.functions.query import runtime_of
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import size_text, sparkline
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.dashboard.words import age, exactly
from lambdatui.model import Function, FunctionState
from lambdatui.model.lifecycle import RUNTIMES, Standing, standing_of
from lambdatui.model.metrics import Activity

SPARK = 6
"""Columns of the line of activity."""

DEFAULT = ("name", "runtime", "memory", "timeout", "modified", "activity", "sign", "state")

_STATES: Mapping[FunctionState, Span] = {
    FunctionState.UNKNOWN: (" ", ""),
    FunctionState.PENDING: (SIGNS.pending, "wait"),
    FunctionState.ACTIVE: (SIGNS.active, "ok"),
    FunctionState.INACTIVE: (SIGNS.dot, "muted"),
    FunctionState.FAILED: (SIGNS.failed, "fail"),
    FunctionState.DEACTIVATING: (SIGNS.pending, "wait"),
    FunctionState.DEACTIVATED: (SIGNS.dot, "muted"),
    FunctionState.ACTIVE_NON_INVOCABLE: (SIGNS.warning, "wait"),
    FunctionState.DELETING: (SIGNS.pending, "wait"),
}


def state_of(function: Function) -> Span:
    """The sign of a function's state; an update under way or failed counts too."""
    latest = function.latest
    if latest.state is FunctionState.ACTIVE and latest.last_update == "InProgress":
        return SIGNS.pending, "wait"
    if latest.state is FunctionState.ACTIVE and latest.last_update == "Failed":
        return SIGNS.warning, "fail"
    return _STATES[latest.state]


class FunctionColumns:
    """Makes them; some depend on the time, some on what functions did lately."""

    def __init__(self, now: Callable[[], datetime], activity: Callable[[str], Activity | None]) -> None:
        self._now = now
        self._activity = activity

    def all(self) -> list[Column[Function]]:
        """Every column, in the order in which they stand."""
        return [*self._first(), *self._more()]

    def _first(self) -> list[Column[Function]]:
        return [
            Column(
                "name",
                "name",
                lambda f: (f.name, "strong"),
                min_width=14,
                weight=3,
                clip="middle",
                sort_key=lambda f: f.name.lower(),
                search=lambda f: f.name,
            ),
            Column(
                "runtime",
                "runtime",
                self._runtime,
                min_width=10,
                max_width=14,
                priority=1,
                sort_key=runtime_of,
                search=runtime_of,
                value=runtime_of,
            ),
            Column(
                "memory",
                "memory",
                lambda f: f"{f.latest.memory_mb} MB",
                width=8,
                align="right",
                priority=4,
                sort_key=lambda f: f.latest.memory_mb,
            ),
            Column(
                "timeout",
                "timeout",
                lambda f: f"{f.latest.timeout_s} s",
                width=7,
                align="right",
                priority=5,
                sort_key=lambda f: f.latest.timeout_s,
            ),
            Column(
                "modified",
                "modified",
                lambda f: (age(f.latest.modified, self._now()), "muted"),
                width=10,
                align="right",
                priority=6,
                sort_key=lambda f: -f.latest.modified.timestamp(),
                value=lambda f: exactly(f.latest.modified),
            ),
            Column(
                "activity",
                "1 h",
                self._spark,
                width=SPARK,
                priority=3,
                sort_key=lambda f: -self._sum(f),
                value=self._activity_text,
            ),
            Column("sign", "", self._signs, width=2),
            Column(
                "state",
                "state",
                lambda f: (f.latest.state.value, state_of(f)[1]),
                width=8,
                priority=7,
                sort_key=lambda f: f.latest.state.value,
                search=lambda f: f.latest.state.value,
            ),
        ]

    def _more(self) -> list[Column[Function]]:
        """Those that are shown when asked for, and then rather than others."""
        return [
            Column(
                "ends",
                "runtime ends",
                self._ends,
                width=16,
                priority=2,
                sort_key=lambda f: self._end(f) or "9",
            ),
            Column(
                "invocations",
                "runs in 1 h",
                lambda f: str(self._sum(f)),
                width=11,
                align="right",
                priority=2,
                sort_key=lambda f: -self._sum(f),
            ),
            Column(
                "errors",
                "errors in 1 h",
                lambda f: (str(self._failed(f)), "fail" if self._failed(f) else "muted"),
                width=13,
                align="right",
                priority=2,
                sort_key=lambda f: -self._failed(f),
            ),
            Column(
                "size",
                "code",
                lambda f: size_text(f.latest.code_size),
                width=8,
                align="right",
                priority=2,
                sort_key=lambda f: -f.latest.code_size,
            ),
            Column(
                "arch",
                "arch",
                lambda f: (", ".join(f.latest.architectures), "muted"),
                width=6,
                priority=2,
                sort_key=lambda f: f.latest.architectures,
            ),
            Column(
                "reserved",
                "reserved",
                lambda f: "" if f.reserved_concurrency is None else str(f.reserved_concurrency),
                width=8,
                align="right",
                priority=2,
                sort_key=lambda f: -1 if f.reserved_concurrency is None else f.reserved_concurrency,
            ),
            Column(
                "tags",
                "tags",
                lambda f: (" ".join(f"{k}={v}" for k, v in sorted(f.tags.items())), "muted"),
                min_width=12,
                weight=2,
                priority=2,
                sort_key=lambda f: sorted(f.tags.items()),
            ),
            Column(
                "description",
                "description",
                lambda f: (f.latest.description, "muted"),
                min_width=12,
                weight=3,
                priority=2,
                sort_key=lambda f: f.latest.description.lower(),
            ),
            Column(
                "role",
                "role",
                lambda f: (f.latest.role.rpartition("/")[2], "muted"),
                min_width=12,
                weight=1,
                priority=2,
                clip="middle",
                sort_key=lambda f: f.latest.role,
                value=lambda f: f.latest.role,
            ),
        ]

    # -- cells --------------------------------------------------------------------------------

    def _runtime(self, function: Function) -> Cell:
        """The long names are those of custom runtimes; their end tells them apart."""
        text = runtime_of(function).removeprefix("provided.")
        standing = standing_of(function.latest.runtime, self._now().date())
        if standing < Standing.DEPRECATED:
            return text, "muted"
        return [(text, "muted"), (f" {SIGNS.warning}", "wait" if standing is Standing.DEPRECATED else "fail")]

    def _end(self, function: Function) -> str:
        known = RUNTIMES.get(function.latest.runtime or "")
        return known.deprecated.isoformat() if known and known.deprecated else ""

    def _ends(self, function: Function) -> Cell:
        standing = standing_of(function.latest.runtime, self._now().date())
        tone = {Standing.SUPPORTED: "muted", Standing.ENDING: "wait", Standing.DEPRECATED: "wait"}
        day = self._end(function)
        over = "since " if standing >= Standing.DEPRECATED else ""
        return f"{over}{day}", tone.get(standing, "fail")

    def _signs(self, function: Function) -> Cell:
        """State, and a dot for errors in the last hour."""
        failed = self._failed(function)
        return [state_of(function), (SIGNS.failed, "fail") if failed else (" ", "")]

    def _spark(self, function: Function) -> Cell:
        """Invocations of the last hour; steps with errors in red."""
        activity = self._activity(function.name)
        if activity is None or not activity.total:
            return ""
        runs, errors = _in_steps(activity.invocations), _in_steps(activity.errors)
        drawn = sparkline([run or None for run in runs], SPARK)
        return [(sign, "fail" if failed else "accent") for sign, failed in zip(drawn, errors, strict=True)]

    def _activity_text(self, function: Function) -> str:
        return f"{self._sum(function)} runs, {self._failed(function)} errors in the last hour"

    def _sum(self, function: Function) -> int:
        activity = self._activity(function.name)
        return activity.total if activity else 0

    def _failed(self, function: Function) -> int:
        activity = self._activity(function.name)
        return activity.failed if activity else 0


def _in_steps(counts: tuple[int, ...]) -> list[int]:
    """Summed up to as many steps as are drawn, the newest whole."""
    size = max(1, -(-len(counts) // SPARK))
    padded = (0,) * (size * SPARK - len(counts)) + counts
    return [sum(padded[at : at + size]) for at in range(0, size * SPARK, size)][-SPARK:]
