"""Streams of AWS's own: records that expire, iterators that are trimmed, items whose time to live is over."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import until
from tests.engine.own import OwnApi
from tests.engine.sources.conftest import MANUAL
from tests.engine.sources.feeding import Feed
from tests.engine.sources.streaming import data
from tests.engine.sources.stub import Answer, Stub

Engines = Callable[..., EngineProcess]
TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000"
STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
SHARD = "shardId-00000001400000000000-00000001"
HOUR_S = 3600


class Source:
    """One shard; iterators are numbers of records in it."""

    def __init__(self, *records: dict[str, Any]) -> None:
        self.records = list(records)
        self.trimmed = 0
        """How many of the first records are gone."""

    def describe_stream(self, body: dict[str, Any]) -> Answer:
        shards = [{"ShardId": SHARD, "SequenceNumberRange": {"StartingSequenceNumber": f"{1:021}"}}]
        made = {"StreamArn": TABLE, "StreamStatus": "ENABLED", "CreationRequestDateTime": 1.0}
        return {"StreamDescription": {**made, "Shards": shards}}

    def describe_stream_summary(self, body: dict[str, Any]) -> Answer:
        more = {"StreamARN": STREAM, "StreamName": "s", "StreamStatus": "ACTIVE", "OpenShardCount": 1}
        made = {"StreamCreationTimestamp": 1.0, "RetentionPeriodHours": 48, "EnhancedMonitoring": []}
        return {"StreamDescriptionSummary": more | made}

    def list_shards(self, body: dict[str, Any]) -> Answer:
        ranges = {"HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "1"}}
        return {
            "Shards": [
                {"ShardId": SHARD, **ranges, "SequenceNumberRange": {"StartingSequenceNumber": f"{1:021}"}}
            ]
        }

    def get_shard_iterator(self, body: dict[str, Any]) -> Answer:
        after = body.get("SequenceNumber")
        if after is not None and int(after) < self.trimmed:
            return 400, "com.amazonaws.dynamodb.v20120810#TrimmedDataAccessException"
        return {"ShardIterator": after or str(self.trimmed)}

    def get_records(self, body: dict[str, Any]) -> Answer:
        begin = int(body["ShardIterator"])
        if begin < self.trimmed:
            return 400, "com.amazonaws.dynamodb.v20120810#TrimmedDataAccessException"
        found = self.records[begin:]
        return {
            "Records": found,
            "NextShardIterator": str(begin + len(found)),
            "MillisBehindLatest": 0,
        }

    def stub(self) -> Stub:
        return Stub(
            DescribeStream=self.describe_stream,
            DescribeStreamSummary=self.describe_stream_summary,
            ListShards=self.list_shards,
            GetShardIterator=self.get_shard_iterator,
            GetRecords=self.get_records,
        )


Serve = Callable[[Source], EngineProcess]


@pytest.fixture
def serve(fresh_engine: Engines, tmp_path: Path) -> Iterator[Serve]:
    """An engine whose neighbour is a source; again on the same data, if it was asked before."""
    stubs: list[Stub] = []

    def start(source: Source) -> EngineProcess:
        stubs.append(source.stub())
        return fresh_engine(*MANUAL, "--neighbours", stubs[-1].url, data_dir=tmp_path / "data")

    yield start
    for stub in stubs:
        stub.close()


def removed(number: int, **more: Any) -> dict[str, Any]:
    """A record of a table's stream."""
    change = {
        "ApproximateCreationDateTime": time.time(),
        "Keys": {"id": {"S": str(number)}},
        "SequenceNumber": f"{number:021}",
        "SizeBytes": 3,
        "StreamViewType": "KEYS_ONLY",
    }
    head = {"eventID": "e" * 32, "eventName": "REMOVE", "eventVersion": "1.1", "eventSource": "aws:dynamodb"}
    return {**head, "awsRegion": "us-east-1", "dynamodb": change, **more}


def arrived(number: int, hours_ago: float) -> dict[str, Any]:
    """A record of a stream."""
    return {
        "SequenceNumber": f"{number:021}",
        "ApproximateArrivalTimestamp": time.time() - hours_ago * HOUR_S,
        "Data": base64.b64encode(f"{number}".encode()).decode(),
        "PartitionKey": "k",
    }


def number_of(record: dict[str, Any]) -> int:
    return int(record["dynamodb"]["SequenceNumber"])


def test_a_time_to_live_that_is_over_is_told(serve: Serve, tmp_path: Path) -> None:
    who = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    feed = Feed(serve(Source(removed(1, userIdentity=who), removed(2))), tmp_path)
    feed.map(TABLE, StartingPosition="TRIM_HORIZON")
    by_itself, by_someone = feed.records(2)
    assert by_itself["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert list(by_itself)[-1] == "userIdentity"
    assert "userIdentity" not in by_someone


def test_what_was_trimmed_meanwhile_is_passed_over(serve: Serve, tmp_path: Path) -> None:
    """The checkpoint is of a record that the stream does not hold any more: what is left is read."""
    source = Source(removed(1))
    engine = serve(source)
    feed = Feed(engine, tmp_path)
    uuid = feed.map(TABLE, StartingPosition="TRIM_HORIZON")
    feed.records(1)
    until(lambda: feed.mapping(uuid)["LastProcessingResult"] == "OK")
    engine.stop()
    source.records += [removed(number) for number in (2, 3, 4)]
    source.trimmed = 3
    feed.own = OwnApi(serve(source))
    assert [number_of(one) for one in feed.records(2)] == [1, 4]
    assert "not in the stream any more" in feed.source(uuid)["poller"]["last_error"]


def test_records_end_with_the_retention_of_their_stream(serve: Serve, tmp_path: Path) -> None:
    """A batch is tried for ever, but no longer than its records are in the stream."""
    feed = Feed(serve(Source(arrived(1, 49), arrived(2, 1))), tmp_path)
    uuid = feed.map(STREAM, StartingPosition="TRIM_HORIZON", MaximumRecordAgeInSeconds=-1)
    assert [data(one) for one in feed.records(1)] == ["2"]
    until(lambda: feed.source(uuid)["poller"]["dropped"] == 1)
    assert "RecordAgeExceeded" in str(feed.source(uuid)["poller"]["last_error"])
    feed.own.advance(100 * HOUR_S)  # the clock of somebody else's stream is nobody's to push
    assert feed.source(uuid)["poller"]["dropped"] == 1
