"""The services beside Lambda: queues, topics, buckets, streams, tables and buses; put something in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.inspect.filtered import FilteredScreen
from lambdatui.dashboard.inspect.inside import InsideScreen, put_dialog
from lambdatui.dashboard.keys import bindings, spelled
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_messages import RowSelected
from lambdatui.dashboard.words import count
from lambdatui.model.neighbours import Neighbour, NeighbourKind, NeighboursState, NeighboursView

if TYPE_CHECKING:
    from lambdatui.service.neighbours import Neighbours

SOONEST_S = 1.5
"""Between two looks, at least."""
LATEST_S = 5.0
SHARE = 0.03
"""Between these bounds looking takes no more than this share of the neighbours' time."""
ASLEEP = "The services beside Lambda were not needed yet and do not run. <start-neighbours> starts them."
NOTHING = "No queue, topic, bucket, stream or table. <new-neighbour> makes one."
KINDS = ", ".join(NeighbourKind)


def counted(one: Neighbour) -> str:
    """``12 messages``, ``1000+ objects``."""
    if one.count is None:
        return ""
    said = count(one.count, one.what)
    return said.replace(" ", "+ ", 1) if one.more else said


def _count(one: Neighbour) -> Cell:
    return counted(one), "" if one.count else "muted"


def _notes(one: Neighbour) -> Cell:
    return f" {SIGNS.dot} ".join(one.notes), "muted"


COLUMNS = (
    Column[Neighbour]("kind", "Kind", lambda one: (one.kind.value, "muted"), width=6),
    Column[Neighbour](
        "name", "Name", lambda one: one.name, min_width=20, max_width=60, weight=2, clip="middle",
        search=lambda one: f"{one.kind} {one.name}",
    ),
    Column[Neighbour]("count", "Holds", _count, width=17, align="right"),
    Column[Neighbour]("notes", "", _notes, min_width=20, weight=3),
)  # fmt: skip


class NeighboursScreen(FilteredScreen[NeighboursView]):
    """All that stands beside Lambda at the target's endpoint."""

    NAME, TITLE = "neighbours", "Neighbours"
    CHANGES = frozenset({"put", "new", "delete"})
    PACE_S = 0.0
    BINDINGS: ClassVar = bindings("put", "new-neighbour", "delete-neighbour", "start-neighbours")

    def contents(self) -> ComposeResult:
        yield FilterLine("name or kind")
        yield NeighbourTable(COLUMNS, lambda one: (one.kind, one.name), empty="Asking the engine…")
        yield Static("", id="details", markup=False)

    def on_mount(self) -> None:
        self._wake = False
        self._pause_s = SOONEST_S
        self._view: NeighboursView | None = None

    async def look(self, since: str, hold_s: float) -> NeighboursView:
        if since:
            await asyncio.sleep(self._pause_s)
        began = time.monotonic()
        view = await self._neighbours.view(wake=self._wake)
        self._pause_s = min(LATEST_S, max(SOONEST_S, (time.monotonic() - began) / SHARE))
        return view

    def show(self, view: NeighboursView) -> None:
        before, self._view = self._view, view
        self.table.set_rows(view.neighbours)
        if not view.neighbours:
            asleep = view.state is NeighboursState.ASLEEP
            self.table.empty = spelled(ASLEEP) if asleep else view.sentence or spelled(NOTHING)
        kinds = [(kind, sum(one.kind is kind for one in view.neighbours)) for kind in NeighbourKind]
        if view.state is not NeighboursState.READY:
            self.entitle(view.state.value)
        else:
            self.entitle(f" {SIGNS.dot} ".join(count(number, kind) for kind, number in kinds if number))
        self.subtitle(view.sentence if view.neighbours else "")
        self.describe_chosen()
        if before is None or before.state is not view.state:
            self.refresh_bindings()

    @property
    def table(self) -> LineTable[Neighbour]:
        """All of them."""
        return self.query_one(NeighbourTable)

    def describe_chosen(self) -> None:
        one = self.table.cursor_row
        if one is None:
            self.tell("#details", [])
            return
        said = f" {SIGNS.dot} ".join(filter(None, (counted(one), *one.notes)))
        self.tell("#details", [[(one.arn, "")], [(f"  {said}", "muted")]])

    def copied(self) -> tuple[str, str]:
        one = self.table.cursor_row
        return (one.address or one.arn, "the queue's URL" if one.address else "the ARN") if one else ("", "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Who sleeps can be started, who is not there cannot."""
        view = self._view if self.is_mounted else None
        if action == "start":
            return view is not None and view.state is NeighboursState.ASLEEP
        if action == "new" and (view is None or view.state is not NeighboursState.READY):
            return False
        if action in ("put", "delete") and (view is None or self.table.cursor_row is None):
            return False
        return super().check_action(action, parameters)

    # -- going on -----------------------------------------------------------------------------

    def action_start(self) -> None:
        """Start the services beside Lambda."""
        self._wake = True
        self.table.empty = "They start; that takes some seconds…"
        self.watch_target()

    @on(RowSelected)
    def _chosen(self, message: RowSelected) -> None:
        one: Neighbour = message.row

        async def look(_: Mapping[str, str]) -> str:
            return one.name

        def answered(agreed: str | None) -> None:
            if agreed:
                self.app.push_screen(InsideScreen(self.outlook, one), self._back_from)

        if one.risk:
            text = f"{one.risk} Looking is a receive: each look counts for every message it sees."
            self.app.push_screen(Dialog(f"Look into {one.name}", look, text=text, verb="Look"), answered)
        else:
            answered(one.name)

    def _back_from(self, door: str | None) -> None:
        """Back from inside, or on to another inspection screen."""
        if door is not None:
            self.dismiss(door)
        else:
            self.watch_target()

    # -- changing -----------------------------------------------------------------------------

    def action_put(self) -> None:
        """Put something into the chosen one."""
        one = self.table.cursor_row
        if one is not None:
            self.ask(put_dialog(self._neighbours, one, self.watch_target))

    def action_new(self) -> None:
        """Make a simple one."""
        one = self.table.cursor_row

        async def submit(values: Mapping[str, str]) -> str:
            if values["kind"] not in list(NeighbourKind):
                raise FieldError("kind", f"One of {KINDS}.")
            if not values["name"]:
                raise FieldError("name", "It needs a name.")
            kind = NeighbourKind(values["kind"])
            await self._neighbours.create(kind, values["name"])
            self.watch_target()
            return f"{kind.capitalize()} {values['name']} is there."

        fields = (
            Field("kind", "Kind", one.kind if one else NeighbourKind.QUEUE, hint=KINDS),
            Field("name", "Name", hint="ends with .fifo: a queue or topic that keeps the order"),
        )
        self.ask(Dialog("New neighbour", submit, fields=fields, verb="Make"))

    def action_delete(self) -> None:
        """Delete the chosen one; asks first."""
        one = self.table.cursor_row
        if one is None:
            return

        async def submit(_: Mapping[str, str]) -> str:
            await self._neighbours.delete(one)
            self.watch_target()
            return f"{one.kind.capitalize()} {one.name} is gone."

        text = f"Delete {one.kind} {one.name}? What it holds ({counted(one)}) is gone with it."
        self.ask(Dialog(f"Delete {one.kind}", submit, text=text, verb="Delete", danger=True))

    @property
    def _neighbours(self) -> Neighbours:
        neighbours = self.outlook.service.neighbours
        assert neighbours is not None
        return neighbours


class NeighbourTable(LineTable[Neighbour]):
    """Enter looks inside."""

    BINDINGS: ClassVar = bindings("look-inside")
