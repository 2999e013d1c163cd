"""Kafka: one consumer of a group for a mapping, and a reader for every partition that the group gives it.

The client is aiokafka, which comes with the extra `kafka`; it is imported when the first such mapping begins.
How far a partition is done with is kept where Kafka keeps it, by the group, so that a restart goes on there.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import ssl
import time
from typing import Any

from lambdatui.engine.sources import kafka_failures
from lambdatui.engine.sources.kafka_access import Access, Unusable, access
from lambdatui.engine.sources.kafka_partition import PartitionReader
from lambdatui.engine.sources.poller import LONGEST_PAUSE_S, SHORTEST_PAUSE_S, Poller
from lambdatui.engine.store.deliveries import Delivery
from lambdatui.engine.triggers.errors import NeighbourError

logger = logging.getLogger(__name__)

MISSING = "Kafka needs a client that is not installed: pip install 'lambdatui[kafka]'"
NO_BROKERS = "Nothing names brokers of {arn}: neither GetBootstrapBrokers nor [kafka] in the config file."
UNPACED = "no poller's pace is kept: every partition is read at once, as fast as the function allows."
SESSION_MS = 6000  # the shortest that brokers allow: so long a killed engine holds its partitions
RETRY_MS = 500
DAY_MS = 24 * 3600 * 1000
"""A batch may run and be tried again for longer than Kafka's five minutes between two polls."""
LOOK_EVERY_S = 0.5
"""Real seconds between looks at which partitions the group gives us."""
CHECK_EVERY_S = 10.0
REQUEST_S = 10.0
_REFUSED = {
    "SaslAuthenticationFailed": "SASL authentication failed.",
    "AuthenticationFailedError": "SASL authentication failed.",
    "TopicAuthorizationFailedError": "Cluster failed to authorize Lambda.",
    "GroupAuthorizationFailedError": "Cluster failed to authorize Lambda.",
    "ClusterAuthorizationFailedError": "Cluster failed to authorize Lambda.",
}


