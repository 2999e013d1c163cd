"""Concurrency of the account: who has a share of it, who uses it, whose calls were refused and why."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Static

from lambdatui.dashboard.dialogs.provision import provision_dialog
from lambdatui.dashboard.inspect.filtered import FilteredScreen
from lambdatui.dashboard.inspect.pool import WhatIf, bar, legend
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import sparkline
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.dashboard.widgets.table_messages import RowSelected
from lambdatui.dashboard.words import count
from lambdatui.model.concurrency import ConcurrencyView, FunctionShare

SPARK, WIDE = 12, 90
EDGES = 4
"""Columns that the frame takes."""


def _reserved(one: FunctionShare) -> Cell:
    if not one.known:
        return "…", "muted"
    if one.reserved is None:
        return "-", "muted"
    return (str(one.reserved), "") if one.reserved else (f"{SIGNS.failed} 0", "fail")


def _provisioned(one: FunctionShare) -> Cell:
    if not one.provisioned:
        return ("-" if one.known else "…"), "muted"
    available = sum(each.available for each in one.provisioned)
    tone = "ok" if available >= one.ready else "wait"
    return f"{available}/{one.ready}", tone


def _peak(one: FunctionShare) -> Cell:
    full = one.reserved is not None and one.peak >= one.reserved > 0
    return str(one.peak), "wait" if full else ("" if one.peak else "muted")


def _spark(one: FunctionShare) -> Cell:
    return sparkline(one.concurrent[-SPARK:], SPARK) if one.peak else "", "muted"


def _throttles(one: FunctionShare) -> Cell:
    return (f"{SIGNS.failed} {one.throttles:,}", "fail") if one.throttles else ("0", "muted")


class ShareTable(LineTable[FunctionShare]):
    """The functions, the top users first; Enter asks what another reservation would do."""

    BINDINGS: ClassVar = bindings("reserve")

    def __init__(self) -> None:
        self.view: ConcurrencyView | None = None
        columns = (
            Column[FunctionShare](
                "function",
                "Function",
                lambda one: one.function,
                min_width=14,
                max_width=44,
                search=lambda one: one.function,
            ),
            Column[FunctionShare]("reserved", "Reserved", _reserved, width=8, align="right"),
            Column[FunctionShare]("provisioned", "Provisioned", _provisioned, width=11, align="right"),
            Column[FunctionShare]("peak", "Peak, 1 h", _peak, width=9, align="right"),
            Column[FunctionShare]("spark", "", _spark, width=SPARK, priority=2),
            Column[FunctionShare]("throttles", "Throttles", _throttles, width=9, align="right"),
            Column[FunctionShare]("why", "Likely reason", self._why, min_width=20, weight=3, priority=1),
        )
        super().__init__(columns, lambda one: one.function, empty="Asking…")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is changed on a target opened read-only."""
        known = self.cursor_row is not None and self.cursor_row.known
        if action == "select" and isinstance(self.screen, ConcurrencyScreen):
            known = known and not self.screen.outlook.read_only
        if action == "select" and not known:
            return False
        return super().check_action(action, parameters)

    def _why(self, one: FunctionShare) -> Cell:
        return self.view.throttled_by(one) if self.view else "", "muted"


