"""What a function last got from somebody else, as far as anything tells, and how sure that is."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lambdatui.model import LogEvent, LogKind
from lambdatui.model.inspection import EventState
from lambdatui.service.errors import ServiceError
from lambdatui.service.inspection import Inspection
from lambdatui.service.logs import Logs

BACK_MS = 3600_000
MOST_PAGES = 10
LONGEST = 262_144
"""A log event holds no more."""

_OWN = ("level", "message", "timestamp", "time", "type", "record", "requestId")
"""Keys that a line has which was logged as JSON, beside what it says."""


@dataclass(frozen=True, slots=True)
class LastEvent:
    """An event and where it was found."""

    payload: str
    at_ms: int
    origin: str  # a sentence for the person


class LastEvents:
    """Looks into the engine's queue where there is one, else for a log line that printed an event."""

    def __init__(self, logs: Logs, inspection: Inspection | None) -> None:
        self._logs = logs
        self._inspection = inspection

    async def of(self, function: str, group: str, now_ms: int) -> LastEvent | None:
        """The newest event known; None when nothing tells."""
        if self._inspection is not None and (found := await self._queued(self._inspection, function)):
            return found
        printed: LastEvent | None = None
        async for events in self._logs.since(group, now_ms - BACK_MS):
            printed = newest_printed(events) or printed
        return printed

    async def _queued(self, inspection: Inspection, function: str) -> LastEvent | None:
        found = None
        for state in (EventState.WAITING, EventState.FAILED):
            after = 0
            for _ in range(MOST_PAGES):
                page = await inspection.queue.view(state, after=after)
                for event in page.events:
                    if event.function == function and (found is None or event.accepted > found.accepted):
                        found = event
                if page.following is None:
                    break
                after = page.following
        if found is None:
            return None
        try:
            payload = await inspection.queue.payload(found.number)
        except ServiceError:  # it ran meanwhile and is gone
            return None
        how = "waits in" if found.state is EventState.WAITING else "was given up by"
        origin = f"This event {how} the engine's queue: it is exactly what the function gets."
        return LastEvent(laid_out(payload), int(found.accepted * 1000), origin)


def newest_printed(events: Iterable[LogEvent]) -> LastEvent | None:
    """The first thing that looks like an event in the newest run that printed one."""
    found: LastEvent | None = None
    looking = True
    for event in events:
        if event.kind is LogKind.START:
            looking = True
        elif event.kind is LogKind.OUTPUT and looking and (value := printed_event(event.message)) is not None:
            looking = False
            payload = json.dumps(value, indent=2, ensure_ascii=False)
            origin = (
                "A run printed this to its log. It may be only a part of the event, or something else"
                " that looks like one: read it before you send it."
            )
            found = LastEvent(payload, event.timestamp_ms, origin)
    return found


def printed_event(message: str) -> Any:
    """The object that a line of output prints, as JSON or as Python writes it; None if there is none."""
    at = message.find("{")
    if at < 0 or len(message) > LONGEST:
        return None
    value = _value(message[at:])
    if isinstance(value, dict) and "message" in value and any(key in value for key in ("level", "timestamp")):
        value = _logged(value)
    return value if isinstance(value, dict) and value else None


def _value(text: str) -> Any:
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        pass
    try:  # only literals: nothing is run
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _logged(line: dict[str, Any]) -> Any:
    """What a structured line carries: an object as its message, or under a name of its own."""
    if isinstance(line["message"], dict):
        return line["message"]
    if isinstance(line["message"], str) and (inner := printed_event(line["message"])) is not None:
        return inner
    own = [value for key, value in line.items() if key not in _OWN and isinstance(value, dict)]
    return max(own, key=len, default=None)


def laid_out(payload: str) -> str:
    """JSON with lines and indents; other text as it is."""
    try:
        return json.dumps(json.loads(payload), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return payload
