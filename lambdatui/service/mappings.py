"""Event source mappings: what Lambda fetches from queues and streams for a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdatui.model.attachments import EventSource
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection


class EventSources:
    """The EventSourceMapping operations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, name: str) -> list[EventSource]:
        """The mappings of a function, its versions and aliases."""
        return [
            _source(raw)
            async for page in self._connection.pages(
                "lambda", "list_event_source_mappings", FunctionName=name
            )
            for raw in page.get("EventSourceMappings", ())
        ]

    async def add(self, name: str, source: str, *, batch_size: int | None = None) -> EventSource:
        """Fetch from a queue or stream from now on; a stream from its newest record."""
        params: dict[str, Any] = {"EventSourceArn": source, "FunctionName": name}
        if batch_size is not None:
            params["BatchSize"] = batch_size
        if ":sqs:" not in source:
            params["StartingPosition"] = "LATEST"
        return _source(await self._connection.call("lambda", "create_event_source_mapping", **params))

    async def enable(self, id: str, on: bool) -> EventSource:  # noqa: A002 - Lambda's own name for it
        """Let it fetch, or stop it."""
        raw = await self._connection.call("lambda", "update_event_source_mapping", UUID=id, Enabled=on)
        return _source(raw)

    async def set_batch(self, id: str, size: int, window_s: int) -> EventSource:  # noqa: A002
        """How many records make a batch, and how long one is collected."""
        return _source(
            await self._connection.call(
                "lambda",
                "update_event_source_mapping",
                UUID=id,
                BatchSize=size,
                MaximumBatchingWindowInSeconds=window_s,
            )
        )

    async def set_filters(self, id: str, patterns: Sequence[str]) -> EventSource:  # noqa: A002
        """Let only records through that one of these patterns holds for; all, when there is none."""
        criteria = {"Filters": [{"Pattern": one} for one in patterns]} if patterns else {}
        raw = await self._connection.call(
            "lambda", "update_event_source_mapping", UUID=id, FilterCriteria=criteria
        )
        return _source(raw)

    async def remove(self, id: str) -> None:  # noqa: A002
        """Delete a mapping; its queue or stream stays."""
        await self._connection.call("lambda", "delete_event_source_mapping", UUID=id)


def _source(raw: Mapping[str, Any]) -> EventSource:
    own = (raw.get("SelfManagedEventSource") or {}).get("Endpoints") or {}
    brokers = ",".join(own.get("KAFKA_BOOTSTRAP_SERVERS", ()))
    failure = ((raw.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination", "")
    return EventSource(
        id=clean_line(raw["UUID"]),
        source=clean_line(raw.get("EventSourceArn") or brokers),
        function=clean_line(raw.get("FunctionArn", "")),
        state=clean_line(raw.get("State", "")),
        reason=clean_line(raw.get("StateTransitionReason", "")),
        batch_size=raw.get("BatchSize"),
        window_s=int(raw.get("MaximumBatchingWindowInSeconds") or 0),
        last_result=clean_line(raw.get("LastProcessingResult") or ""),
        filters=len((raw.get("FilterCriteria") or {}).get("Filters") or ()),
        on_failure=clean_line(failure),
        modified=raw.get("LastModified"),
    )
