"""DynamoDB streams as event sources, through boto3 and on a manual clock."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.engine.deploying import unique, until
from tests.engine.sources.feeding import Feed
from tests.engine.sources.streaming import reads, sent


class Table:
    """A table with a stream."""

    def __init__(self, feed: Feed, view: str = "NEW_AND_OLD_IMAGES") -> None:
        self.feed = feed
        self.client = feed.engine.client("dynamodb")
        self.name = unique("t")
        made = self.client.create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
        )["TableDescription"]
        self.arn: str = made["LatestStreamArn"]

    def put(self, name: str, **more: Any) -> None:
        self.client.put_item(TableName=self.name, Item={"id": {"S": name}, **more})

    def map(self, start: str = "TRIM_HORIZON", **more: Any) -> str:
        uuid = self.feed.map(self.arn, StartingPosition=start, **more)
        reads(self.feed, uuid)
        return uuid


def test_records_as_functions_get_them(feed: Feed) -> None:
    table = Table(feed)
    table.put("id_value")
    table.put("id_value")  # the same again is no change
    table.put("id_value", raw={"B": b"\x00\xff"})
    table.client.delete_item(TableName=table.name, Key={"id": {"S": "id_value"}})
    table.map()
    first, second, third = feed.records(3)
    assert list(first) == [
        "eventID",
        "eventName",
        "eventVersion",
        "eventSource",
        "awsRegion",
        "dynamodb",
        "eventSourceARN",
    ]
    assert list(first["dynamodb"]) == [
        "ApproximateCreationDateTime",
        "Keys",
        "NewImage",
        "SequenceNumber",
        "SizeBytes",
        "StreamViewType",
    ]
    assert re.fullmatch(r"[0-9a-f]{32}", first["eventID"])
    assert [one["eventName"] for one in (first, second, third)] == ["INSERT", "MODIFY", "REMOVE"]
    assert (first["eventVersion"], first["eventSource"]) == ("1.1", "aws:dynamodb")
    assert isinstance(first["dynamodb"]["ApproximateCreationDateTime"], float)
    assert first["dynamodb"]["SizeBytes"] == 20
    assert second["dynamodb"]["NewImage"] == {"id": {"S": "id_value"}, "raw": {"B": "AP8="}}
    assert second["dynamodb"]["OldImage"] == {"id": {"S": "id_value"}}
    assert "NewImage" not in third["dynamodb"]
    assert first["eventSourceARN"] == table.arn


def test_latest_reads_what_comes_after_it(feed: Feed) -> None:
    table = Table(feed)
    table.put("before")
    uuid = table.map("LATEST")
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=False)
    feed.reached(uuid, "Disabled")
    table.put("meanwhile")
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert feed.records(1)[0]["dynamodb"]["Keys"] == {"id": {"S": "meanwhile"}}


def test_filters_see_the_record_as_delivered(feed: Feed) -> None:
    table = Table(feed)
    pattern = json.dumps({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"n": {"S": ["yes"]}}}})
    uuid = table.map(FilterCriteria={"Filters": [{"Pattern": pattern}]})
    table.put("a", n={"S": "no"})
    table.put("b", n={"S": "yes"})
    assert feed.records(1)[0]["dynamodb"]["Keys"] == {"id": {"S": "b"}}
    until(lambda: feed.source(uuid)["poller"]["filtered_out"] == 1)


@pytest.mark.parametrize("answer", [None, {}, "", {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_answers_that_mean_success(feed: Feed, answer: Any) -> None:
    table = Table(feed)
    feed.answers(answer)
    uuid = table.map(FunctionResponseTypes=["ReportBatchItemFailures"])
    table.put("a")
    feed.got(1)
    until(lambda: feed.mapping(uuid)["LastProcessingResult"] == "OK")
    assert feed.source(uuid)["poller"]["failed_batches"] == 0


def test_a_failure_is_told_in_seconds(feed: Feed) -> None:
    table = Table(feed)
    url = feed.queue()
    feed.fails()
    destination = {"OnFailure": {"Destination": feed.queue_arn(url)}}
    table.map(MaximumRetryAttempts=0, DestinationConfig=destination)
    table.put("poison")
    (record,) = sent(feed, url)
    info = record["DDBStreamBatchInfo"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", info["approximateArrivalOfFirstRecord"])
    assert (info["batchSize"], info["streamArn"]) == (1, table.arn)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"


def test_a_day_that_passed_makes_no_new_record_old(feed: Feed) -> None:
    """A stream keeps its records for a day, by the clock that is pushed."""
    table = Table(feed)
    feed.fails()
    uuid = table.map()
    table.put("a")
    feed.got(1)
    feed.idle(uuid)
    feed.works()
    feed.own.advance(24 * 3600 + 1)
    table.put("b")
    assert feed.records(2)[1]["dynamodb"]["Keys"] == {"id": {"S": "b"}}
    assert feed.source(uuid)["poller"]["dropped"] == 1
