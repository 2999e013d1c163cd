"""The main screen: functions, their versions, an invocation and the log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import on
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
from lambdatui.dashboard.keys import bindings, key_of, spelled
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
from lambdatui.dashboard.panes.invoke import InvokePane
from lambdatui.dashboard.panes.log import LogPane
from lambdatui.dashboard.panes.pane import Clock, Pane
from lambdatui.dashboard.panes.versions import Row, VersionsPane, rows_of
from lambdatui.dashboard.screens.arrangement import Arrangement
from lambdatui.dashboard.screens.choosing import Choosing
from lambdatui.dashboard.screens.deeds import Deeds
from lambdatui.dashboard.screens.failures import Failures
from lambdatui.dashboard.screens.invoking import Invoking
from lambdatui.dashboard.screens.place import Place
from lambdatui.dashboard.screens.pulse import Pulse
from lambdatui.dashboard.screens.tail import PASSING_S, Tail
from lambdatui.dashboard.screens.veil import Veil
from lambdatui.dashboard.screens.visited import LOOKED_S, Visited
from lambdatui.model import TargetKind
from lambdatui.model.function import LATEST

if TYPE_CHECKING:
    from lambdatui.model import Target
    from lambdatui.service import Service, TargetSpec

WORTH_SAYING_S = 3.0
"""How long a target may take to open before the waiting is counted aloud."""

ACTIVITY_S = {TargetKind.LOCAL: 15.0, TargetKind.AWS: 300.0}
"""How long activity is taken for new. AWS charges for the question."""


class MainScreen(Choosing):
    """Four panes: side by side where there is room, else one at a time under tabs."""

    CSS_PATH = "main.tcss"
    AUTO_FOCUS = ""
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)  # else every tab draws everything
    BINDINGS: ClassVar = bindings(
        "invoke", "event", "dry-run", "payload", "editor", "publish", "alias", "filter", "command",
        "next-pane", "previous-pane", "pane-functions", "pane-versions", "pane-invoke", "pane-log",
        "refresh", "copy", "copy-command", "console", "configuration", "diff", *inspect.DOORS, "target",
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
        self.tail = Tail(self, passing_s=PASSING_S if tick_s else 0)
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
        self._arrangement.fit(*self.app.size)
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
    def opener(self) -> Opener | None:
        """How another target is opened."""
        return self._opener

    # -- the target ---------------------------------------------------------------------------

    def _open(self) -> None:
        local = self._spec.kind is TargetKind.LOCAL
        self._say_opening("starting the local engine" if local else "asking AWS who we are")
        self.feeds.open(self._spec, self._opener)
        if self._tick_s:
            self.run_worker(self._say_waiting(), group="waiting", exclusive=True)

    def _say_opening(self, step: str) -> None:
        self.header.state = f"{step}…"
        self.functions.say(f"{step[:1].upper()}{step[1:]}…")

    async def _say_waiting(self) -> None:
        """A target that takes its time is no reason to look at it for minutes."""
        since = monotonic()
        while self._service is None and (step := self.header.state).endswith("…"):
            if (waited_s := monotonic() - since) >= WORTH_SAYING_S:
                self.functions.say(
                    f"{step[:1].upper()}{step[1:]} {waited_s:.0f} s\n{key_of('target')} looks elsewhere."
                )
            await asyncio.sleep(self._tick_s)

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
            self.tail.again()

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

    @on(Remembered)
    def _remembered(self, message: Remembered) -> None:
        if message.name == self._function:
            self.invoking.remembered(message.payload)

    # -- versions -----------------------------------------------------------------------------

    @on(VersionsLoaded)
    def _versions_loaded(self, message: VersionsLoaded) -> None:
        rows = self._versions[message.name] = rows_of(message.versions, message.aliases)
        if message.name == self._function:
            self.versions.show(message.name, rows, self.qualifiers.get(message.name, LATEST))
            self._aim()

    # -- invoking -----------------------------------------------------------------------------

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

    # -- log and status -----------------------------------------------------------------------

    @on(LogGrew)
    def _log_grew(self, message: LogGrew) -> None:
        if function := self.tail.function_of(message.group):
            self.log_pane.grow(message.events, function)
            self.invoking.logged(message.events)

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
        if function := self.tail.function_of(message.group):
            self.log_pane.state(message.state, function)

    @on(StatusKnown)
    def _status(self, message: StatusKnown) -> None:
        status = message.status
        if self.service is not None:
            self.header.target = self.service.target
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


_PANES: dict[str, type[Pane]] = {
    "functions": FunctionsPane,
    "versions": VersionsPane,
    "invoke": InvokePane,
    "log": LogPane,
}


def _no_functions(target: Target) -> str:
    if target.kind is TargetKind.LOCAL:
        return spelled("No functions yet.\n<new> makes one; or press <command> and pick “add samples”.")
    return f"No functions in {target.region} of {target.name}.\n{key_of('new')} makes one."
