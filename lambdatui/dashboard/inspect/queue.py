"""The queue of asynchronous events: every one between its 202 and its end, and the clock it waits by."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from lambdatui.dashboard.dialogs.dialog import Dialog, Field
from lambdatui.dashboard.inspect import track
from lambdatui.dashboard.inspect.event import EventScreen
from lambdatui.dashboard.inspect.filtered import FilteredScreen
from lambdatui.dashboard.inspect.text_dialog import TextDialog
from lambdatui.dashboard.keys import bindings, key_of, spelled
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.dashboard.widgets.table_messages import RowSelected
from lambdatui.model.inspection import EventState, QueuedEvent, QueueView
from lambdatui.service.errors import NotFound, ServiceError

if TYPE_CHECKING:
    from lambdatui.service.inspection.queue import Queue

STEP_S = 0.5
"""How often the countdowns are looked at."""
PAGE = 100
WIDE = 100
LISTS = {
    EventState.WAITING: (
        "under way",
        "No event is under way. Send one: <event>, then <invoke>, on the main screen.",
    ),
    EventState.FAILED: ("given up", "No event was given up."),
    EventState.DONE: ("done", "No event ended well since the engine started."),
}


class EventTable(LineTable[QueuedEvent]):
    """Events; their ages and countdowns depend on the engine's time, which the screen tells."""

    BINDINGS: ClassVar = bindings("open-event")

    def __init__(self) -> None:
        self.now = 0.0
        self.paused: frozenset[str] = frozenset()
        columns = (
            Column[QueuedEvent](
                "function", "Function", lambda event: event.aim, min_width=14, max_width=26,
                search=lambda event: f"{event.aim} {event.request_id} {event.last_error}",
            ),
            Column[QueuedEvent]("age", "Age", self._age, width=6, align="right"),
            Column[QueuedEvent]("attempt", "Try", track.attempts, width=6),
            Column[QueuedEvent]("error", "Last error", _error, min_width=15, max_width=26, weight=2),
            Column[QueuedEvent]("next", "Next", self._next, width=9, align="right"),
            Column[QueuedEvent]("final", "At the end", track.final, min_width=14, max_width=30, weight=2),
            Column[QueuedEvent]("track", "So far", self._track, min_width=26, weight=3, priority=1),
        )  # fmt: skip
        super().__init__(columns, lambda event: event.request_id, empty="Asking the engine…")

    def step(self, now: float) -> None:
        """Time goes on; drawn when a second is over."""
        moved = int(now) != int(self.now)
        self.now = now
        if moved and self.row_count:
            self.refresh()

    def _age(self, event: QueuedEvent) -> Cell:
        return track.seconds_text((event.ended or self.now) - event.accepted)

    def _next(self, event: QueuedEvent) -> Cell:
        return track.next_try(event, self.now, self.paused)

    def _track(self, event: QueuedEvent) -> Cell:
        return track.track(event, self.now, brief=True)


def _error(event: QueuedEvent) -> Cell:
    return (event.last_error, "fail") if event.last_error else ("", "")


