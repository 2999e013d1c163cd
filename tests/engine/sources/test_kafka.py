"""Kafka topics as event sources, on the broker inside librdkafka: the real protocol on loopback."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.engine.deploying import until
from tests.engine.sources.feeding import Feed, unique

confluent_kafka = pytest.importorskip("confluent_kafka")
pytest.importorskip("aiokafka")


class Topic:
    """A topic on brokers that live as long as this object."""

    def __init__(self) -> None:
        self.producer: Any = confluent_kafka.Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "x"})
        (broker,) = self.producer.list_topics(timeout=10).brokers.values()
        self.brokers = f"{broker.host}:{broker.port}"
        self.name = unique("t")

    def put(self, *values: str, **more: Any) -> None:
        for value in values:
            self.producer.produce(self.name, value.encode(), partition=0, **more)
        assert self.producer.flush(10) == 0


@pytest.fixture
def topic() -> Topic:
    return Topic()


def follow(feed: Feed, topic: Topic, **more: Any) -> str:
    made = feed.client.create_event_source_mapping(
        FunctionName=feed.name,
        SelfManagedEventSource={"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": [topic.brokers]}},
        SourceAccessConfigurations=[{"Type": "VPC_SUBNET", "URI": "subnet:subnet-1"}],
        Topics=[topic.name],
        **more,
    )
    feed.reached(made["UUID"], "Enabled")
    return str(made["UUID"])


def values(feed: Feed, count: int) -> list[str]:
    """The values of all records so far, once there are so many."""

    def all_values() -> list[str]:
        parts = [records for event in feed.events for records in event["records"].values()]
        return [base64.b64decode(one["value"]).decode() for records in parts for one in records]

    until(lambda: len(all_values()) >= count, 30)
    return all_values()


def test_records_come_by_partition_and_are_committed(feed: Feed, topic: Topic) -> None:
    topic.put("a", key=b"k", headers=[("h", b"\x01\x02")])
    topic.put("b")
    uuid = follow(feed, topic, MaximumBatchingWindowInSeconds=0)
    assert values(feed, 2) == ["a", "b"]
    event = feed.events[0]
    assert event["eventSource"] == "SelfManagedKafka"
    assert event["bootstrapServers"] == topic.brokers
    record = event["records"][f"{topic.name}-0"][0]
    assert list(record) == [
        "topic",
        "partition",
        "offset",
        "timestamp",
        "timestampType",
        "key",
        "value",
        "headers",
    ]
    assert (record["topic"], record["partition"], record["offset"]) == (topic.name, 0, 0)
    assert (record["timestampType"], record["headers"]) == ("CREATE_TIME", [{"h": [1, 2]}])
    assert base64.b64decode(record["key"]) == b"k"
    feed.idle(uuid)
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=False)
    feed.reached(uuid, "Disabled")
    topic.put("c")
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert values(feed, 3) == ["a", "b", "c"]


def test_a_failing_batch_holds_up_its_partition(feed: Feed, topic: Topic) -> None:
    feed.fails()
    uuid = follow(feed, topic, BatchSize=1, MaximumBatchingWindowInSeconds=0)
    topic.put("a", "b")
    assert values(feed, 1) == ["a"]
    feed.idle(uuid)
    feed.works()
    feed.own.advance(0.5)
    assert values(feed, 3) == ["a", "a", "b"]
