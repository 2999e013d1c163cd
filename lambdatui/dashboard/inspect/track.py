"""An asynchronous event as words and as a small track. No widget."""

from __future__ import annotations

from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.model.inspection import EventState, Flow, QueuedEvent

NOT_RUN = ("throttle", "system error")
"""Outcomes that use up no attempt."""


def seconds_text(seconds: float) -> str:
    """A wait in whole units: 42 s, 2 min, 6 h."""
    seconds = max(0.0, seconds)
    if seconds <= 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def next_try(event: QueuedEvent, now: float, paused: frozenset[str] = frozenset()) -> Span:
    """When it is attempted next, as a countdown; or that it runs, waits for somebody, or is over."""
    if event.state is EventState.RUNNING:
        return "running", "ok"
    if event.next_due is None:
        return ("done", "muted") if event.state is EventState.DONE else ("given up", "fail")
    if event.function in paused:
        return "paused", "wait"
    left = event.next_due - now
    return (f"in {left:.0f} s", "wait") if left >= 0.5 else ("now", "wait")


def attempts(event: QueuedEvent) -> str:
    """Which attempt of how many."""
    return f"{max(1, event.attempt)} of {event.of}"


def target_text(arn: str) -> str:
    """An ARN as service and name."""
    parts = arn.split(":")
    return f"{parts[2]} {':'.join(parts[6:]) or parts[5]}" if len(parts) > 5 else arn


def final(event: QueuedEvent) -> Span:
    """Where its end went, or will go if it fails for good."""
    targets = event.final_targets
    if not targets:
        return "nowhere", "muted"
    sent = bool(event.sent_to)
    return f"{SIGNS.closed} " + ", ".join(map(target_text, targets)), "" if sent else "muted"


def track(event: QueuedEvent, now: float, *, brief: bool = False) -> list[Span]:
    """``accepted ● ─ try 1 ✗ ─ 60 s ─ try 2 ✗ ─ 120 s ◌ … ▸ sqs orders-dlq``"""
    line: Span = (" " if brief else " ─ ", "faint")
    spans: list[Span] = [("", "") if brief else ("accepted ", "muted"), (SIGNS.active, "muted")]
    tries = 0
    for one in event.history:
        ran = one.outcome not in NOT_RUN
        tries += ran
        name = "" if brief else f"try {tries} " if ran else f"{one.outcome} "
        spans += [line, (name, "muted"), (SIGNS.failed if ran else SIGNS.warning, "fail" if ran else "wait")]
        if one.next_at is not None:
            spans += [line, (seconds_text(one.next_at - one.at), "muted")]
    if event.state is EventState.RUNNING:
        spans += [line, ("" if brief else f"try {tries + 1} ", "muted"), (SIGNS.run_start, "ok")]
    elif event.state is EventState.WAITING:
        spans += [line, (SIGNS.pending, "wait"), (f" {SIGNS.ellipsis}", "muted")]
    elif event.state is EventState.DONE:
        spans += [line, ("" if brief else f"try {tries + 1} ", "muted"), (SIGNS.ok, "ok")]
    if event.final_targets and not brief:
        spans += [(" ", ""), final(event)]
    return spans


def flow_lines(flow: Flow, *, wide: bool) -> list[list[Span]]:
    """accepted → running → retried → destination or DLQ, with counts."""
    arrow: Span = (f" ─{SIGNS.closed} " if wide else f" {SIGNS.closed} ", "faint")

    def box(word: str, number: int, tone: str) -> list[Span]:
        return [(f"{word} ", "muted"), (f"{number:,}", f"strong {tone}".strip() if number else "faint")]

    forth = [
        *box("accepted", flow.accepted, ""),
        arrow,
        *box("waiting", flow.waiting, "wait"),
        arrow,
        *box("running", flow.running, "ok"),
        arrow,
        *box("done", flow.done, "ok"),
        arrow,
        *box("destination", flow.destination, ""),
    ]
    back = [
        *box("retried", flow.retrying, "wait"),
        arrow,
        *box("given up", flow.failed, "fail"),
        arrow,
        *box("dlq", flow.dlq, ""),
        (f" {SIGNS.dot} ", "faint"),
        *box("not delivered", flow.undelivered, "fail"),
    ]
    return [forth, back]
