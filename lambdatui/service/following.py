"""An asynchronous event after its 202: where it is, what each attempt came to, how it ended.

An engine is asked; on AWS the log is read, which tells of runs only, so the words say how sure they are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdatui.model import LogEvent, LogKind, Report
from lambdatui.service.errors import NotFound

if TYPE_CHECKING:
    from lambdatui.model.inspection import FollowedEvent
    from lambdatui.service.inspection import Inspection

LOOK_S = 5.0
RETRY_S = (60, 120)
"""After how long AWS tries again, about; the second time and later."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One event at one moment."""

    sentence: str
    next_in_s: float | None = None  # by the clock it waits by, at the moment it was asked
    pace: float = 1.0  # how fast that clock runs
    over: bool = False
    failed: bool = False  # the last attempt, or the event itself
    sure: bool = True  # False: only the log says so


async def follow(inspection: Inspection, request_id: str) -> AsyncIterator[Progress]:
    """What an engine tells of an event, each time it changes, to the end."""
    stamp = ""
    told: Progress | None = None
    while True:
        try:
            found = await inspection.event(request_id, since=stamp, wait_s=LOOK_S if stamp else 0.0)
        except NotFound:
            yield Progress("The engine does not know this event any more: it is over.", over=True)
            return
        stamp = found.stamp
        progress = progress_of(found)
        if progress != told:
            told = progress
            yield progress
        if progress.over:
            return


def progress_of(found: FollowedEvent) -> Progress:
    """The words for what an engine says."""
    from lambdatui.model.inspection import EventState  # which the first screen does without

    event, clock = found.event, found.clock
    kind = event.last_error.split(":", 1)[0] or "an error"
    if event.state is EventState.DONE:
        sent = f"; told {_targets(event.sent_to)}" if event.sent_to else ""
        tries = f" at attempt {event.attempts}" if event.attempts > 1 else ""
        return Progress(f"succeeded{tries}{sent}", over=True)
    if event.state is EventState.FAILED:
        last = f"attempt {event.attempts} failed: {kind}, " if event.last_error else ""
        targets = f"; went to {_targets(event.final_targets)}" if event.final_targets else "; nobody is told"
        return Progress(f"{last}given up: {event.condition}{targets}", over=True, failed=True)
    if event.state is EventState.RUNNING:
        return Progress(f"attempt {event.attempts + 1} of {event.of} runs")
    waits = max(0.0, event.next_due - clock.now) if event.next_due is not None else None
    if event.attempts:
        return Progress(
            f"attempt {event.attempts} of {event.of} failed: {kind}",
            next_in_s=waits,
            pace=clock.factor,
            failed=True,
        )
    if event.last_error:  # throttled, or no environment: no attempt was used up
        return Progress(f"put off: {kind}", next_in_s=waits, pace=clock.factor)
    return Progress("waits for its first attempt", next_in_s=waits or None, pace=clock.factor)


def _targets(arns: Iterable[str]) -> str:
    return ", ".join(arn.rsplit(":", 1)[-1] for arn in arns)


class LogTrail:
    """Reads the runs of one event from log lines, as far as they tell."""

    def __init__(self, request_id: str, *, retries: int | None = None) -> None:
        """``retries``: what the function's async settings allow; None when nobody could tell."""
        self._request_id = request_id
        self._retries = retries
        self._streams: dict[str, str] = {}
        self._error = ""
        self.attempts = 0

    def allow(self, retries: int) -> None:
        """The function's settings became known."""
        self._retries = retries

    def read(self, events: Iterable[LogEvent]) -> Progress | None:
        """What these lines add; None when nothing."""
        told = None
        for event in events:
            told = self._one(event) or told
        return told

    def _one(self, event: LogEvent) -> Progress | None:
        if event.kind is LogKind.START:
            self._streams[event.stream] = event.request_id
        if (event.request_id or self._streams.get(event.stream)) != self._request_id:
            return None
        if event.kind is LogKind.START:
            self.attempts += 1
            self._error = ""
            return Progress(f"attempt {self.attempts} runs, by its log", sure=False)
        if event.kind is LogKind.OUTPUT and not self._error:
            self._error = error_of(event)
        if event.kind is LogKind.REPORT and event.report is not None:
            return self._ended(event.report)
        return None

    def _ended(self, report: Report) -> Progress:
        self.attempts = max(1, self.attempts)
        failed = report.status or self._error
        if not failed:
            return Progress("ran without an error that its log shows", over=True, sure=False)
        kind = report.error_type or self._error or report.status
        if self._retries is not None and self.attempts > self._retries:
            said = f"attempt {self.attempts} failed: {kind}; no attempt is left by its settings"
            return Progress(said, over=True, failed=True, sure=False)
        wait_s = RETRY_S[min(self.attempts, len(RETRY_S)) - 1]
        said = f"attempt {self.attempts} failed: {kind}; AWS usually tries again {wait_s} s later"
        return Progress(said, failed=True, sure=False)


def error_of(event: LogEvent) -> str:
    """The type of the error that a line tells of, when Lambda's runtimes wrote it; else empty."""
    head, _, rest = event.message.partition("[ERROR] ")
    if not head and rest and "\t" not in rest.split(":", 1)[0]:
        return rest.split(":", 1)[0].strip()
    if "\tInvoke Error\t" in event.message:
        return (
            event.message.split('"errorType":"', 1)[-1].split('"', 1)[0]
            if "errorType" in event.message
            else "Error"
        )
    if "Task timed out after" in event.message:
        return "timeout"
    return ""
