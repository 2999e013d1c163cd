"""The queue of asynchronous events, and the clock that they wait by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from lambdatui.model.inspection import (
    Attempt,
    EngineTime,
    EventContents,
    EventState,
    Flow,
    FollowedEvent,
    QueuedEvent,
    QueueView,
    WaitingDelivery,
)
from lambdatui.service.clean import clean
from lambdatui.service.errors import Invalid
from lambdatui.service.inspection.asking import Asker, line, number

PAGE = 200
MOST = 1000
"""Deliveries that are looked through for those of one event."""


class Queue:
    """Looks at events and acts on them."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def view(
        self,
        state: EventState = EventState.WAITING,
        *,
        after: int = 0,
        limit: int = PAGE,
        since: str = "",
        wait_s: float = 0.0,
    ) -> QueueView:
        """Events by number, from behind ``after``: those under way, given up, or lately done."""
        raw = await self._asker.get(
            "queue", state=state.value, after=after, limit=limit, since=since, wait_s=wait_s
        )
        flow = raw.get("flow", {})
        return QueueView(
            stamp=line(raw.get("stamp")),
            clock=_time(raw.get("clock", {})),
            flow=Flow(**{name: int(flow.get(name, 0)) for name in Flow.__dataclass_fields__}),
            events=tuple(map(_event, raw.get("events", ()))),
            following=raw.get("next"),
            depth=int(raw.get("depth", 0)),
            paused=frozenset(map(line, raw.get("paused", ()))),
        )

    async def event(self, request_id: str, *, since: str = "", wait_s: float = 0.0) -> FollowedEvent:
        """The event of one request."""
        raw = await self._asker.get("event", request_id=request_id, since=since, wait_s=wait_s)
        return FollowedEvent(line(raw.get("stamp")), _time(raw.get("clock", {})), _event(raw["event"]))

    async def payload(self, number: int) -> str:
        """What an event carries, as text."""
        raw = await self._asker.get(f"queue/{number}")
        return clean(str(raw.get("payload", "")))

    async def contents(self, event: QueuedEvent) -> EventContents:
        """What an event carries, its last response, and what of its end is still to be delivered. NotFound
        for one that ended well."""
        raw = await self._asker.get(f"queue/{event.number}")
        sent = [
            one
            for state in ("waiting", "failed")
            for one in (await self._asker.get("deliveries", state=state, limit=MOST)).get("deliveries", ())
            if one.get("request_id") == event.request_id
        ]
        response = raw.get("response")
        return EventContents(
            payload=clean(str(raw.get("payload", ""))),
            response=None if response is None else clean(str(response)),
            version=line(raw.get("executed_version")),
            deliveries=tuple(map(_delivery, sent)),
        )

    async def run(self, number: int) -> None:
        """Attempt it now instead of when it is due."""
        await self._asker.change("POST", f"queue/{number}/run")

    async def replay(self, number: int, payload: str | None = None) -> str:
        """Accept it once more, as a new event, perhaps with another payload; the new request id."""
        body: dict[str, Any] = {}
        if payload is not None:
            try:
                body["payload"] = json.loads(payload)
            except ValueError as error:
                raise Invalid(f"The payload is not JSON: {error}.") from error
        raw = await self._asker.change("POST", f"queue/{number}/replay", body)
        return line(raw.get("request_id"))

    async def drop(self, number: int) -> None:
        """Forget it: no attempt, no destination, no dead letter."""
        await self._asker.change("DELETE", f"queue/{number}")

    async def pause(self, function: str) -> None:
        """Begin none of a function's events, also when the engine is started again."""
        await self._asker.change("PUT", "pauses", {"function": function})

    async def resume(self, function: str) -> None:
        """Let them go on."""
        await self._asker.change("DELETE", f"pauses?{urlencode({'function': function})}")

    async def next_due(self) -> float:
        """Jump to the next due moment; how many seconds that was."""
        raw = await self._asker.change("POST", "clock", {"to": "next"})
        return float(raw.get("advanced_s", 0.0))

    async def speed(self, mode: str) -> None:
        """Let the clock run like this from now on: real, x60, manual."""
        await self._asker.change("POST", "clock", {"mode": mode})


def _time(raw: Mapping[str, Any]) -> EngineTime:
    return EngineTime(
        line(raw.get("mode")) or "real", float(raw.get("factor", 1.0)), float(raw.get("now", 0))
    )


def _event(raw: Mapping[str, Any]) -> QueuedEvent:
    targets = raw.get("targets", {})
    return QueuedEvent(
        number=int(raw["id"]),
        request_id=line(raw.get("request_id")),
        function=line(raw.get("function")),
        qualifier=line(raw.get("qualifier")) or None,
        state=EventState(raw.get("state", "waiting")),
        accepted=float(raw.get("accepted", 0)),
        attempts=int(raw.get("attempts", 0)),
        of=int(raw.get("of", 1)),
        next_due=number(raw.get("next_due")),
        last_error=line(raw.get("last_error")),
        condition=line(raw.get("condition")),
        ended=number(raw.get("ended") or raw.get("failed")),
        on_success=line(targets.get("on_success")),
        on_failure=line(targets.get("on_failure")),
        dlq=line(targets.get("dlq")),
        sent_to=tuple(map(line, raw.get("sent_to", ()))),
        history=tuple(map(_attempt, raw.get("history", ()))),
        size=int(raw.get("bytes", 0)),
    )


def _delivery(raw: Mapping[str, Any]) -> WaitingDelivery:
    return WaitingDelivery(
        kind=line(raw.get("kind")),
        target=line(raw.get("target")),
        tries=int(raw.get("tries", 0)),
        error=line(raw.get("error")),
        given_up=raw.get("state") == "failed",
    )


def _attempt(raw: Mapping[str, Any]) -> Attempt:
    return Attempt(
        at=float(raw.get("at", 0)),
        outcome=line(raw.get("outcome")),
        error=line(raw.get("error")),
        next_at=number(raw.get("next_at")),
    )