class QueueScreen(FilteredScreen[QueueView]):
    """Every asynchronous event of the engine."""

    NAME = "queue"
    TITLE = "Queue"
    CHANGES = frozenset({"run_now", "fast_forward", "speed", "pause", "drop", "replay", "edit_replay"})
    BINDINGS: ClassVar = bindings(
        "run-now", "fast-forward", "clock-speed", "pause-events", "drop", "replay", "edit-replay",
        "queue-waiting", "queue-failed", "queue-done", "next-page", "page-before",
    )  # fmt: skip

    def contents(self) -> ComposeResult:
        yield Static("", id="flow")
        yield FilterLine("function, request id or error, on this page")
        yield EventTable()
        yield Static("", id="details")

    def on_mount(self) -> None:
        self._list = EventState.WAITING
        self._pages: list[int] = [0]
        self._view: QueueView | None = None
        self._seen_at = 0.0
        self._around: object = None  # what decides which lists and pages there are to go to
        self.set_interval(STEP_S, self._step)

    async def look(self, since: str, hold_s: float) -> QueueView:
        return await self._queue.view(
            self._list, after=self._pages[-1], limit=PAGE, since=since, wait_s=hold_s if since else 0
        )

    def show(self, view: QueueView) -> None:
        if not view.events and len(self._pages) > 1:  # the page ran dry
            self._pages.pop()
            self.watch_target()
            return
        self._view, self._seen_at = view, self.outlook.now().timestamp()
        self.table.now, paused = view.clock.now, self.table.paused
        self.table.paused = view.paused
        self.table.set_rows(view.events)
        if paused != view.paused:
            self.table.refresh()
        if not view.events:
            self.table.empty = spelled(LISTS[self._list][1])
        self._entitle(view)
        self._draw_flow()
        self.describe_chosen()
        around = (self._list, len(self._pages), view.following is None, bool(view.paused))
        if around != self._around:
            self._around = around
            self.refresh_bindings()

    def _entitle(self, view: QueueView) -> None:
        counts = {EventState.WAITING: view.depth, EventState.FAILED: view.flow.failed}
        counts[EventState.DONE] = view.flow.done
        names = [
            Content.styled(
                f"{key_of(f'queue-{state}')} {word} {counts[state]:,}",
                "bold" if state is self._list else "$muted",
            )
            for state, (word, _) in LISTS.items()
        ]
        parts = [Content(f" {SIGNS.dot} ").join(names)]
        if view.paused:
            parts.append(Content.styled(f"paused {_named(view.paused)}", "$wait"))
        parts.append(Content(f"clock {view.clock.mode}"))
        if len(self._pages) > 1 or view.following is not None:
            parts.append(Content(f"page {len(self._pages)}"))
        self.entitle(*parts)

    def _draw_flow(self) -> None:
        if self._view is not None:
            lines = track.flow_lines(self._view.flow, wide=self.size.width >= WIDE)
            self.tell("#flow", lines)

    def on_resize(self, event: events.Resize) -> None:
        """Another width has room for another picture."""
        self._draw_flow()

    def _step(self) -> None:
        if self._view is not None and self._view.clock.factor:
            self.table.step(self._view.clock.after(self.outlook.now().timestamp() - self._seen_at))

    @property
    def table(self) -> EventTable:
        """The events."""
        return self.query_one(EventTable)

    @property
    def _chosen(self) -> QueuedEvent | None:
        return self.table.cursor_row

    def describe_chosen(self) -> None:
        """The chosen event, whole."""
        event = self._chosen
        self.tell("#details", [] if event is None else describe(event, self.table.now))

    def copied(self) -> tuple[str, str]:
        event = self._chosen
        return (event.request_id, "the request id") if event else ("", "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done to the chosen event."""
        event = self._chosen if self.is_mounted else None
        if action == "run_now" and (event is None or event.state is not EventState.WAITING):
            return False
        if action == "pause" and event is None:
            return self.is_mounted and self._view is not None and bool(self._view.paused)
        if action == "drop" and (event is None or event.state not in (EventState.WAITING, EventState.FAILED)):
            return False
        if action in ("replay", "edit_replay") and (event is None or event.state is EventState.DONE):
            return False
        if action == "list" and self.is_mounted and parameters[:1] == (self._list.value,):
            return False
        if action == "page":
            forward = parameters[:1] == (1,)
            return self.is_mounted and (
                self._view is not None and self._view.following is not None
                if forward
                else len(self._pages) > 1
            )
        return super().check_action(action, parameters)

    # -- one event -----------------------------------------------------------------------

    @on(RowSelected)
    def _opened(self, message: RowSelected) -> None:
        def back(door: str | None) -> None:
            if door not in (None, self.NAME):
                self.dismiss(door)

        self.app.push_screen(EventScreen(self.outlook, message.row), back)

    # -- lists and pages ----------------------------------------------------------------------

    def action_list(self, name: str) -> None:
        """Show those under way, given up, or done."""
        self._list, self._pages = EventState(name), [0]
        self.watch_target()

    def action_page(self, step: int) -> None:
        """The next page, or the one before."""
        if step > 0 and self._view is not None and self._view.following is not None:
            self._pages.append(self._view.following)
        elif step < 0 and len(self._pages) > 1:
            self._pages.pop()
        self.watch_target()

    # -- the clock ----------------------------------------------------------------------------

    def action_fast_forward(self) -> None:
        """Jump to the next due moment."""

        async def work() -> str:
            return f"The clock went {track.seconds_text(await self._queue.next_due())} ahead."

        self.act(work)

    def action_speed(self) -> None:
        """Let the clock run at another speed."""

        async def submit(values: Mapping[str, str]) -> str:
            await self._queue.speed(values["mode"])
            return f"The clock is {values['mode']} now."

        mode = self._view.clock.mode if self._view else "real"
        text = "Retries, ages and schedules follow this clock; timeouts of handlers do not."
        fields = (Field("mode", "Speed", mode, hint="real, manual, or x60"),)
        self.ask(Dialog("The engine's clock", submit, text=text, fields=fields, verb="Set"))

    # -- acting on an event -------------------------------------------------------------------

    def action_run_now(self) -> None:
        """Attempt the chosen event at once."""
        event = self._chosen
        if event is None:
            return

        async def work() -> str:
            await self._queue.run(event.number)
            return f"Try {event.attempt} of {event.aim} runs now."

        self.act(work)

    def action_pause(self) -> None:
        """Have the events of the chosen one's function wait, or go on; without one, all go on."""
        paused = self._view.paused if self._view is not None else frozenset()
        name = self._chosen.function if self._chosen is not None else None

        async def work() -> str:
            if name is not None and name not in paused:
                await self._queue.pause(name)
                return f"No event of {name} is begun until it goes on; what runs ends."
            going_on = {name} if name is not None else paused
            for one in sorted(going_on):
                await self._queue.resume(one)
            return f"Events of {_named(going_on)} go on."

        self.act(work)

    def action_drop(self) -> None:
        """Forget the chosen event; asks first."""
        event = self._chosen
        if event is None:
            return

        async def submit(_: Mapping[str, str]) -> str:
            try:
                await self._queue.drop(event.number)
            except NotFound as error:
                return await self.describe_now(error)
            return f"The event of {event.aim} was dropped."

        text = (
            f"Drop the event {event.request_id} of {event.aim}?"
            " It is not attempted again, and no destination or dead-letter queue hears of it."
        )
        self.ask(Dialog("Drop event", submit, text=text, verb="Drop", danger=True))

    def action_replay(self) -> None:
        """Accept the chosen event once more, as it was; asks first."""
        event = self._chosen
        if event is None:
            return

        async def submit(_: Mapping[str, str]) -> str:
            try:
                return f"Accepted again as {await self._queue.replay(event.number)}."
            except NotFound as error:
                return await self.describe_now(error)

        text = f"Accept the event {event.request_id} of {event.aim} once more? It runs again, as a new one."
        self.ask(Dialog("Replay event", submit, text=text, verb="Replay"))

    def action_edit_replay(self) -> None:
        """Edit the payload and accept it as a new event."""
        event = self._chosen
        if event is None:
            return

        async def work() -> str:
            payload = await self._queue.payload(event.number)

            async def send(text: str, _: Mapping[str, str]) -> str:
                return f"Accepted as {await self._queue.replay(event.number, text)}."

            does = "accepts it as a new event"
            self.ask(TextDialog(f"Replay for {event.aim}", payload, send, does=does))
            return ""

        self.act(work)

    async def describe_now(self, error: ServiceError) -> str:
        """An event that was acted on too late: what it is now."""
        event = self._chosen
        if event is None or not isinstance(error, NotFound):
            return error.sentence
        try:
            now = (await self._queue.event(event.request_id)).event
        except ServiceError:
            return error.sentence
        ended = f": {now.condition}" if now.condition else ""
        return f"The event of {now.aim} is {LISTS.get(now.state, (now.state.value,))[0]} meanwhile{ended}."

    @property
    def _queue(self) -> Queue:
        inspection = self.outlook.service.inspection
        assert inspection is not None
        return inspection.queue


def _named(functions: Collection[str]) -> str:
    """One by its name, more by their number."""
    return next(iter(functions)) if len(functions) == 1 else f"{len(functions)} functions"


def describe(event: QueuedEvent, now: float) -> list[list[Span]]:
    """One event: who it is, its track, where it goes."""
    who = f" {SIGNS.dot} ".join((event.request_id, event.aim, f"try {track.attempts(event)}"))
    age = track.seconds_text((event.ended or now) - event.accepted)
    size = f" {SIGNS.dot} {size_text(event.size)}" if event.size else ""
    ways = [
        f"{word} {SIGNS.closed} {track.target_text(arn)}"
        for word, arn in (("success", event.on_success), ("failure", event.on_failure), ("DLQ", event.dlq))
        if arn
    ]
    goes = f" {SIGNS.dot} ".join(ways) or "no destination, no dead-letter queue"
    if event.state is EventState.FAILED:
        goes = f"given up: {event.condition} {SIGNS.dot} {goes}"
    return [
        [(f"{SIGNS.run_start} {who}", ""), (f" {SIGNS.dot} {age} old{size}", "muted")],
        [("  ", ""), *track.track(event, now)],
        [(f"  {goes}", "muted")],
    ]
