"""Kafka: one consumer of a group, batches by partition, offsets committed when their batch is done with.

The client is aiokafka, which comes with the extra `kafka`; it is imported when the first such mapping begins.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib
from collections.abc import Mapping as Members
from collections.abc import Sequence
from typing import Any

import orjson

from lambdatui.engine.sources import verdict
from lambdatui.engine.sources.mapping import PAYLOAD_LIMIT
from lambdatui.engine.sources.poller import LONGEST_PAUSE_S, SHORTEST_PAUSE_S, Poller
from lambdatui.engine.wire.errors import ApiError

MISSING = "Kafka needs a client that is not installed: pip install 'lambdatui[kafka]'"
POLL_MS = 1000
DEFAULT_WINDOW_S = 0.5
FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S = 0.5, 60.0
ENVELOPE = 2048
_TYPES = {0: "CREATE_TIME", 1: "LOG_APPEND_TIME"}
_START = {"LATEST": "latest"}


class KafkaPoller(Poller):
    """One mapping of a topic, self-managed or MSK."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._consumer: Any = None
        self._brokers: list[str] = []

    async def run(self) -> None:
        pause = SHORTEST_PAUSE_S
        while not self.stopping.is_set():
            try:
                await self._consume()
                return
            except asyncio.CancelledError:
                raise
            except ImportError:
                self._trouble(MISSING)
            except Exception as error:
                self._trouble(str(error) or type(error).__name__)
            self._retry.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._retry.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def backlog(self) -> int | None:
        consumer = self._consumer
        if consumer is None:
            return None
        parts = sorted(consumer.assignment())
        ends = await consumer.end_offsets(parts)
        return int(sum([max(0, ends[part] - await consumer.position(part)) for part in parts]))

    def _trouble(self, sentence: str) -> None:
        self.trouble = sentence
        self.note(sentence)
        self.said(f"PROBLEM: {sentence}")

    # -- reading ---------------------------------------------------------------------------------

    async def _consume(self) -> None:
        client = importlib.import_module("aiokafka")
        self._brokers = await self._find_brokers()
        consumer = client.AIOKafkaConsumer(
            *self.mapping.document["Topics"],
            bootstrap_servers=self._brokers,
            group_id=self._group(),
            enable_auto_commit=False,
            auto_offset_reset=_START.get(self.mapping.document.get("StartingPosition", ""), "earliest"),
        )
        await consumer.start()
        self._consumer, self.trouble = consumer, None
        try:
            while not self.stopping.is_set():
                await self._step(consumer)
        finally:
            self._consumer = None
            await consumer.stop()

    async def _step(self, consumer: Any) -> None:
        """One read, and everything that comes of it: partitions side by side, each in order."""
        size = self.mapping.batch_size
        found = await consumer.getmany(timeout_ms=POLL_MS, max_records=size)
        if not found:
            return
        found = {part: list(records) for part, records in found.items()}
        await self._wait_for_more(consumer, found)
        await asyncio.gather(*(self._settle(consumer, part, records) for part, records in found.items()))

    async def _wait_for_more(self, consumer: Any, found: dict[Any, list[Any]]) -> None:
        """Until the window is over, on the engine's clock, or a batch is full."""
        if self.mapping.document.get("MaximumBatchingWindowInSeconds") is None:
            return  # half a second by default, which the broker's own wait makes good for
        until = self.clock.now() + self.mapping.window_s
        while self.clock.now() < until and not self.stopping.is_set():
            room = self.mapping.batch_size - max(len(records) for records in found.values())
            if room <= 0:
                return
            for part, records in (await consumer.getmany(timeout_ms=100, max_records=room)).items():
                found.setdefault(part, []).extend(records)

    async def _find_brokers(self) -> list[str]:
        if not self.mapping.arn:
            endpoints = self.mapping.document["SelfManagedEventSource"]["Endpoints"]
            return [broker for names in endpoints.values() for broker in names]
        told = await self.client("kafka").call("GetBootstrapBrokers", ClusterArn=self.mapping.arn)
        brokers = told.get("BootstrapBrokerString") or told.get("BootstrapBrokerStringTls") or ""
        if not brokers:
            raise LookupError("The cluster names no brokers.")
        return str(brokers).split(",")

    def _group(self) -> str:
        kind = (
            "AmazonManagedKafkaEventSourceConfig" if self.mapping.arn else "SelfManagedKafkaEventSourceConfig"
        )
        return str(self.mapping.document.get(kind, {}).get("ConsumerGroupId") or self.mapping.uuid)

    # -- running ---------------------------------------------------------------------------------

    async def _settle(self, consumer: Any, part: Any, records: Sequence[Any]) -> None:
        """Run the records of one partition, batch by batch; the partition waits for a batch that fails."""
        self.world.activity.begin()
        try:
            await self._settle_all(consumer, part, records)
        finally:
            self.world.activity.end()

    async def _settle_all(self, consumer: Any, part: Any, records: Sequence[Any]) -> None:
        self.counts.polled += len(records)
        shown = [(one, _record(one)) for one in records]
        passing = [pair for pair in shown if self.mapping.filters.accepts(pair[1])]
        self.counts.filtered_out += len(records) - len(passing)
        rest = passing
        while rest:
            cut = self._fitting(rest)
            if not await self._run(part, rest[:cut]):
                return
            await consumer.commit({part: rest[cut - 1][0].offset + 1})
            rest = rest[cut:]
        await consumer.commit({part: records[-1].offset + 1})
        self.said("OK")

    def _fitting(self, rest: Sequence[tuple[Any, dict[str, Any]]]) -> int:
        size = ENVELOPE
        for number, (_, shown) in enumerate(rest[: self.mapping.batch_size]):
            size += len(orjson.dumps(shown)) + 1
            if size > PAYLOAD_LIMIT and number:
                return number
        return min(len(rest), self.mapping.batch_size)

    async def _run(self, part: Any, batch: Sequence[tuple[Any, dict[str, Any]]]) -> bool:
        """Until the batch went well, or was tried as often as it may be; False if the mapping stops before.

        No failure record of Kafka is known to the letter: with an on-failure destination it keeps trying.
        """
        retries = -1 if self.mapping.on_failure else self.mapping.number("MaximumRetryAttempts", -1)
        tries, back_off = 0, FIRST_BACK_OFF_S
        self.counts.records_in_flight += len(batch)
        try:
            while not self.stopping.is_set():
                outcome = await self.invoke(self._event(part, [shown for _, shown in batch]))
                if not isinstance(outcome, ApiError):
                    tries += 1
                    good = outcome.function_error is None
                    if good and self.mapping.partial:
                        known = {f"{part.topic}-{part.partition}-{one.offset}" for one, _ in batch}
                        good = verdict.failures(outcome.payload, known) == set()
                    if good:
                        return True
                    self.said("PROBLEM: Function call failed")
                    if 0 <= retries < tries:
                        self.counts.dropped += len(batch)
                        self.note(f"{len(batch)} records were given up after {tries} runs.")
                        return True
                await self._pause(back_off)
                back_off = min(back_off * 2, LONGEST_BACK_OFF_S)
            return False
        finally:
            self.counts.records_in_flight -= len(batch)

    async def _pause(self, seconds: float) -> None:
        self.world.activity.end()
        waits = [
            asyncio.create_task(self.clock.sleep(seconds)),
            asyncio.create_task(self.stopping.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.world.activity.begin()
            for wait in waits:
                wait.cancel()

    def _event(self, part: Any, records: Sequence[Members[str, Any]]) -> bytes:
        head: dict[str, Any] = {"eventSource": "SelfManagedKafka"}
        if self.mapping.arn:
            head = {"eventSource": "aws:kafka", "eventSourceArn": self.mapping.arn}
        head["bootstrapServers"] = ",".join(self._brokers)
        head["records"] = {f"{part.topic}-{part.partition}": records}
        return orjson.dumps(head)


def _record(one: Any) -> dict[str, Any]:
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
    return {**shown, "headers": [{name: list(content or b"")} for name, content in one.headers]}
