"""Environments as they live: one lane each on a common time axis."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from lambdatui.dashboard.dialogs.dialog import Dialog
from lambdatui.dashboard.dialogs.provision import provision_dialog
from lambdatui.dashboard.inspect.filtered import FilteredScreen
from lambdatui.dashboard.inspect.timeline import RANGES_S, Axis, Lane, Timeline, draw
from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Cell, Column, lay_out
from lambdatui.dashboard.widgets.figures import duration_text
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_text import GUTTER
from lambdatui.dashboard.words import count
from lambdatui.model.inspection import EnvironmentLife, EnvironmentsView, LifeState

if TYPE_CHECKING:
    from lambdatui.service.inspection.environments import Environments

STEP_S = 0.25
"""How often it is looked whether the axis has come to its next cell."""

_STATE_TONES = {
    LifeState.INIT: "wait",
    LifeState.BUSY: "ok",
    LifeState.KILLED: "fail",
    LifeState.ENDED: "fail",
}


class LaneTable(LineTable[Lane]):
    """The lanes; ages and drawings depend on the axis, which the screen moves."""

    def __init__(self) -> None:
        self.axis = Axis(RANGES_S[1], 1, 0.0)
        self.now = 0.0
        columns = (
            Column[Lane](
                "function",
                "Function",
                lambda lane: lane.life.function,
                width=14,
                search=lambda lane: lane.life.function,
            ),
            Column[Lane]("why", "Born", lambda lane: lane.life.why, width=11),
            Column[Lane]("init", "Init", _init, width=7, align="right"),
            Column[Lane]("lane", "What it did, until now", self._drawn, min_width=24),
            Column[Lane]("state", "State", _state, width=6, priority=1),
            Column[Lane]("memory", "MB, peak", _memory, width=8, align="right"),
            Column[Lane]("version", "Version", lambda lane: lane.life.version, width=7, priority=2),
            Column[Lane]("served", "Served", _served, width=6, align="right", priority=3),
            Column[Lane]("age", "Age", self._age, width=6, align="right", priority=4),
        )
        super().__init__(columns, lambda lane: lane.life.number, empty="Asking the engine…")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing to open."""
        return False if action == "select" else super().check_action(action, parameters)

    def step(self, now: float, range_s: float) -> bool:
        """Move the axis on, if it has come to another cell; whether it has."""
        placed = lay_out(self.columns, max(1, self.scrollable_content_region.width - GUTTER))
        width = next((one.width for one in placed if self.columns[one.position].key == "lane"), 1)
        axis = Axis.at(now, range_s, width)
        if axis == self.axis:
            return False
        self.axis, self.now = axis, now
        self.refresh()
        return True

    def on_resize(self) -> None:
        """Another width has room for other cells."""
        super().on_resize()
        self.step(self.now, self.axis.range_s)

    def _drawn(self, lane: Lane) -> Cell:
        return draw(lane.marks, self.axis)

    def _age(self, lane: Lane) -> Cell:
        return short_time((lane.life.ended or self.now) - lane.life.born)


def short_time(seconds: float) -> str:
    """An age in at most six columns."""
    seconds = max(0.0, seconds)
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"


def _init(lane: Lane) -> Cell:
    ms = lane.life.init_ms
    return ("…", "wait") if ms is None and lane.life.state is LifeState.INIT else duration_text(ms or 0)


def _state(lane: Lane) -> Cell:
    return "held" if lane.life.held else lane.life.state.value, _STATE_TONES.get(lane.life.state, "muted")


def _memory(lane: Lane) -> Cell:
    life = lane.life
    now = str(life.memory_mb) if life.memory_mb else "-"
    return [(now, ""), (f", {life.peak_mb}" if life.peak_mb else "", "muted")]


def _served(lane: Lane) -> Cell:
    return str(lane.life.invocations)