class KafkaPoller(Poller):
    """One mapping of a topic, self-managed or MSK."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.brokers = ""
        """As events name them."""
        self.done: dict[str, int] = {}
        """The offset up to which each partition is done with, by topic-partition."""
        self._consumer: Any = None

    async def run(self) -> None:
        pause = SHORTEST_PAUSE_S
        while not self.stopping.is_set():
            try:
                await self._consume()
                return
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self._refused(error)
            self._retry.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._retry.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)

    def describe(self) -> dict[str, Any]:
        own = self.mapping.pollers
        pollers = {"minimum": own[0], "maximum": own[1], "now": None, "words": UNPACED} if own else None
        return {**super().describe(), "partitions": dict(self.done), "pollers": pollers}

    async def backlog(self) -> int | None:
        consumer = self._consumer
        if consumer is None:
            return None
        parts = sorted(consumer.assignment())
        ends = await consumer.end_offsets(parts)
        done = [await consumer.committed(part) or 0 for part in parts]
        return int(sum(max(0, ends[part] - at) for part, at in zip(parts, done, strict=True)))

    def tell_lag(self) -> None:
        """The metric of how much was written to the topic and is not done with."""
        if self._consumer is None:
            return
        lag = 0
        for part in self._consumer.assignment():
            at = self.done.get(f"{part.topic}-{part.partition}", 0)
            lag += max(0, (self._consumer.highwater(part) or 0) - at)
        self.world.metrics.add(self.mapping.function, "OffsetLag", lag, self.mapping.qualifier)

    async def produce(self, delivery: Delivery) -> None:
        """Send a failed record to another topic of the same brokers."""
        client = importlib.import_module("aiokafka")
        reach = await self._reach()
        brokers = await self._find_brokers(reach)
        async with asyncio.timeout(REQUEST_S):
            async with client.AIOKafkaProducer(bootstrap_servers=brokers, **reach.settings) as producer:
                topic = delivery.target.removeprefix("kafka://")
                await producer.send_and_wait(topic, delivery.body, key=kafka_failures.key_of(delivery))

    def _refused(self, error: Exception) -> None:
        """Say why nothing can be read, as AWS says it where it has words for it."""
        if isinstance(error, ImportError):
            sentence = MISSING
        elif isinstance(error.__cause__, ssl.SSLCertVerificationError):
            sentence = "Lambda failed to authenticate server."
        elif isinstance(error, NeighbourError):
            sentence = error.message or error.code
        else:
            sentence = _REFUSED.get(type(error).__name__) or str(error) or type(error).__name__
        self.trouble = sentence
        self.note(sentence)
        self.said(f"PROBLEM: {sentence}")

    # -- the cluster -----------------------------------------------------------------------------

    async def _reach(self) -> Access:
        return await access(self.mapping.document.get("SourceAccessConfigurations", []), self._secret)

    async def _secret(self, arn: str) -> str:
        where = self.mapping
        parts = arn.split(":")
        account, region = (parts[4], parts[3]) if len(parts) > 6 else (where.account, where.region)
        client = self.world.neighbours.client("secretsmanager", account, region)
        return str((await client.call("GetSecretValue", SecretId=arn)).get("SecretString", ""))

    async def _find_brokers(self, reach: Access) -> list[str]:
        if not self.mapping.arn:
            endpoints = self.mapping.document["SelfManagedEventSource"]["Endpoints"]
            return [broker for names in endpoints.values() for broker in names]
        kinds = [reach.kind] if reach.kind else ["", "Tls"]
        told: dict[str, Any] = {}
        with contextlib.suppress(NeighbourError):
            told = await self.client("kafka").call("GetBootstrapBrokers", ClusterArn=self.mapping.arn)
        found = [told[name] for kind in kinds if told.get(name := f"BootstrapBrokerString{kind}")]
        brokers = found[0] if found else self.world.kafka.get(self.mapping.arn)
        if not brokers:
            raise Unusable(NO_BROKERS.format(arn=self.mapping.arn))
        return str(brokers).split(",")

    def _group(self) -> str:
        kind = (
            "AmazonManagedKafkaEventSourceConfig" if self.mapping.arn else "SelfManagedKafkaEventSourceConfig"
        )
        return str(self.mapping.document.get(kind, {}).get("ConsumerGroupId") or self.mapping.uuid)

    # -- partitions ------------------------------------------------------------------------------

    async def _consume(self) -> None:
        client = importlib.import_module("aiokafka")
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers that are gone: ten lines a second
        reach = await self._reach()
        brokers = await self._find_brokers(reach)
        self.brokers = ",".join(brokers)
        consumer = client.AIOKafkaConsumer(
            *self.mapping.document["Topics"],
            bootstrap_servers=brokers,
            group_id=self._group(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 3,
            max_poll_interval_ms=DAY_MS,
            retry_backoff_ms=RETRY_MS,
            **reach.settings,
        )
        try:
            async with asyncio.timeout(REQUEST_S):
                await consumer.start()
            self._consumer, self.trouble = consumer, None
            await self._follow(consumer)
        finally:
            self._consumer = None
            await consumer.stop()

    async def _follow(self, consumer: Any) -> None:
        """Have a reader for every partition that the group gives us, for as long as it does."""
        readers: dict[Any, asyncio.Task[None]] = {}
        checked = time.monotonic()
        try:
            while not self.stopping.is_set():
                given = consumer.assignment()
                for part in [one for one in readers if one not in given or readers[one].done()]:
                    self.done.pop(f"{part.topic}-{part.partition}", None)
                    await self._end(readers.pop(part))
                for part in given - readers.keys():
                    await self._begin_at(consumer, part)
                    readers[part] = asyncio.create_task(PartitionReader(self, consumer, part).run())
                stopping = asyncio.create_task(self.stopping.wait())
                await asyncio.wait(
                    {stopping, *readers.values()},
                    timeout=LOOK_EVERY_S,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                stopping.cancel()
                if time.monotonic() > checked + CHECK_EVERY_S:  # the client itself says nothing
                    await asyncio.wait_for(consumer.topics(), REQUEST_S)
                    checked = time.monotonic()
            if readers:
                await asyncio.wait(readers.values())
        finally:
            for task in readers.values():
                task.cancel()
            await asyncio.gather(*readers.values(), return_exceptions=True)

    async def _end(self, task: asyncio.Task[None]) -> None:
        """A reader that failed, or whose partition went elsewhere: what is not committed is read again."""
        failed = task.exception() if task.done() and not task.cancelled() else None
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if failed is not None:
            logger.info("a partition of %s is read again: %s", self.mapping.uuid, failed)
            self.note(str(failed) or type(failed).__name__)

    async def _begin_at(self, consumer: Any, part: Any) -> None:
        """Go to what the group has committed; a group that has nothing yet commits where it begins, so that
        a restart does not pass over what came meanwhile."""
        at = await consumer.committed(part)
        if at is None:
            at = await self._first(consumer, part)
            await consumer.commit({part: at})
        consumer.seek(part, at)
        self.done[f"{part.topic}-{part.partition}"] = at

    async def _first(self, consumer: Any, part: Any) -> int:
        position = self.mapping.document.get("StartingPosition", "TRIM_HORIZON")
        if position == "AT_TIMESTAMP":
            since = int(float(self.mapping.document.get("StartingPositionTimestamp", 0)) * 1000)
            found = (await consumer.offsets_for_times({part: since}))[part]
            if found is not None:
                return int(found.offset)
        if position == "TRIM_HORIZON":
            return int((await consumer.beginning_offsets([part]))[part])
        return int((await consumer.end_offsets([part]))[part])
