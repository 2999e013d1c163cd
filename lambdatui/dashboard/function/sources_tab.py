"""From which queues and streams does Lambda fetch for this function, and how does it go?"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from lambdatui.dashboard.dialogs.batch import batch_dialog, number
from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.function.naming import qualifier_of, short_arn
from lambdatui.dashboard.function.tab import ListTab
from lambdatui.dashboard.keys import bindings
from lambdatui.dashboard.widgets.columns import Cell, Column
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.words import count
from lambdatui.model import EventSource


class SourcesTab(ListTab[EventSource]):
    """Event source mappings."""

    NAME, TITLE = "sources", "Event sources"
    EMPTY = "No event sources. <add> lets Lambda fetch from a queue or stream for this function."
    EMPTY_READ_ONLY = "No event sources."
    FILTER = "source, state or result"
    CHANGES = frozenset({"add", "remove", "stop_start"})
    BINDINGS: ClassVar = bindings("add", "remove", "stop-start")

    def columns(self) -> Sequence[Column[EventSource]]:
        return [
            Column("source", "source", _source, min_width=18, weight=2, clip="middle"),
            Column("state", "state", _state, width=12),
            Column("to", "to", _to, min_width=8, max_width=16, priority=2),
            Column("batch", "batch", _batch, width=6, align="right"),
            Column("window", "window", lambda s: f"{s.window_s} s", width=6, align="right", priority=3),
            Column("last", "last result", _last, min_width=14, weight=2, priority=1),
        ]

    def key(self, row: EventSource) -> Hashable:
        return row.id

    async def fetch(self) -> list[EventSource]:
        return await self.subject.service.sources.list(self.subject.name)

    @property
    def unsettled(self) -> bool:
        return any(row.state not in ("Enabled", "Disabled") for row in self.table.rows)

    def about(self) -> str:
        row = self.chosen
        if row is None:
            return ""
        parts = [row.id]
        if row.filters:
            parts.append(count(row.filters, "filter"))
        if row.on_failure:
            parts.append(f"failures to {short_arn(row.on_failure)}")
        return " · ".join(parts)

    def copied(self) -> tuple[str, str]:
        row = self.chosen
        return ("", "") if row is None else (row.source, "the ARN of the source")

    # -- changing -----------------------------------------------------------------------------

    def action_stop_start(self) -> None:
        """Let the chosen source fetch, or stop it."""
        row = self.chosen
        if row is None:
            return
        on = not row.enabled

        async def job() -> str:
            await self.subject.service.sources.enable(row.id, on)
            return f"{short_arn(row.source)} is {'enabled' if on else 'disabled'}."

        self.work(job)

    def change(self, row: EventSource) -> None:
        sources = self.subject.service.sources
        self.open_dialog(batch_dialog(sources, row.id, row.source, row.batch_size, row.window_s))

    def action_add(self) -> None:
        """Fetch from another queue or stream."""

        async def submit(values: Mapping[str, str]) -> str:
            if not values["source"].startswith("arn:"):
                raise FieldError("source", "Give the ARN of a queue or stream.")
            size = number(values, "size", 1, 10_000) if values["size"] else None
            add = self.subject.service.sources.add
            made = await add(self.subject.name, values["source"], batch_size=size)
            return f"Lambda fetches from {short_arn(made.source)}."

        fields = (
            Field("source", "Source", hint="ARN of an SQS queue, Kinesis or DynamoDB stream"),
            Field("size", "Batch size", hint="nothing: Lambda's default"),
        )
        self.open_dialog(Dialog("Add an event source", submit, fields=fields, verb="Add"))

    def action_remove(self) -> None:
        """Delete the chosen mapping."""
        row = self.chosen
        if row is None:
            return

        async def submit(_: Mapping[str, str]) -> str:
            await self.subject.service.sources.remove(row.id)
            return f"Lambda no longer fetches from {short_arn(row.source)}."

        text = (
            f"Stop fetching from {short_arn(row.source)} for {self.subject.name} for good?"
            " The queue or stream stays, and so does what is in it."
        )
        self.open_dialog(Dialog("Delete event source", submit, text=text, verb="Delete", danger=True))


def _source(row: EventSource) -> Cell:
    return short_arn(row.source), "strong"


def _to(row: EventSource) -> Cell:
    return qualifier_of(row.function) or "$LATEST", "muted"


def _batch(row: EventSource) -> Cell:
    return "" if row.batch_size is None else str(row.batch_size)


def _state(row: EventSource) -> Cell:
    if row.state == "Enabled":
        return f"{SIGNS.active} Enabled", "ok"
    if row.state == "Disabled":
        return f"{SIGNS.pending} Disabled", "muted"
    return f"{SIGNS.pending} {row.state}", "wait"


def _last(row: EventSource) -> Cell:
    text = row.last_result or row.reason
    if text == "USER_INITIATED":
        return "", ""
    wrong = "PROBLEM" in text.upper() or "error" in text.lower()
    return text, "fail" if wrong else "muted"
