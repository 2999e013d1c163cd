"""Batches of Kafka that fail: how often they are run again, in which parts, and where they end."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.deploying import unique, until
from tests.engine.sources.feeding import Feed
from tests.engine.sources.kafka_topics import AT_ONCE, WHOLE, Topic, again, batches, follow, values
from tests.engine.sources.streaming import sent

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
PICKY = """\
import base64, json, os
def handler(event, context):
    with open(os.environ["OUT"], "a") as out:
        out.write(json.dumps(event) + "\\n")
    ((_, records),) = event["records"].items()
    for record in records:
        if base64.b64decode(record["value"]) == b"poison":
            raise ValueError("no")
"""


@pytest.fixture
def topic() -> Topic:
    return Topic()


def to(arn: str) -> dict[str, Any]:
    return {"DestinationConfig": {"OnFailure": {"Destination": arn}}, **AT_ONCE}


def test_a_failing_batch_holds_up_its_partition(feed: Feed, topic: Topic) -> None:
    feed.fails()
    uuid = follow(feed, topic, BatchSize=1, **AT_ONCE)
    topic.put("a", "b")
    assert values(feed, 1) == ["a"]
    until(lambda: feed.mapping(uuid)["LastProcessingResult"] == "PROBLEM: Function call failed")
    feed.idle(uuid)
    assert feed.source(uuid)["poller"]["partitions"][f"{topic.name}-0"] == 0
    feed.works()
    feed.own.advance(0.5)
    assert values(feed, 3) == ["a", "a", "b"]
    until(lambda: feed.mapping(uuid)["LastProcessingResult"] == "OK")


def test_retries_run_out_and_the_partition_moves_on(feed: Feed, topic: Topic) -> None:
    url = feed.queue()
    feed.fails()
    uuid = follow(feed, topic, MaximumRetryAttempts=1, **to(feed.queue_arn(url)))
    topic.put("a", "b")
    values(feed, 2)
    feed.idle(uuid)
    feed.own.advance(0.5)
    (record,) = sent(feed, url)
    (batch,) = {tuple(one) for one in batches(feed, 2)}
    assert STAMP.fullmatch(record.pop("timestamp"))
    info = record["KafkaBatchInfo"]
    told = info["recordsInfo"].pop(f"{topic.name}-0")
    assert STAMP.fullmatch(told.pop("firstRecordTimestamp"))
    assert STAMP.fullmatch(told.pop("lastRecordTimestamp"))
    assert told == {"firstRecordOffset": "0", "lastRecordOffset": str(len(batch) - 1)}
    assert record == {
        "requestContext": {
            "requestId": record["requestContext"]["requestId"],
            "functionArn": feed.arn,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 2,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "KafkaBatchInfo": {
            "batchSize": len(batch),
            "bootstrapServers": topic.brokers,
            "payloadSize": info["payloadSize"],
            "recordsInfo": {},
        },
    }
    assert info["payloadSize"] > 100
    until(lambda: feed.source(uuid)["poller"]["partitions"][f"{topic.name}-0"] == len(batch))


def test_a_bucket_gets_the_event_too(feed: Feed, topic: Topic) -> None:
    s3 = feed.engine.client("s3")
    bucket = unique("b")
    s3.create_bucket(Bucket=bucket)
    feed.fails()
    uuid = follow(feed, topic, MaximumRetryAttempts=0, **to(f"arn:aws:s3:::{bucket}"))
    topic.put("a")
    until(lambda: "Contents" in s3.list_objects_v2(Bucket=bucket))
    (found,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert found["Key"].startswith(f"aws/lambda/{uuid}/{topic.name}-0/")
    body = json.load(s3.get_object(Bucket=bucket, Key=found["Key"])["Body"])
    assert json.loads(body["payload"]) == feed.events[0]


def test_another_topic_gets_every_record_alone(feed: Feed, topic: Topic) -> None:
    feed.fails()
    dead = unique("dead")
    follow(feed, topic, MaximumRetryAttempts=0, **to(f"kafka://{dead}"))
    topic.put("a", key=b"k")
    message = topic.read(dead)
    assert message.key() == b"k"
    told = json.loads(message.value())
    assert told["requestContext"]["condition"] == "RetriesExhausted"
    assert told["requestContext"]["functionArn"] == f"{feed.arn}:$LATEST"
    assert told["KafkaBatchInfo"]["batchSize"] == 1
    assert told["KafkaBatchInfo"]["recordInfo"]["offset"] == "0"
    ((where, (record,)),) = told["payload"]["records"].items()
    assert (where, base64.b64decode(record["value"])) == (f"{topic.name}-0", b"a")


def test_a_record_on_its_way_waits_for_its_mapping(feed: Feed, topic: Topic) -> None:
    """One that is switched off for a while does not lose it."""
    feed.fails()
    feed.own.fault("destination-denied", function=feed.name, times=1)
    dead = unique("dead")
    uuid = follow(feed, topic, MaximumRetryAttempts=0, **to(f"kafka://{dead}"))
    topic.put("a")
    until(lambda: len(_mine(feed, "failed")) == 1)
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=False)
    feed.reached(uuid, "Disabled")
    (denied,) = _mine(feed, "failed")
    feed.own("POST", f"deliveries/{denied['id']}/run")
    until(lambda: any("does not read its brokers now" in one["error"] for one in _mine(feed, "waiting")))
    again(feed, uuid, Enabled=True)
    feed.own.advance(60)
    assert topic.read(dead)
    until(lambda: _mine(feed, "waiting") == [])


def _mine(feed: Feed, state: str) -> list[dict[str, Any]]:
    return [one for one in feed.own.deliveries(state) if one["function"] == feed.name]


def test_with_a_destination_no_batch_is_tried_for_ever(feed: Feed, topic: Topic) -> None:
    url = feed.queue()
    feed.fails()
    uuid = follow(feed, topic, **to(feed.queue_arn(url)))
    topic.put("a")
    for run in range(11):
        values(feed, run + 1)
        feed.idle(uuid)
        feed.own.advance(60)
    (record,) = sent(feed, url)
    assert record["requestContext"]["approximateInvokeCount"] == 11  # once, and ten times again
    assert len(feed.events) == 11


def test_halves_find_the_poison(make_feed: Callable[..., Feed], topic: Topic) -> None:
    feed = make_feed(code=PICKY)
    url = feed.queue()
    topic.put("a", "b", "poison", "c")
    halves = {"MaximumRetryAttempts": 0, "BisectBatchOnFunctionError": True, **to(feed.queue_arn(url))}
    follow(feed, topic, **halves)
    (record,) = sent(feed, url)
    info = record["KafkaBatchInfo"]["recordsInfo"][f"{topic.name}-0"]
    assert (info["firstRecordOffset"], info["lastRecordOffset"]) == ("2", "2")
    until(lambda: ["c"] in batches(feed, 1))


def test_age_ends_retries(feed: Feed, topic: Topic) -> None:
    url = feed.queue()
    feed.fails()
    uuid = follow(feed, topic, MaximumRecordAgeInSeconds=60, **to(feed.queue_arn(url)))
    now = feed.own("GET", "status")["clock"]["now"]
    topic.put("a", timestamp=int(now * 1000))
    values(feed, 1)
    feed.idle(uuid)
    feed.own.advance(61)
    (record,) = sent(feed, url)
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert "responseContext" not in record


@pytest.mark.parametrize("form", ["object", "text"])
def test_a_partial_answer_moves_the_partition_on(feed: Feed, topic: Topic, form: str) -> None:
    place = f"{topic.name}-0"
    name: Any = {"partition": place, "offset": 1} if form == "object" else f"{place}-1"
    feed.answers({"batchItemFailures": [{"itemIdentifier": name}]})
    topic.put("a", "b", "c")
    uuid = follow(feed, topic, FunctionResponseTypes=["ReportBatchItemFailures"], BatchSize=3, **WHOLE)
    assert batches(feed, 1) == [["a", "b", "c"]]
    feed.idle(uuid)
    assert feed.source(uuid)["poller"]["partitions"][place] == 1
    feed.works()
    feed.own.advance(0.5)
    assert batches(feed, 2)[1] == ["b", "c"]


@pytest.mark.parametrize("name", [None, "", {"partition": "other-0", "offset": 0}, {"offset": 0}])
def test_a_bad_identifier_fails_the_whole_batch(feed: Feed, topic: Topic, name: Any) -> None:
    feed.answers({"batchItemFailures": [{"itemIdentifier": name}]})
    topic.put("a", "b")
    uuid = follow(feed, topic, FunctionResponseTypes=["ReportBatchItemFailures"], BatchSize=2, **WHOLE)
    assert batches(feed, 1) == [["a", "b"]]
    feed.idle(uuid)
    assert feed.source(uuid)["poller"]["partitions"][f"{topic.name}-0"] == 0
    feed.works()
    feed.own.advance(0.5)
    assert batches(feed, 2)[1] == ["a", "b"]


def test_throttles_use_up_no_retries(feed: Feed, topic: Topic) -> None:
    uuid = follow(feed, topic, MaximumRetryAttempts=0, **AT_ONCE)
    feed.own.fault("throttle", function=feed.name, times=2)
    topic.put("a")
    for refusals in (1, 2):
        until(lambda: feed.source(uuid)["poller"]["throttled"] >= refusals)  # noqa: B023
        feed.own.settle()
        feed.own.advance(2)
    assert values(feed, 1) == ["a"]


def test_a_record_that_fits_no_event_is_told_and_passed(feed: Feed, topic: Topic) -> None:
    url = feed.queue()
    follow(feed, topic, **to(feed.queue_arn(url)))
    topic.put("x" * 5_000_000)  # more than 6 MB as base64
    topic.put("a")
    (record,) = sent(feed, url)
    assert record["requestContext"]["condition"] == "MaximumPayloadSizeExceeded"
    assert record["responseContext"] is None
    assert values(feed, 1) == ["a"]
