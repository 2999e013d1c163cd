"""One asynchronous event, followed: every attempt, what is being delivered, its payload and last response."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Static, TextArea

from lambdatui.dashboard.inspect import track
from lambdatui.dashboard.inspect.screen import InspectScreen, Outlook
from lambdatui.dashboard.inspect.text_dialog import pretty
from lambdatui.dashboard.widgets.figures import size_text
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.dashboard.words import exactly
from lambdatui.model.inspection import (
    Attempt,
    EventContents,
    EventState,
    FollowedEvent,
    QueuedEvent,
    WaitingDelivery,
)
from lambdatui.service.errors import NotFound

if TYPE_CHECKING:
    from lambdatui.service.inspection.queue import Queue

GONE = "The engine keeps no payload of an event that ended well."


@dataclass(frozen=True, slots=True)
class Whole:
    """The event, and what it carries as long as that is kept."""

    followed: FollowedEvent
    contents: EventContents | None

    @property
    def stamp(self) -> str:
        return self.followed.stamp


class EventScreen(InspectScreen[Whole]):
    """Watches one event to its end."""

    NAME, TITLE = "event", "Event"
    CSS = """
    EventScreen #story { height: auto; padding-bottom: 1; }
    EventScreen .head { color: $muted; height: 1; }
    EventScreen TextArea { height: 1fr; border: none; padding: 0; }
    """

    def __init__(self, outlook: Outlook, event: QueuedEvent) -> None:
        super().__init__(outlook)
        self._event = event
        self._contents: EventContents | None = None

    def contents(self) -> ComposeResult:
        yield Static("", id="story")
        yield Static("", id="payload-head", classes="head", markup=False)
        yield TextArea("", id="payload", compact=True, read_only=True)
        yield Static("", id="response-head", classes="head", markup=False)
        yield TextArea("", id="response", compact=True, read_only=True)

    async def look(self, since: str, hold_s: float) -> Whole:
        followed = await self._queue.event(self._event.request_id, since=since, wait_s=hold_s if since else 0)
        try:
            found = await self._queue.contents(followed.event)
        except NotFound:
            found = None
        return Whole(followed, found)

    def show(self, view: Whole) -> None:
        self._event, self._contents = view.followed.event, view.contents
        self.entitle(self._event.aim, self._event.request_id)
        self.tell("#story", story(self._event, view.contents, view.followed.clock.now))
        found = view.contents
        size = f" {SIGNS.dot} {size_text(self._event.size)}" if self._event.size else ""
        self._put("payload", f"Payload{size}", found.payload if found else None)
        version = f" of version {found.version}" if found and found.version else ""
        self._put("response", f"Last response{version}", found.response if found else None)

    def _put(self, name: str, head: str, text: str | None) -> None:
        missing = "nothing answered yet" if self._contents else GONE
        self.query_one(f"#{name}-head", Static).update(head if text is not None else f"{head}: {missing}")
        area = self.query_one(f"#{name}", TextArea)
        wanted = pretty(text or "")
        if area.text != wanted:
            area.text = wanted

    def copied(self) -> tuple[str, str]:
        found = self._contents
        return (found.payload, "the payload") if found else (self._event.request_id, "the request id")

    @property
    def _queue(self) -> Queue:
        inspection = self.outlook.service.inspection
        assert inspection is not None
        return inspection.queue


def story(event: QueuedEvent, found: EventContents | None, now: float) -> list[list[Span]]:
    """Attempt by attempt, then where its end goes."""
    lines: list[list[Span]] = [track.track(event, now)]
    tries = 0
    for one in event.history:
        tries += one.outcome not in track.NOT_RUN
        lines.append(_attempt(one, tries))
    if event.state is EventState.FAILED:
        lines.append([(f"given up: {event.condition}", "fail")])
    lines += [_delivery(one) for one in found.deliveries] if found else []
    lines += [[(f"{SIGNS.ok} sent to {track.target_text(arn)}", "ok")] for arn in event.sent_to]
    return lines


def _attempt(one: Attempt, number: int) -> list[Span]:
    name = f"try {number}" if one.outcome not in track.NOT_RUN else "not run"
    then = f", the next {track.seconds_text(one.next_at - one.at)} later" if one.next_at is not None else ""
    at = exactly(datetime.fromtimestamp(one.at, UTC))
    return [(f"{at}  {name}: {one.outcome} ", "muted"), (one.error, "fail"), (then, "muted")]


def _delivery(one: WaitingDelivery) -> list[Span]:
    tries = f", {one.tries} tries" if one.tries else ""
    failed = f": {one.error}" if one.error else ""
    state = "given up" if one.given_up else "under way"
    target = track.target_text(one.target)
    return [
        (f"{SIGNS.closed} {one.kind} to {target} {state}{tries}{failed}", "fail" if one.error else "wait")
    ]