class EnvironmentsScreen(FilteredScreen[EnvironmentsView]):
    """Every environment of the engine, live."""

    NAME = "environments"
    TITLE = "Environments"
    CHANGES = frozenset({"kill", "hold", "cool", "provision"})
    BINDINGS: ClassVar = bindings("kill", "hold", "cool", "provision", "longer", "shorter")

    def contents(self) -> ComposeResult:
        yield Static("", id="notice", markup=False)
        yield FilterLine("function")
        yield LaneTable()
        yield Static("", id="details", markup=False)

    def on_mount(self) -> None:
        self._timeline = Timeline()
        self._range = 1
        self._ahead = 0.0  # the engine's time less ours
        self._order: list[int] | None = None
        self._told: object = None
        self._view: EnvironmentsView | None = None
        self.set_interval(STEP_S, self._step)

    async def look(self, since: str, hold_s: float) -> EnvironmentsView:
        return await self._environments.view(since=since, wait_s=hold_s if since else 0)

    def show(self, view: EnvironmentsView) -> None:
        self._view = view
        self._ahead = view.now - self.outlook.now().timestamp()
        self._timeline.see(view)
        self._fill({life.number for life in view.lives})
        self.call_after_refresh(self._step)  # how long a cell is follows from the width
        self.describe_chosen()

    def _fill(self, changed: Collection[int]) -> None:
        """Show the lanes of the range; where none came or went, only what changed is drawn."""
        assert self._view is not None
        lanes = self._timeline.shown(self._view.now, RANGES_S[self._range])
        order = [lane.life.number for lane in lanes]
        if order != self._order:
            self._order = order
            self.table.set_rows(lanes, glow=False)
        else:
            for number in changed:
                if number in self._timeline.lanes:
                    self.table.put_row(self._timeline.lanes[number], glow=False)
        if not order:
            self.table.empty = "No environment lives. Invoke a function, and see one being born."
        self._say(lanes)

    def _say(self, lanes: list[Lane]) -> None:
        living = [lane.life for lane in lanes if lane.life.ended is None]
        busy = sum(life.state is LifeState.BUSY for life in living)
        cold = sum(life.state is LifeState.INIT for life in living)
        said = [f"{len(living)} alive", f"{busy} busy", f"{len(living) - busy - cold} warm"]
        if cold:
            said.append(f"{cold} being born")
        assert self._view is not None
        self.entitle(f" {SIGNS.dot} ".join(said), f"tier {self._view.tier}", f"last {_range(self._range)}")
        stand_in = next((life.notice for life in living if life.notice), "")
        self.tell("#notice", [[(f"{SIGNS.warning} {stand_in}", "wait")]] if stand_in else [])

    def _step(self) -> None:
        """Time goes on: draw it when it has come to the next cell."""
        if self._view is not None:
            if self.table.step(self.outlook.now().timestamp() + self._ahead, RANGES_S[self._range]):
                self.describe_chosen()
            legend = f"{SIGNS.init} init  {SIGNS.levels[-1]} busy  {SIGNS.dot} at rest  {SIGNS.failed} killed"
            self.subtitle(f"{legend} {SIGNS.dot} a cell is {self.table.axis.cell_s:.1f} s")

    @property
    def table(self) -> LaneTable:
        """The lanes."""
        return self.query_one(LaneTable)

    @property
    def _chosen(self) -> EnvironmentLife | None:
        lane = self.table.cursor_row
        return lane.life if lane else None

    def describe_chosen(self) -> None:
        """The chosen one, whole."""
        life = self._chosen
        if life is not None and (life.number, life.ended) != self._told:
            self._told = life.number, life.ended
            self.refresh_bindings()  # another can be acted upon, or none
        lines = [] if life is None or self._view is None else describe(life, self._view, self.table.now)
        self.tell("#details", [[(text, "muted")] for text in lines])

    def copied(self) -> tuple[str, str]:
        life = self._chosen
        return (life.stream, "the log stream") if life and life.stream else ("", "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be done to one that has ended."""
        if action in ("kill", "hold", "cool"):
            life = self._chosen if self.is_mounted else None
            if life is None or life.ended is not None:
                return False
        return super().check_action(action, parameters)

    # -- time and filter ----------------------------------------------------------------------

    def action_range(self, step: int) -> None:
        """Show a longer or a shorter time."""
        self._range = max(0, min(len(RANGES_S) - 1, self._range + step))
        if self._view is not None:
            self._fill(())
            self._step()

    # -- laying hands on ----------------------------------------------------------------------

    def action_kill(self) -> None:
        """End the chosen one."""
        life = self._chosen
        if life is None:
            return

        async def work(_: object = None) -> str:
            await self._environments.kill(life)
            return f"Environment {life.number} of {life.function} was killed."

        if life.state is LifeState.BUSY:
            text = (
                f"Kill environment {life.number} of {life.function}?"
                " It is busy: its invocation fails as if the process had crashed."
            )
            self.ask(Dialog("Kill environment", work, text=text, verb="Kill", danger=True))
        else:
            self.act(work)

    def action_hold(self) -> None:
        """Freeze the chosen one, or let it go on."""
        life = self._chosen
        if life is None:
            return

        async def work() -> str:
            held = await self._environments.freeze(life)
            if held:
                stands = f"Environment {life.number} stands still and takes nothing"
                return f"{stands} until {key_of('hold')} is pressed again."
            return f"Environment {life.number} goes on."

        self.act(work)

    def action_cool(self) -> None:
        """Let the next invocation of the chosen one's version be cold."""
        life = self._chosen
        if life is None:
            return

        async def work() -> str:
            await self._environments.cool(life)
            return f"The next invocation of {life.function} {life.version} is a cold start."

        self.act(work)

    def action_provision(self) -> None:
        """Set provisioned concurrency of the chosen one's function, and watch it warm up."""
        life = self._chosen
        name = life.function if life else self.outlook.function
        version = life.version if life and life.version.isdecimal() else ""
        self.ask(provision_dialog(self.outlook.service.concurrency, name, version))

    @property
    def _environments(self) -> Environments:
        inspection = self.outlook.service.inspection
        assert inspection is not None
        return inspection.environments


def _range(index: int) -> str:
    seconds = RANGES_S[index]
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


def describe(life: EnvironmentLife, view: EnvironmentsView, now: float) -> list[str]:
    """An environment in sentences: its life, its figures, what its tier does not hold."""
    age = short_time((life.ended or now) - life.born)
    born = f"lived {age}: {life.why}" if life.ended is not None else f"born {age} ago: {life.why}"
    if life.after:
        born += f" (the one before: {life.after})"
    init = "INIT has not ended" if life.init_ms is None else f"INIT took {duration_text(life.init_ms)}"
    if life.ended is not None:
        state = f"ended: {life.how}" if life.how else "ended"
    else:
        state = "held by hand" if life.held else life.state.value
    figures = (
        f"{state} {SIGNS.dot} {count(life.invocations, 'invocation')} {SIGNS.dot}"
        f" {life.memory_mb} MB now, {life.peak_mb} MB at most, of {life.memory_limit_mb} MB"
        f" {SIGNS.dot} {life.runtime}"
    )
    lacks = f" {SIGNS.dot} ".join(one.partition(";")[0] for one in view.lacks) or "nothing"
    return [
        f"{SIGNS.run_start} {life.number} {life.function} {life.version} {SIGNS.dot} {born}, {init}",
        f"  {figures}",
        f"  tier {view.tier} does not wholly hold: {lacks}",
    ]
