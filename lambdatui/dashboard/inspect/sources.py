"""Event sources at work: what waits, what runs, what came of it, and what holds a shard up."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from lambdatui.dashboard.dialogs.batch import batch_dialog
from lambdatui.dashboard.function.naming import qualifier_of, short_arn
from lambdatui.dashboard.inspect.filter_tester import FilterTester
from lambdatui.dashboard.inspect.filtered import FilteredScreen
from lambdatui.dashboard.keys import bindings, spelled
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import duration_text
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.dashboard.widgets.table_messages import RowSelected
from lambdatui.dashboard.words import count, middle
from lambdatui.model.polling import SourcesView, SourceWork
from lambdatui.service.errors import NotFound, ServiceError

if TYPE_CHECKING:
    from lambdatui.service.inspection.sources import Sources

EMPTY = (
    "No event sources. Add one to a function:"
    " <configuration>, then <part-sources>, then <add> on the main screen."
)


def _state(one: SourceWork) -> Cell:
    if one.blocked:
        return f"{SIGNS.warning} blocked", "wait"
    if one.trouble:
        return f"{SIGNS.failed} no answer", "fail"
    if one.state == "Enabled":
        return f"{SIGNS.active} Enabled", "ok"
    return f"{SIGNS.pending} {one.state}", "muted" if one.state == "Disabled" else "wait"


def _backlog(one: SourceWork) -> Cell:
    return (f"{one.backlog:,}", "wait" if one.backlog else "") if one.backlog is not None else ("-", "muted")


def _flight(one: SourceWork) -> Cell:
    return (str(one.in_flight), "ok" if one.in_flight else "muted") if one.reading else ("-", "muted")


def _batches(one: SourceWork) -> Cell:
    if not one.reading:
        return "-", "muted"
    failed = (f" {SIGNS.failed} {one.failed_batches:,}", "fail")
    return [(f"{one.batches:,}", ""), failed] if one.failed_batches else f"{one.batches:,}"


def _age(one: SourceWork) -> Cell:
    return duration_text(one.iterator_age_ms) if one.iterator_age_ms is not None else ("-", "muted")


def _result(one: SourceWork) -> Cell:
    if problem := one.trouble or (one.last_error if one.reading and not one.last_result else ""):
        return problem, "fail"
    if one.last_result:
        return one.last_result, "fail" if "PROBLEM" in one.last_result else "muted"
    return ("OK" if one.batches else "nothing yet" if one.reading else "paused"), "muted"


def _function(one: SourceWork) -> str:
    name = one.function.split(":")[6] if one.function.count(":") > 5 else one.function
    qualifier = qualifier_of(one.function)
    return f"{name}:{qualifier}" if qualifier else name


COLUMNS = (
    Column[SourceWork]("source", "Source", lambda one: short_arn(one.source), min_width=14, clip="middle"),
    Column[SourceWork]("function", "Function", _function, min_width=10, max_width=30),
    Column[SourceWork]("state", "State", _state, width=11),
    Column[SourceWork]("backlog", "Backlog", _backlog, width=7, align="right"),
    Column[SourceWork]("flight", "Running", _flight, width=7, align="right", priority=2),
    Column[SourceWork]("batches", "Batches", _batches, width=11, align="right", priority=1),
    Column[SourceWork]("age", "Iterator age", _age, width=12, align="right", priority=3),
    Column[SourceWork]("result", "Last result", _result, min_width=14, weight=2),
)


class SourceTable(LineTable[SourceWork]):
    """The mappings; Enter changes the batches of one."""

    BINDINGS: ClassVar = bindings("batch-size")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is changed on a target opened read-only."""
        if action == "select" and isinstance(self.screen, SourcesScreen) and self.screen.outlook.read_only:
            return False
        return super().check_action(action, parameters)


