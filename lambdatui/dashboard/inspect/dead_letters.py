"""The queues that get what failed: of functions, of event source mappings, of other queues."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from lambdatui.dashboard.inspect.filtered import FilteredScreen
from lambdatui.dashboard.inspect.letters import LettersScreen
from lambdatui.dashboard.keys import bindings, spelled
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.table_messages import RowSelected
from lambdatui.dashboard.words import count
from lambdatui.model import TargetKind
from lambdatui.model.dead_letters import DeadLetterQueue, DeadLettersView, RoleKind
from lambdatui.model.neighbours import NeighboursState

LOCAL_S, AWS_S = 5.0, 60.0
"""Between two looks: each asks for every function and queue."""
ASLEEP = "No queue was needed yet: the services beside Lambda do not run. <stop-redrive> starts them."
STOPPED = "A redrive stopped half way: <open-letters>, then <redrive-all> goes on."
NOTHING = "No function, event source mapping or queue names a dead-letter queue here."
ROLES = {
    RoleKind.FUNCTION: "events of {}",
    RoleKind.DESTINATION: "failed events of {}",
    RoleKind.MAPPING: "batches of {}",
    RoleKind.QUEUE: "messages of queue {}",
}


def roles(queue: DeadLetterQueue) -> str:
    """Whose failures it gets."""
    return f" {SIGNS.dot} ".join(ROLES[role.kind].format(role.name) for role in queue.roles)


def _count(queue: DeadLetterQueue) -> Cell:
    return count(queue.count, "message"), "wait" if queue.count else "muted"


COLUMNS = (
    Column[DeadLetterQueue](
        "name", "Queue", lambda queue: queue.name, min_width=18, max_width=50, clip="middle"
    ),
    Column[DeadLetterQueue]("count", "Holds", _count, width=15, align="right"),
    Column[DeadLetterQueue]("roles", "Gets the failed", roles, min_width=20, weight=4),
)


class DeadLettersScreen(FilteredScreen[DeadLettersView]):
    """Every dead-letter queue of the target."""

    NAME, TITLE = "dead-letters", "Dead letters"
    PACE_S = 0.0
    BINDINGS: ClassVar = bindings("start-neighbours")

    def contents(self) -> ComposeResult:
        yield FilterLine("queue, or whose failures it gets")
        yield QueueTable(COLUMNS, lambda queue: queue.arn, empty="Asking who has a dead-letter queue…")
        yield Static("", id="details", markup=False)

    def on_mount(self) -> None:
        self._wake = False
        self._view: DeadLettersView | None = None

    async def look(self, since: str, hold_s: float) -> DeadLettersView:
        service = self.outlook.service
        if since:
            await asyncio.sleep(LOCAL_S if service.target.kind is TargetKind.LOCAL else AWS_S)
        return await service.dead_letters.view(wake=self._wake)

    def show(self, view: DeadLettersView) -> None:
        self._view = view
        self.table.set_rows(view.queues)
        if not view.queues:
            asleep = view.state is NeighboursState.ASLEEP
            self.table.empty = spelled(ASLEEP) if asleep else view.sentence or NOTHING
        held = sum(queue.count for queue in view.queues)
        self.entitle(count(len(view.queues), "queue"), count(held, "message"))
        self.subtitle(view.sentence if view.queues else "")
        self.describe_chosen()
        self.refresh_bindings()

    @property
    def table(self) -> LineTable[DeadLetterQueue]:
        """The queues."""
        return self.query_one(QueueTable)

    def describe_chosen(self) -> None:
        queue = self.table.cursor_row
        if queue is None:
            self.tell("#details", [])
            return
        state = self.outlook.service.redrives.state(queue)
        half = state is not None and not state.over and not state.running
        stopped = f"  {SIGNS.warning} {spelled(STOPPED)}" if half else ""
        self.tell("#details", [[(queue.arn, "")], [(f"  {roles(queue)}", "muted")], [(stopped, "wait")]])

    def copied(self) -> tuple[str, str]:
        queue = self.table.cursor_row
        return (queue.arn, "the ARN") if queue else ("", "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only who sleeps can be started."""
        if action == "start":
            view = self._view if self.is_mounted else None
            return view is not None and view.state is NeighboursState.ASLEEP
        return super().check_action(action, parameters)

    def action_start(self) -> None:
        """Start the services beside Lambda."""
        self._wake = True
        self.watch_target()

    @on(RowSelected)
    def _chosen(self, message: RowSelected) -> None:
        self.app.push_screen(LettersScreen(self.outlook, message.row), self._back_from)

    def _back_from(self, door: str | None) -> None:
        """Back from a queue, or on to another inspection screen."""
        if door is not None:
            self.dismiss(door)
        else:
            self.watch_target()


class QueueTable(LineTable[DeadLetterQueue]):
    """Enter opens one."""

    BINDINGS: ClassVar = bindings("open-letters")
