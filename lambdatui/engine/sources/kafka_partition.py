"""One partition of a topic: read batch by batch, and committed as far as its records are done with."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.context import new_request_id
from lambdatui.engine.sources import kafka_failures
from lambdatui.engine.sources.batch import Batches, Stopped
from lambdatui.engine.sources.failures import TOO_LARGE, Failure
from lambdatui.engine.sources.mapping import PAYLOAD_LIMIT
from lambdatui.engine.sources.stream_sources import Record
from lambdatui.engine.store import deliveries
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.deliveries import Delivery

if TYPE_CHECKING:
    from lambdatui.engine.sources.kafka import KafkaPoller

POLL_MS = 1000
DEFAULT_WINDOW_S = 0.5
ENVELOPE = 2048  # bytes of an event that are no records
MOST_RETRIES = 10
"""Of a batch whose failure can be told, where as many as it takes were asked for."""
_TYPES = {0: "CREATE_TIME", 1: "LOG_APPEND_TIME"}


class PartitionReader:
    """Runs what comes in one partition, in order, until it is cancelled or the mapping stopped."""

    tumbling = None

    def __init__(self, poller: KafkaPoller, consumer: Any, part: Any) -> None:
        self.poller = poller
        self.mapping = poller.mapping
        self._consumer = consumer
        self._part = part
        self._name = f"{part.topic}-{part.partition}"
        self._window_s = float(self.mapping.document.get("MaximumBatchingWindowInSeconds", DEFAULT_WINDOW_S))
        self._batches = Batches(self)

    @property
    def shard(self) -> str:
        return self._name

    @property
    def horizon(self) -> float:
        """Unknown: a broker does not say how long it keeps a record."""
        return 0.0

    @property
    def retries(self) -> int:
        asked = self.mapping.number("MaximumRetryAttempts", -1)
        return MOST_RETRIES if asked < 0 and self.mapping.on_failure else asked

    async def run(self) -> None:
        with contextlib.suppress(Stopped):
            while not self.poller.stopping.is_set():
                if records := await self._gather():
                    await self._settle(records)

    # -- reading ---------------------------------------------------------------------------------

    async def _gather(self) -> list[Any]:
        """Records for a batch: as many as it holds, or as came within its window on the engine's clock."""
        size, held = self.mapping.batch_size, list[Any]()
        over, timer = asyncio.Event(), None
        try:
            while len(held) < size and not over.is_set() and not self.poller.stopping.is_set():
                held += await self._more(size - len(held), over)
                if held and timer is None:
                    timer = self.poller.clock.call_later(self._window_s, over.set)
                    await asyncio.sleep(0)  # no window is over at once
        finally:
            if timer is not None:
                timer.cancel()
        return [] if self.poller.stopping.is_set() else held

    async def _more(self, most: int, over: asyncio.Event) -> list[Any]:
        """What comes within a second, unless the window is over before."""
        asking = asyncio.ensure_future(
            self._consumer.getmany(self._part, timeout_ms=POLL_MS, max_records=most)
        )
        waiting = asyncio.ensure_future(over.wait())
        try:
            await asyncio.wait({asking, waiting}, return_when=asyncio.FIRST_COMPLETED)
            return list(asking.result().get(self._part, ())) if asking.done() else []
        finally:
            waiting.cancel()
            asking.cancel()

    async def _settle(self, records: Sequence[Any]) -> None:
        """Run what passes the filters, batch by batch; commit everything once it is done."""
        self.poller.count(polled=len(records))
        shown = [_record(one) for one in records]
        self.poller.saw((one.shown, one.body) for one in shown)
        rest = [one for one in shown if self.mapping.filters.accepts(one.shown)]
        self.poller.count(filtered_out=len(records) - len(rest))
        while rest:
            cut = self._fitting(rest)
            if cut:
                await self._batches.settle(rest[:cut])
            else:
                cut = 1
                await self._batches.give_up(rest[:1], Failure(TOO_LARGE, new_request_id(), 0, None))
            rest = rest[cut:]
        await self._commit(records[-1].offset)
        self.poller.tell_lag()
        self.poller.said("OK")

    def _fitting(self, rest: Sequence[Record]) -> int:
        """How many of the first records make one event; none if the first is too large for any."""
        size = ENVELOPE
        for number, one in enumerate(rest[: self.mapping.batch_size]):
            size += len(one.body) + 1
            if size > PAYLOAD_LIMIT:
                return number
        return min(len(rest), self.mapping.batch_size)

    # -- batches ---------------------------------------------------------------------------------

    def begins(self, batch: Sequence[Record]) -> None:
        """Lambda measures how many of Kafka's records wait, not how old they are."""
        self.poller.tell_lag()

    def event(self, batch: Sequence[Record]) -> bytes:
        head: dict[str, Any] = {"eventSource": "SelfManagedKafka"}
        if self.mapping.arn:
            head = {"eventSource": "aws:kafka", "eventSourceArn": self.mapping.arn}
        head["bootstrapServers"] = self.poller.brokers
        head["records"] = {self._name: [one.shown for one in batch]}
        return orjson.dumps(head)

    def window(self, *, final: bool, early: bool) -> bytes:
        raise NotImplementedError("Kafka has no tumbling windows")

    def failed(self, payload: bytes, batch: Sequence[Record]) -> set[str] | None:
        return self.poller.failures(payload, [one.sequence for one in batch], _named)

    def told(self, batch: Sequence[Record], failure: Failure, event: bytes, now: float) -> Sequence[Delivery]:
        return kafka_failures.deliveries(self.mapping, self.poller.brokers, batch, failure, event, now)

    async def done(self, records: Sequence[Record], messages: Sequence[Delivery] = ()) -> None:
        """Records are done with, well or badly; what is sent about them is kept before that is committed."""
        if messages:
            await self._keep(messages)
        await self._commit(records[-1].shown["offset"])

    async def keep(self) -> None:
        """There is no window to keep."""

    async def _keep(self, messages: Sequence[Delivery]) -> None:
        def change(conn: Connection) -> None:
            for one in messages:
                deliveries.insert(conn, one)

        await self.poller.world.store.write(change)
        for one in messages:
            self.poller.world.outbox.wake(one.service)

    async def _commit(self, offset: int) -> None:
        """Tell the group, unless the last batch has done so."""
        if self.poller.done.get(self._name) != offset + 1:
            await self._consumer.commit({self._part: offset + 1})
            self.poller.done[self._name] = offset + 1


def _named(identifier: Any) -> Any:
    """AWS names a record by its partition and offset; frameworks join them to a text."""
    if isinstance(identifier, dict):
        return f"{identifier.get('partition')}-{identifier.get('offset')}"
    return identifier


def _record(one: Any) -> Record:
    """A record as functions get it."""
    shown: dict[str, Any] = {
        "topic": one.topic,
        "partition": one.partition,
        "offset": one.offset,
        "timestamp": one.timestamp,
        "timestampType": _TYPES.get(one.timestamp_type, "CREATE_TIME"),
    }
    for name in ("key", "value"):
        content = getattr(one, name)
        if content is not None:
            shown[name] = base64.b64encode(content).decode()
    shown["headers"] = [{name: list(content or b"")} for name, content in one.headers]
    sequence = f"{one.topic}-{one.partition}-{one.offset}"
    return Record(sequence, one.topic, one.timestamp / 1000, shown, orjson.dumps(shown))
