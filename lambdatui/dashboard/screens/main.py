"""The main screen: functions, their versions, an invocation and the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.reactive import Reactive
from textual.widget import Widget

from lambdatui.dashboard import inspect
from lambdatui.dashboard.bars import Footer, Header, Tabs
from lambdatui.dashboard.bulk.control import Bulk
from lambdatui.dashboard.clipboard import Clipboard
from lambdatui.dashboard.create.control import Create
from lambdatui.dashboard.feeds import Feeds, Opener
from lambdatui.dashboard.invoking.deeds import InvokingDeeds
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.messages import (
    ActivityKnown,
    Created,
    Done,
    Failed,
    FunctionsListed,
    Invoked,
    LogGrew,
    LogState,
    Recalled,
    Remembered,
    StatesKnown,
    StatusKnown,
    TargetOpened,
    TargetOpening,
    VersionsLoaded,
)
from lambdatui.dashboard.panes.functions import FunctionsPane
from lambdatui.dashboard.panes.invoke import FIRST_PAYLOAD, InvokePane, PayloadEditor
from lambdatui.dashboard.panes.log import LogPane
from lambdatui.dashboard.panes.pane import Clock, Pane
from lambdatui.dashboard.panes.versions import Row, VersionsPane, rows_of
from lambdatui.dashboard.screens.acting import Acting
from lambdatui.dashboard.screens.arrangement import Arrangement
from lambdatui.dashboard.screens.deeds import Deeds
from lambdatui.dashboard.screens.failures import Failures
from lambdatui.dashboard.screens.invoking import Invoking
from lambdatui.dashboard.screens.place import Place
from lambdatui.dashboard.screens.pulse import Pulse
from lambdatui.dashboard.screens.veil import Veil
from lambdatui.dashboard.screens.visited import LOOKED_S, Visited
from lambdatui.model import Function, InvocationType, TargetKind
from lambdatui.model.function import LATEST

if TYPE_CHECKING:
    from lambdatui.model import Target
    from lambdatui.service import Service, TargetSpec

PASSING_S = 0.12
"""A row the cursor stays on for less is only passed: nothing is asked for it."""

ACTIVITY_S = {TargetKind.LOCAL: 15.0, TargetKind.AWS: 300.0}
"""How long activity is taken for new. AWS charges for the question."""


class MainScreen(Acting):
    """Four panes: side by side where there is room, else one at a time under tabs."""

    CSS_PATH = "main.tcss"
    AUTO_FOCUS = ""
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)  # else every tab draws everything
    BINDINGS: ClassVar = bindings(
        "invoke", "event", "dry-run", "payload", "editor", "publish", "alias", "filter", "command",
        "next-pane", "previous-pane", "pane-functions", "pane-versions", "pane-invoke", "pane-log",
        "refresh", "copy", "copy-command", "configuration", *inspect.DOORS, "target",
        "go-back", "go-forward", "back", "quit",
    )  # fmt: skip

    def __init__(
        self,
        spec: TargetSpec,
        opener: Opener | None,
        now: Clock,
        *,
        clipboard: Clipboard,
        tick_s: float = 1.0,
        veil: Sequence[str] = (),
    ) -> None:
        """``veil`` is the last known frame, shown until the functions are listed."""
        super().__init__()
        self.feeds = Feeds(self)
        self.deeds = Deeds(self, clipboard)
        self.invoking = Invoking(self)
        self.deeds_of_invoking = InvokingDeeds(self)
        self.bulk = Bulk(self)
        self.create = Create(self)
        self.place = Place(self)
        self._awaited = ""  # a function that the cursor goes to when the list has it
        self._failures = Failures(self)
        self._visited = Visited(self, looked_s=LOOKED_S if tick_s else 0)
        self._spec = spec
        self._opener = opener
        self._now = now
        self._tick_s = tick_s
        self._veil = Veil(veil) if veil else None
        self._service: Service | None = None
        self._pulse: Pulse | None = None
        self._versions: dict[str, list[Row]] = {}
        self.qualifiers: dict[str, str] = {}
        """The version or alias chosen last, by function."""
        self._function = ""
        self._log_group = ""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Tabs([(name, pane.TITLE) for name, pane in _PANES.items()])
        yield FunctionsPane(self._now)
        yield VersionsPane(self._now)
        yield InvokePane()
        yield LogPane()
        yield Footer()
        if self._veil is not None:
            yield self._veil

    def on_mount(self) -> None:
        self.functions = self.query_one(FunctionsPane)
        self.versions = self.query_one(VersionsPane)
        self.invocation = self.query_one(InvokePane)
        self.log_pane = self.query_one(LogPane)
        self.header = self.query_one(Header)
        self.panes: tuple[Pane, ...] = self.functions, self.versions, self.invocation, self.log_pane
        self._arrangement = Arrangement(self, self.panes)
        self.set_focus(self.functions.table)
        self.app.theme_changed_signal.subscribe(self, lambda _: self._arrangement.highlight(again=True))
        self._open()

    async def on_unmount(self) -> None:
        await self.feeds.close()

    def _unveil(self) -> None:
        """There is something newer than the last known frame."""
        if self._veil is not None:
            self._veil.remove()
            self._veil = None

    @property
    def now(self) -> Clock:
        """Tells the time."""
        return self._now

    @property
    def opener(self) -> Opener | None:
        """How another target is opened."""
        return self._opener

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

    # -- the target ---------------------------------------------------------------------------

    @property
    def service(self) -> Service | None:
        """What is asked; None until the target is open."""
        return self._service

    def _open(self) -> None:
        local = self._spec.kind is TargetKind.LOCAL
        self._say_opening("starting the local engine" if local else "asking AWS who we are")
        self.feeds.open(self._spec, self._opener)

    def _say_opening(self, step: str) -> None:
        self.header.state = f"{step}…"
        self.functions.say(f"{step[:1].upper()}{step[1:]}…")

    @on(TargetOpening)
    def _opening(self, message: TargetOpening) -> None:
        self._say_opening(message.step)

    @on(TargetOpened)
    def _opened(self, message: TargetOpened) -> None:
        service = self._service = message.service
        self.header.target = service.target
        self.header.production = service.target.rule.production
        self.functions.say("Asking for the functions…")
        self.place.opened(service)
        self.functions.activity_s = ACTIVITY_S[service.target.kind]
        self.feeds.functions(first=True)
        self.feeds.status()
        self._pulse = Pulse(service)
        if self._tick_s:
            self.set_interval(self._tick_s, self.tick)
        self.refresh_bindings()

    def tick(self) -> None:
        """Once a second: what changed elsewhere, and older times."""
        if self._pulse is None or not self.is_current:
            return
        self.functions.tick()
        self.versions.tick()
        self.place.keep()
        due = self._pulse.beat()
        if due.functions:
            self.feeds.functions(patient=True)
        if due.versions and self._function:
            self.feeds.versions(self._function, patient=True)
        if due.status:
            self.feeds.status()

    def action_refresh(self) -> None:
        """Ask again, now; a target that failed to open is tried again."""
        if self._service is None:
            self._open()
            return
        self.feeds.functions()
        self.feeds.status()
        self.functions.ask_for_states(again=True)
        if self._function:
            self.feeds.versions(self._function)
        if self.log_pane.failed:
            group, self._log_group = self._log_group, ""
            self._follow(self._function, group)

    # -- functions ----------------------------------------------------------------------------

    @on(FunctionsListed)
    def _listed(self, message: FunctionsListed) -> None:
        before = self.functions.chosen
        self.functions.show_list(message.functions, complete=message.complete)
        self.place.listed(complete=message.complete)
        if message.complete:
            self._unveil()
        if message.complete and before is not None and before.name not in self.functions.names:
            self._say_gone(before.name)
        self.header.functions = len(message.functions)
        if self._awaited in self.functions.names:
            name, self._awaited = self._awaited, ""
            self.choose(name)
        if message.complete and not message.functions and self._service is not None:
            self.functions.say(_no_functions(self._service.target))

    def _say_gone(self, name: str) -> None:
        """The chosen function was deleted: say where the cursor is, the next key is meant for that row."""
        self._aim_at(self.function)
        self.invoking.gone(name)
        where = f" The cursor is on {self.function.name} now." if self.function else ""
        self.notify(f"{name} is gone: it was deleted.{where}", severity="warning", markup=False)

    @on(FunctionsPane.Unknown)
    def _states_wanted(self, message: FunctionsPane.Unknown) -> None:
        if self._service is not None:
            self.feeds.states(message.names)

    @on(StatesKnown)
    def _states(self, message: StatesKnown) -> None:
        self.functions.show_states(message.functions)

    @on(FunctionsPane.Idle)
    def _activity_wanted(self, message: FunctionsPane.Idle) -> None:
        if self._service is not None:
            self.feeds.activity(message.names)

    @on(ActivityKnown)
    def _activity(self, message: ActivityKnown) -> None:
        self.functions.show_activity(message.activity)

    @on(FunctionsPane.Chosen)
    def _function_chosen(self, message: FunctionsPane.Chosen) -> None:
        self._aim_at(message.function)

    def _aim_at(self, function: Function | None) -> None:
        """Show what belongs to a function, unless it is shown already."""
        name = function.name if function else ""
        if name == self._function:
            return
        self.invoking.keep_payload(self._function)
        self._function = name
        self.versions.show(name, self._versions.get(name, []), self.qualifiers.get(name, LATEST))
        self.invocation.payload = self.invoking.payloads.get(name, FIRST_PAYLOAD)
        self._aim()
        self.invoking.aimed_at(name)
        self._visited.aimed_at(name)
        if function is None:
            self._follow("", "")
            return
        self.versions.say("Asking for the versions…")
        if name not in self.invoking.payloads:
            self.feeds.remember(name)
        self.feeds.versions(name, delay=PASSING_S if self._tick_s else 0)
        self._follow(name, function.latest.log_group or f"/aws/lambda/{name}")

    @on(Remembered)
    def _remembered(self, message: Remembered) -> None:
        if message.name == self._function:
            self.invoking.remembered(message.payload)

    def choose(self, name: str) -> None:
        """Put the cursor on a function, even if a filter hides it."""
        if not self.functions.table.move_to_key(name):
            self.functions.clear_filter()
            self.functions.table.move_to_key(name)
        self._arrangement.go(self.functions)

    # -- versions -----------------------------------------------------------------------------

    @on(VersionsLoaded)
    def _versions_loaded(self, message: VersionsLoaded) -> None:
        rows = self._versions[message.name] = rows_of(message.versions, message.aliases)
        if message.name == self._function:
            self.versions.show(message.name, rows, self.qualifiers.get(message.name, LATEST))
            self._aim()

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
    def log_group(self) -> str:
        """The log group that is followed."""
        return self._log_group

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
        self._aim_at(self.function)  # the cursor may have moved with the key just before
        self.invoking.invoke()

    @on(Created)
    def _created(self, message: Created) -> None:
        if message.ready:
            self.invoking.sent()
        else:
            self.invoking.created()

    @on(Invoked)
    def _invoked(self, message: Invoked) -> None:
        self.functions.ran(message.invocation.function)
        self.invoking.answered(message.invocation)

    def action_kind(self, kind: str) -> None:
        """The kind that was clicked."""
        self.invocation.set_kind(InvocationType(kind))

    def action_toggle_event(self) -> None:
        """RequestResponse or Event."""
        self.invoking.toggle(InvocationType.EVENT)

    def action_toggle_dry_run(self) -> None:
        """DryRun, or back to RequestResponse."""
        self.invoking.toggle(InvocationType.DRY_RUN)

    # -- log and status -----------------------------------------------------------------------

    def _follow(self, name: str, group: str) -> None:
        if group == self._log_group:
            return
        self._log_group = group
        self.log_pane.follow(name)
        if group and self._service is not None:
            now_ms = int(self._now().timestamp() * 1000)
            delay = PASSING_S if self._tick_s else 0
            self.feeds.log(group, now_ms, back_ms=self.log_pane.back_ms, delay=delay)

    @on(LogPane.RangeChanged)
    def _range_changed(self) -> None:
        group, self._log_group = self._log_group, ""
        self._follow(self._function, group)

    @on(LogGrew)
    def _log_grew(self, message: LogGrew) -> None:
        if message.group != self._log_group:
            return
        self.log_pane.grow(message.events)
        self.invoking.logged(message.events)

    @on(LogPane.RunOpened)
    def _run_opened(self, message: LogPane.RunOpened) -> None:
        self.feeds.recall(self._function, message.request_id)

    @on(Recalled)
    def _recalled(self, message: Recalled) -> None:
        if message.name != self._function:
            return
        if message.invocation is None:
            self.notify("What this run answered is not kept. Its lines stand above.")
            return
        self.invoking.recalled(message.name, message.invocation)
        self._arrangement.go(self.invocation, self.invocation.response.viewer)

    @on(LogState)
    def _log_state(self, message: LogState) -> None:
        if message.group == self._log_group:
            self.log_pane.state(message.state)

    @on(StatusKnown)
    def _status(self, message: StatusKnown) -> None:
        status = message.status
        self.header.figures = status.tier, f"{status.warm} warm", f"queue {status.queue}"

    # -- failures and successes ---------------------------------------------------------------

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._unveil()
        self._failures.show(message.concern, message.key, message.error)

    @on(Done)
    def _done(self, message: Done) -> None:
        self.notify(message.sentence, markup=False)
        self.action_refresh()

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
        if action == "inspect":
            return self._service is not None and inspect.offered(parameters[0], self._service.target)
        if action == "filter" and isinstance(self.focused, PayloadEditor):
            return False  # text there, so no key for the footer
        return super().check_action(action, parameters)


_CHANGING = frozenset(
    {"invoke", "publish", "alias", "delete", "bulk", "new", "toggle_event", "burst", "compare", "shift"}
)
_PANES: dict[str, type[Pane]] = {
    "functions": FunctionsPane,
    "versions": VersionsPane,
    "invoke": InvokePane,
    "log": LogPane,
}


def _no_functions(target: Target) -> str:
    if target.kind is TargetKind.LOCAL:
        return "No functions yet.\nctrl+n makes one; or press : and pick “add samples”."
    return f"No functions in {target.region} of {target.name}.\nctrl+n makes one."