class ConcurrencyScreen(FilteredScreen[ConcurrencyView]):
    """The account's concurrency in one region."""

    NAME, TITLE = "concurrency", "Concurrency"
    CHANGES = frozenset({"provision"})
    BINDINGS: ClassVar = bindings("provision-function")

    def contents(self) -> ComposeResult:
        yield Static("", id="pool", markup=False)
        yield FilterLine("function")
        yield ShareTable()
        yield Static("", id="details", markup=False)

    def on_mount(self) -> None:
        self._view: ConcurrencyView | None = None

    async def look(self, since: str, hold_s: float) -> ConcurrencyView:
        return await self.outlook.service.pool.view(since=since, wait_s=hold_s)

    def show(self, view: ConcurrencyView) -> None:
        self._view = self.table.view = view
        self.table.set_rows(view.shares)
        if not view.shares:
            self.table.empty = "No functions here: all of the account's concurrency is free."
        said = count(len(view.shares), "function")
        self.entitle(said, *([f"limits of {view.unasked} are being asked for"] if view.unasked else []))
        self._draw_pool()
        self.describe_chosen()
        self.refresh_bindings()

    def _draw_pool(self) -> None:
        if self._view is not None:
            lines = pool_lines(self._view, max(10, self.size.width - EDGES))
            self.tell("#pool", lines)

    def on_resize(self, event: events.Resize) -> None:
        """The bar is as wide as the screen."""
        self._draw_pool()

    @property
    def table(self) -> ShareTable:
        """The functions."""
        return self.query_one(ShareTable)

    def describe_chosen(self) -> None:
        """The chosen one, whole."""
        share = self.table.cursor_row
        self.tell("#details", describe(self._view, share) if self._view and share else [])

    def copied(self) -> tuple[str, str]:
        share = self.table.cursor_row
        return (share.function, "the function's name") if share else ("", "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a function there is nothing to provision."""
        if action == "provision" and not (self.is_mounted and self.table.cursor_row):
            return False
        return super().check_action(action, parameters)

    # -- changing -----------------------------------------------------------------------------

    @on(RowSelected)
    def _reserve(self) -> None:
        """Ask for another reservation; what it would do is seen before it is sent."""
        share = self.table.cursor_row
        if share is not None and share.known and self._view is not None:
            self.ask(WhatIf(self.outlook.service.concurrency, self._view, share))

    def action_provision(self) -> None:
        """Set provisioned concurrency of the chosen function."""
        share = self.table.cursor_row
        if share is not None:
            qualifier = share.provisioned[0].qualifier if share.provisioned else ""
            self.ask(provision_dialog(self.outlook.service.concurrency, share.function, qualifier))

    def changed(self) -> None:
        self.watch_target()


def pool_lines(view: ConcurrencyView, width: int) -> list[list[Span]]:
    """The bar, its figures, and how much of it was in use."""
    if view.activity is None:
        used: list[Span] = [("There are no metrics here, so nobody knows how much is in use.", "muted")]
    else:
        throttled = sum(view.activity.throttles)
        refused = f"{SIGNS.failed} {throttled:,} throttled" if throttled else "none throttled"
        used = [
            (f"most at one time, 1 h: {view.peak:,}, of them {view.shared_peak:,} unreserved  ", ""),
            (refused, "fail" if throttled else "muted"),
            (f"  {sparkline(view.activity.concurrent, SPARK)}" if width >= WIDE else "", "muted"),
        ]
    return [bar(view, width), legend(view), used, [("", "")]]


def describe(view: ConcurrencyView, share: FunctionShare) -> list[list[Span]]:
    """One function: its share in words, what is provisioned, why calls were refused."""
    if not share.known:
        what = "its limits are being asked for"
    elif share.reserved is None:
        what = f"shares {view.shared:,} unreserved with the others"
    elif share.reserved == 0:
        what = "stopped: every call is throttled"
    else:
        what = f"{share.reserved:,} reserved: its guarantee and its limit"
    ready = f" {SIGNS.dot} ".join(
        f"{one.qualifier}: {one.available} of {one.requested} ready"
        + (f", {one.status.replace('_', ' ').lower()}" if one.status != "READY" else "")
        + (f" ({one.reason})" if one.reason else "")
        for one in share.provisioned
    )
    why = view.throttled_by(share)
    refused = f"  {SIGNS.failed} {share.throttles:,} throttled: {why}"
    return [
        [(f"{SIGNS.run_start} {share.function} {SIGNS.dot} {what} {SIGNS.dot} peak {share.peak:,}", "")],
        [(f"  provisioned {SIGNS.closed} {ready}" if ready else "  nothing is provisioned", "muted")],
        [(refused, "fail") if why else ("  no call was throttled in the last hour", "muted")],
    ]
