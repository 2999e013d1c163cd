"""Topics for tests, on the broker inside librdkafka: the real protocol on loopback."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.engine.deploying import unique, until
from tests.engine.sources.feeding import Feed

confluent_kafka = pytest.importorskip("confluent_kafka")
pytest.importorskip("aiokafka")

PARTITIONS = 4  # of every topic on such a broker
AT_ONCE = {"MaximumBatchingWindowInSeconds": 0}
WHOLE = {"MaximumBatchingWindowInSeconds": 5}  # a full batch goes at once, one that is not full waits


class Topic:
    """A topic on brokers that live as long as this object."""

    def __init__(self) -> None:
        settings = {"test.mock.num.brokers": 1, "bootstrap.servers": "x", "message.max.bytes": 9_000_000}
        self.producer: Any = confluent_kafka.Producer(settings)
        (broker,) = self.producer.list_topics(timeout=10).brokers.values()
        self.brokers = f"{broker.host}:{broker.port}"
        self.name = unique("t")

    def put(self, *values: str, partition: int = 0, **more: Any) -> None:
        for value in values:
            self.producer.produce(self.name, value.encode(), partition=partition, **more)
        assert self.producer.flush(10) == 0

    def read(self, topic: str) -> Any:
        """The first message of another topic here, once it is there."""
        consumer = confluent_kafka.Consumer(
            {"bootstrap.servers": self.brokers, "group.id": unique("g"), "auto.offset.reset": "earliest"}
        )
        consumer.subscribe([topic])
        try:
            for _ in range(30):
                message = consumer.poll(1)
                if message is not None and not message.error():
                    return message
        finally:
            consumer.close()
        raise AssertionError(f"nothing came to {topic}")


def follow(feed: Feed, topic: Topic, **more: Any) -> str:
    """A mapping of a topic, once it reads its partitions."""
    source = {
        "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": [topic.brokers]}},
        "SourceAccessConfigurations": [{"Type": "VPC_SUBNET", "URI": "subnet:subnet-1"}],
    }
    if "EventSourceArn" in more:
        source = {}
    made = feed.client.create_event_source_mapping(
        FunctionName=feed.name, Topics=[topic.name], **source, **more
    )
    feed.reached(made["UUID"], "Enabled")
    reads(feed, made["UUID"])
    return str(made["UUID"])


def reads(feed: Feed, uuid: str) -> None:
    """Wait until it reads from every partition: each goes to its place by itself, in no order."""
    until(lambda: len((feed.source(uuid)["poller"] or {}).get("partitions", ())) == PARTITIONS, 30)


def again(feed: Feed, uuid: str, **change: Any) -> None:
    """Change a mapping, and wait until it reads again."""
    feed.client.update_event_source_mapping(UUID=uuid, **change)
    feed.reached(uuid, "Enabled")
    reads(feed, uuid)


def of_event(event: dict[str, Any]) -> list[str]:
    parts = event["records"].values()
    return [base64.b64decode(one["value"]).decode() for records in parts for one in records]


def batches(feed: Feed, runs: int) -> list[list[str]]:
    """The values that each run was given, once there were so many."""
    until(lambda: len(feed.events) >= runs, 30)
    return [of_event(event) for event in feed.events]


def batches_after(feed: Feed, runs: int, window_s: float) -> list[list[str]]:
    """The values that each run was given, once so many windows are over: a window begins when its first
    record was read, which nothing shows."""

    def over() -> bool:
        feed.own.advance(window_s)
        return len(feed.events) >= runs

    until(over, 30)
    return batches(feed, runs)


def values(feed: Feed, count: int) -> list[str]:
    """The values of all records so far, once there are so many."""
    until(lambda: sum(len(of_event(event)) for event in feed.events) >= count, 30)
    return [value for event in feed.events for value in of_event(event)]
