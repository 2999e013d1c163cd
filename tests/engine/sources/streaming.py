"""Streams for tests, and the mappings on them."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.engine.deploying import unique, until
from tests.engine.sources.feeding import Feed


class Stream:
    """One Kinesis stream."""

    def __init__(self, feed: Feed, shards: int = 1) -> None:
        self.feed = feed
        self.client = feed.engine.client("kinesis")
        self.name = unique("s")
        self.client.create_stream(StreamName=self.name, ShardCount=shards)
        self.client.get_waiter("stream_exists").wait(
            StreamName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
        )
        told = self.client.describe_stream_summary(StreamName=self.name)["StreamDescriptionSummary"]
        self.arn: str = told["StreamARN"]

    def put(self, *values: str, key: str = "k") -> list[str]:
        """Records, one by one; their sequence numbers."""
        return [
            self.client.put_record(StreamName=self.name, Data=value.encode(), PartitionKey=key)[
                "SequenceNumber"
            ]
            for value in values
        ]

    def map(self, start: str = "TRIM_HORIZON", **more: Any) -> str:
        """A mapping, once it reads every shard."""
        uuid = self.feed.map(self.arn, StartingPosition=start, **more)
        reads(self.feed, uuid)
        return uuid

    def values(self, count: int) -> list[str]:
        """The data of all records so far, once there are so many."""
        return [data(record) for record in self.feed.records(count)]


def reads(feed: Feed, uuid: str) -> None:
    """Wait until a mapping reads its shards, from a place that it will not forget."""

    def begun() -> bool:
        shards = (feed.source(uuid)["poller"] or {}).get("shards", {})
        positions = [one["position"] for one in shards.values()]
        return bool(positions) and all("iterator" in one for one in positions if one.get("from") == "LATEST")

    until(begun)


def data(record: dict[str, Any]) -> str:
    return base64.b64decode(record["kinesis"]["data"]).decode()


def batches(feed: Feed, runs: int) -> list[list[str]]:
    """What each run was given, once there were so many."""
    return [[data(record) for record in event["Records"]] for event in feed.got(runs)]


def sent(feed: Feed, url: str, count: int = 1) -> list[dict[str, Any]]:
    """The bodies of the messages in a queue, once there are so many."""
    until(lambda: feed.left(url) >= count)
    return [json.loads(message["Body"]) for message in feed.receive(url)]