class SourcesScreen(FilteredScreen[SourcesView]):
    """Every event source mapping of the engine."""

    NAME, TITLE = "sources", "Sources"
    CHANGES = frozenset({"stop_start"})
    BINDINGS: ClassVar = bindings("pause-source", "try-filter")

    def contents(self) -> ComposeResult:
        yield FilterLine("source, function, state or result")
        yield SourceTable(COLUMNS, lambda one: one.id, empty="Asking the engine…")
        yield Static("", id="details", markup=False)

    async def look(self, since: str, hold_s: float) -> SourcesView:
        return await self._sources.view(since=since, wait_s=hold_s if since else 0)

    def show(self, view: SourcesView) -> None:
        self.table.set_rows(view.sources)
        if not view.sources:
            self.table.empty = spelled(EMPTY)
        said = [count(len(view.sources), "mapping")]
        if blocked := sum(bool(one.blocked) for one in view.sources):
            said.append(f"{blocked} blocked")
        said.append(f"{sum(one.backlog or 0 for one in view.sources):,} waiting")
        self.entitle(f" {SIGNS.dot} ".join(said))
        self.describe_chosen()
        self.refresh_bindings()

    @property
    def table(self) -> SourceTable:
        """The mappings."""
        return self.query_one(SourceTable)

    @property
    def _chosen(self) -> SourceWork | None:
        return self.table.cursor_row

    def describe_chosen(self) -> None:
        """The chosen one, whole."""
        self.tell("#details", describe(self._chosen) if self._chosen else [])

    def copied(self) -> tuple[str, str]:
        one = self._chosen
        return (one.source, "the ARN of the source") if one else ("", "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a mapping there is nothing to act on."""
        if action in ("stop_start", "try_filter") and not (self.is_mounted and self._chosen):
            return False
        return super().check_action(action, parameters)

    # -- acting -------------------------------------------------------------------------------

    def action_stop_start(self) -> None:
        """Let the chosen source fetch, or stop it."""
        one = self._chosen
        if one is None:
            return

        async def work() -> str:
            await self.outlook.service.sources.enable(one.id, not one.enabled)
            if one.enabled:
                return f"{short_arn(one.source)} is paused: what runs ends, nothing more is fetched."
            return f"{short_arn(one.source)} is fetched from again."

        self.act(work)

    @on(RowSelected)
    def _batch(self) -> None:
        """Ask how large batches are to be."""
        one = self._chosen
        if one is not None:
            sources = self.outlook.service.sources
            self.ask(batch_dialog(sources, one.id, one.source, one.batch_size, one.window_s))

    def action_try_filter(self) -> None:
        """Edit the filter of the chosen mapping, and see what it does to records."""
        one = self._chosen
        if one is not None:
            self.app.push_screen(FilterTester(self.outlook, one), self._tried)

    def _tried(self, sentence: str | None) -> None:
        if sentence:
            self.notify(sentence, markup=False)

    async def describe_now(self, error: ServiceError) -> str:
        """A mapping that was acted on too late."""
        gone = isinstance(error, NotFound) and self._chosen is not None
        return "That event source mapping was deleted meanwhile." if gone else error.sentence

    @property
    def _sources(self) -> Sources:
        inspection = self.outlook.service.inspection
        assert inspection is not None
        return inspection.sources


def describe(one: SourceWork) -> list[list[Span]]:
    """One mapping: what it is set to, what it did, what blocks it or went wrong last."""
    dot = f" {SIGNS.dot} "
    window = f" within {one.window_s} s" if one.window_s else ""
    size = "batches" if one.batch_size is None else f"batches of {one.batch_size}{window}"
    read = f"{dot}{one.polled:,} read, {one.filtered_out:,} filtered out" if one.reading else ""
    lines: list[list[Span]] = [
        [(f"{SIGNS.run_start} {short_arn(one.source)} {SIGNS.closed} {_function(one)}", "")],
        [(f"  {one.id}{dot}{size}{dot}{count(len(one.filters), 'filter')}{read}", "muted")],
    ]
    for held in one.blocked[:1]:
        others = f" and {held.records - 1} more" if held.records > 1 else ""
        why = f": {held.error}" if held.error else ""
        verb = "block" if others else "blocks"
        text = f"  {SIGNS.warning} record {middle(held.sequence, 6, 6)}{others} {verb} {held.shard}"
        lines.append([(f"{text}, try {held.tries}{why}", "wait")])
    if not one.blocked and (one.trouble or one.last_error):
        lines.append([(f"  last error: {one.trouble or one.last_error}", "fail")])
    elif not one.blocked and one.reason and one.reason != "USER_INITIATED":
        lines.append([(f"  {one.reason}", "muted")])
    return lines
