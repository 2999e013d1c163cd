"""The part of the main screen that the person moves in: which pane has the keys, and what is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on

from lambdatui.dashboard import inspect
from lambdatui.dashboard.bars import Tabs
from lambdatui.dashboard.panes.functions import FunctionsPane
from lambdatui.dashboard.panes.invoke import FIRST_PAYLOAD, InvokePane, PayloadEditor
from lambdatui.dashboard.panes.log import LogPane
from lambdatui.dashboard.panes.pane import Clock, Pane
from lambdatui.dashboard.panes.versions import Row, VersionsPane
from lambdatui.dashboard.screens.acting import Acting
from lambdatui.dashboard.screens.tail import PASSING_S
from lambdatui.model import Function, InvocationType, TargetKind
from lambdatui.model.function import LATEST

if TYPE_CHECKING:
    from lambdatui.dashboard.feeds import Feeds
    from lambdatui.dashboard.screens.arrangement import Arrangement
    from lambdatui.dashboard.screens.invoking import Invoking
    from lambdatui.dashboard.screens.tail import Tail
    from lambdatui.dashboard.screens.visited import Visited
    from lambdatui.service import Service

_CHANGING = frozenset(
    {"invoke", "publish", "alias", "delete", "bulk", "new", "toggle_event", "burst", "compare", "shift"}
)


class Choosing(Acting):
    """One function is chosen, and of it one version or alias: all panes show what belongs to them."""

    feeds: Feeds
    invoking: Invoking
    versions: VersionsPane
    invocation: InvokePane
    log_pane: LogPane
    tail: Tail
    qualifiers: dict[str, str]
    _arrangement: Arrangement
    _visited: Visited
    _service: Service | None
    _now: Clock
    _tick_s: float
    _versions: dict[str, list[Row]]
    _function: str
    _awaited: str

    @property
    def service(self) -> Service | None:
        """What is asked; None until the target is open."""
        return self._service

    @property
    def now(self) -> Clock:
        """Tells the time."""
        return self._now

    # -- layout and focus ---------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._arrangement.fit(event.size.width, event.size.height)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._arrangement.focused(event.widget)

    def show_response(self) -> None:
        """Go to the response where it would be hidden behind a list."""
        if self._arrangement.one_at_a_time and self._arrangement.current in (self.functions, self.versions):
            self._arrangement.go(self.invocation, self.invocation.response.viewer)

    @on(Tabs.Picked)
    def _picked(self, message: Tabs.Picked) -> None:
        self.action_pane(message.pane)

    def action_pane(self, name: str) -> None:
        """Go to a pane; to the response rather than the payload, which takes every key."""
        pane = self.query_one(f"#{name}", Pane)
        self._arrangement.go(pane, self.invocation.response.viewer if pane is self.invocation else None)

    def action_go(self, step: int) -> None:
        """Back or forward through the functions that were looked at."""
        self._visited.go(step)

    def action_move_focus(self, step: int) -> None:
        """Go to the next pane, or the next part of one."""
        self._arrangement.move(step)

    def action_back(self) -> None:
        """Esc: stop waiting, clear a filter, leave the editor, go back to the functions."""
        current = self._arrangement.current
        if self.invoking.is_waiting:
            self.invoking.stop_waiting()
        elif current.clear_filter():
            return
        elif current is not self.functions:
            self._arrangement.go(self.functions)

    def action_filter(self) -> None:
        """Type into the filter of the pane that has one."""
        pane = self._arrangement.current
        if not isinstance(pane, InvokePane | LogPane):
            pane = self.functions
        self._arrangement.go(pane)
        pane.filter_line.open()

    @on(FunctionsPane.Opened)
    def _function_opened(self) -> None:
        self.deeds.open_function("overview")

    def action_configuration(self) -> None:
        """Open the settings of the chosen function."""
        self.deeds.open_function("settings")

    def action_inspect(self, name: str) -> None:
        """Look inside the target."""
        self.deeds.inspect(name)

    @on(VersionsPane.Opened)
    def _version_opened(self) -> None:
        self._arrangement.go(self.invocation)

    # -- functions and versions ----------------------------------------------------------------

    @on(FunctionsPane.Chosen)
    def _function_chosen(self, message: FunctionsPane.Chosen) -> None:
        self._aim_at(message.function)

    def _aim_at(self, function: Function | None) -> None:
        """Show what belongs to a function, unless it is shown already."""
        name = function.name if function else ""
        if name == self._function:
            return
        delay = PASSING_S if self._tick_s and self._function else 0.0  # to the first one no row was passed
        self.invoking.keep_payload(self._function)
        self._function = name
        self.versions.show(name, self._versions.get(name, []), self.qualifiers.get(name, LATEST))
        self.invocation.payload = self.invoking.payloads.get(name, FIRST_PAYLOAD)
        self._aim()
        self.invoking.aimed_at(name)
        self._visited.aimed_at(name)
        self.tail.aim(name)
        if function is None:
            return
        self.versions.say("Asking for the versions…")
        if name not in self.invoking.payloads:
            self.feeds.remember(name)
        self.feeds.versions(name, delay=delay)

    def catch_up(self) -> None:
        self._aim_at(self.function)

    def choose(self, name: str) -> None:
        """Put the cursor on a function, even if a filter hides it."""
        if not self.functions.table.move_to_key(name):
            self.functions.clear_filter()
            self.functions.table.move_to_key(name)
        self._arrangement.go(self.functions)

    @on(VersionsPane.Chosen)
    def _version_chosen(self, message: VersionsPane.Chosen) -> None:
        row = message.row
        if row is not None and row.version is not None and row.version.function == self._function:
            self.qualifiers[self._function] = row.qualifier
        self._aim()

    @property
    def qualifier(self) -> str | None:
        """The version or alias that is chosen; None for ``$LATEST``."""
        row = self.versions.chosen
        return None if row is None or row.qualifier == LATEST else row.qualifier

    @property
    def function(self) -> Function | None:
        """The function that is chosen."""
        return self.functions.chosen

    @property
    def function_name(self) -> str:
        """The function whose versions and log are shown; empty when there is none."""
        return self._function

    @property
    def pane_name(self) -> str:
        """The pane that has the focus."""
        return self._arrangement.current.id or ""

    @property
    def aim(self) -> str:
        """What ``i`` invokes, as people write it."""
        return f"{self._function}:{self.qualifier}" if self.qualifier else self._function

    def _aim(self) -> None:
        self.invocation.aim(self.aim)
        self.invoking.describe()

    # -- invoking -----------------------------------------------------------------------------

    def action_invoke(self) -> None:
        """Invoke the chosen row with the payload at hand."""
        self.catch_up()
        self.invoking.invoke()

    def action_kind(self, kind: str) -> None:
        """The kind that was clicked."""
        self.invocation.set_kind(InvocationType(kind))

    def action_toggle_event(self) -> None:
        """RequestResponse or Event."""
        self.invoking.toggle(InvocationType.EVENT)

    def action_toggle_dry_run(self) -> None:
        """DryRun, or back to RequestResponse."""
        self.invoking.toggle(InvocationType.DRY_RUN)

    # -- log ----------------------------------------------------------------------------------

    @on(LogPane.RangeChanged)
    def _range_changed(self) -> None:
        self.tail.again()

    @on(LogPane.MoreWanted)
    def _more_wanted(self) -> None:
        self.tail.ask()

    @on(LogPane.LessWanted)
    def _less_wanted(self, message: LogPane.LessWanted) -> None:
        self.tail.take_away(message.function)

    @on(LogPane.RunOpened)
    def _run_opened(self, message: LogPane.RunOpened) -> None:
        self.tail.open(message.function, message.request_id)

    # -- what else the person does ------------------------------------------------------------

    def action_edit_payload(self) -> None:
        """Go to the payload; what nobody has written yet is replaced by what is typed or pasted."""
        self._arrangement.go(self.invocation)
        if self.invocation.payload == FIRST_PAYLOAD:
            self.invocation.editor.select_all()

    def wait_for(self, name: str) -> None:
        """Go to a function as soon as it is listed."""
        self._awaited = name
        self.feeds.functions()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A target opened read-only has no key that would change something."""
        if action in _CHANGING and self._service is not None and self._service.target.read_only:
            return False
        if action == "console":
            return self._service is not None and self._service.target.kind is TargetKind.AWS
        if action == "inspect":
            return self._service is not None and inspect.offered(parameters[0], self._service.target)
        if action == "filter" and isinstance(self.focused, PayloadEditor):
            return False  # text there, so no key for the footer
        return super().check_action(action, parameters)
