"""Kinesis: batches that fail are tried again, split and given up, and somebody is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.deploying import until
from tests.engine.sources.feeding import Feed
from tests.engine.sources.streaming import Stream, batches, data, sent


def to_queue(feed: Feed) -> tuple[str, dict[str, Any]]:
    """A queue for what is given up, and the config that sends it there."""
    url = feed.queue()
    return url, {"DestinationConfig": {"OnFailure": {"Destination": feed.queue_arn(url)}}}


def test_the_record_that_blocks_a_shard_is_shown_until_it_went_through(feed: Feed) -> None:
    stream = Stream(feed)
    feed.fails()
    number, _ = stream.put("first", "second")
    uuid = stream.map(BatchSize=1)
    until(lambda: feed.source(uuid)["poller"]["stuck"] != [])
    (stuck,) = feed.source(uuid)["poller"]["stuck"]
    assert (stuck["shard"], stuck["sequence"]) == ("shardId-000000000000", number)
    assert (stuck["records"], stuck["tries"]) == (1, 1)
    assert stuck["error"].startswith("Function call failed")
    blocking, *seen = feed.own("GET", f"source-records?uuid={uuid}")["records"]
    assert (blocking["state"], data(blocking["record"])) == ("stuck", "first")
    assert [(one["state"], data(one["record"])) for one in seen] == [
        ("passed", "second"),
        ("passed", "first"),
    ]
    feed.works()
    feed.own.advance(60)
    assert stream.values(3)[-2:] == ["first", "second"]
    until(lambda: feed.source(uuid)["poller"]["stuck"] == [])


def test_a_failing_batch_holds_up_its_shard_until_it_works(feed: Feed) -> None:
    stream = Stream(feed)
    feed.fails()
    uuid = stream.map(BatchSize=2)
    stream.put("a", "b", "c")
    assert batches(feed, 1) == [["a"]] or batches(feed, 1) == [["a", "b"]]
    first = len(feed.events[0]["Records"])
    until(lambda: feed.mapping(uuid)["LastProcessingResult"] == "PROBLEM: Function call failed")
    for wait in (0.5, 1.0, 2.0):  # the back-off doubles
        runs = len(feed.events)
        feed.idle(uuid)
        feed.own.advance(wait - 0.125)
        assert len(feed.events) == runs
        feed.own.advance(0.125)
        feed.got(runs + 1)
    feed.works()
    feed.idle(uuid)
    feed.own.advance(4)
    values = stream.values(4 * first + 3)
    assert values[-3:] == ["a", "b", "c"]
    until(lambda: feed.mapping(uuid)["LastProcessingResult"] == "OK")


def test_retries_run_out_and_the_shard_moves_on(feed: Feed) -> None:
    stream = Stream(feed)
    url, destination = to_queue(feed)
    (number,) = stream.put("poison")
    feed.fails()
    stream.map(MaximumRetryAttempts=2, **destination)
    for run, wait in ((1, 0.5), (2, 1.0)):
        feed.got(run)
        feed.own.settle()
        feed.own.advance(wait)
    (record,) = sent(feed, url)
    assert len(feed.events) == 3
    assert list(record) == ["requestContext", "responseContext", "version", "timestamp", "KinesisBatchInfo"]
    assert re.fullmatch(r"[0-9a-f-]{36}", record["requestContext"].pop("requestId"))
    assert record["requestContext"] == {
        "functionArn": feed.arn,
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 3,
    }
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    info = record["KinesisBatchInfo"]
    assert list(info) == [
        "shardId",
        "startSequenceNumber",
        "endSequenceNumber",
        "approximateArrivalOfFirstRecord",
        "approximateArrivalOfLastRecord",
        "batchSize",
        "streamArn",
    ]
    assert (info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"]) == (number, number, 1)
    for moment in (record["timestamp"], info["approximateArrivalOfFirstRecord"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)
    feed.works()
    stream.put("next")
    assert stream.values(4)[3] == "next"


def test_a_bucket_gets_the_records_too(feed: Feed) -> None:
    stream = Stream(feed)
    s3 = feed.engine.client("s3")
    bucket = f"b-{stream.name}"
    s3.create_bucket(Bucket=bucket)
    feed.fails()
    destination = {"OnFailure": {"Destination": f"arn:aws:s3:::{bucket}"}}
    uuid = stream.map(MaximumRetryAttempts=0, DestinationConfig=destination)
    stream.put("poison")
    until(lambda: bool(s3.list_objects_v2(Bucket=bucket).get("Contents")))
    (one,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    moment = r"\d{4}/\d\d/\d\d/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}"
    assert re.fullmatch(rf"aws/lambda/{uuid}/shardId-000000000000/{moment}", one["Key"])
    body = json.loads(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read())
    assert body["payload"] == feed.events[0]


def test_a_topic_gets_the_record_as_text(feed: Feed) -> None:
    stream = Stream(feed)
    sns = feed.engine.client("sns")
    topic = sns.create_topic(Name=stream.name)["TopicArn"]
    url = feed.queue()
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=feed.queue_arn(url))
    feed.fails()
    stream.map(MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": topic}})
    stream.put("poison")
    (envelope,) = sent(feed, url)
    assert json.loads(envelope["Message"])["KinesisBatchInfo"]["batchSize"] == 1


def test_old_records_are_given_up_alone(feed: Feed) -> None:
    stream = Stream(feed)
    url, destination = to_queue(feed)
    (old,) = stream.put("old")
    feed.own.advance(70)
    stream.put("young")
    stream.map(MaximumRecordAgeInSeconds=60, **destination)
    assert stream.values(1) == ["young"]
    (record,) = sent(feed, url)
    assert "responseContext" not in record
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["KinesisBatchInfo"]["endSequenceNumber"] == old


def test_age_ends_retries(feed: Feed) -> None:
    stream = Stream(feed)
    url, destination = to_queue(feed)
    feed.fails()
    uuid = stream.map(MaximumRecordAgeInSeconds=60, **destination)
    stream.put("a")
    feed.got(1)
    feed.idle(uuid)
    feed.own.advance(61)
    (record,) = sent(feed, url)
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert "responseContext" not in record


def test_throttles_use_up_no_retries(feed: Feed) -> None:
    stream = Stream(feed)
    uuid = stream.map(MaximumRetryAttempts=0)
    feed.own.fault("throttle", function=feed.name, times=2)
    stream.put("a")
    for count, wait in ((1, 0.5), (2, 1.0)):
        until(lambda count=count: feed.source(uuid)["poller"]["throttled"] == count)  # type: ignore[misc]
        feed.own.settle()
        until(lambda: feed.source(uuid)["poller"]["batches_in_flight"] == 0)
        feed.own.advance(wait)
    assert stream.values(1) == ["a"]


def test_bisecting_finds_the_poison(make_feed: Callable[..., Feed]) -> None:
    code = """\
import base64, json, os
def handler(event, context):
    values = [base64.b64decode(one["kinesis"]["data"]).decode() for one in event["Records"]]
    with open(os.environ["OUT"], "a") as out:
        out.write(json.dumps(event) + "\\n")
    if "poison" in values:
        raise ValueError("poison")
"""
    feed = make_feed(code=code)
    stream = Stream(feed)
    url, destination = to_queue(feed)
    stream.put("a", "b", "poison", "d")
    stream.map(MaximumRetryAttempts=0, BisectBatchOnFunctionError=True, **destination)
    (record,) = sent(feed, url)
    assert record["KinesisBatchInfo"]["batchSize"] == 1
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert batches(feed, 5) == [
        ["a", "b", "poison", "d"],
        ["a", "b"],
        ["poison", "d"],
        ["poison"],
        ["d"],
    ]


def test_partial_answers_move_the_checkpoint(make_feed: Callable[..., Feed]) -> None:
    """Six records of which the last fails, three retries: it alone is given up, after four runs."""
    code = """\
import json, os
def handler(event, context):
    with open(os.environ["OUT"], "a") as out:
        out.write(json.dumps(event) + "\\n")
    last = event["Records"][-1]["kinesis"]["sequenceNumber"]
    return {"batchItemFailures": [{"itemIdentifier": last}]}
"""
    feed = make_feed(code=code)
    stream = Stream(feed)
    url, destination = to_queue(feed)
    stream.put(*"abcdef")
    stream.map(MaximumRetryAttempts=3, FunctionResponseTypes=["ReportBatchItemFailures"], **destination)
    for run, wait in ((1, 0.5), (2, 1.0), (3, 2.0)):
        feed.got(run)
        feed.own.settle()
        feed.own.advance(wait)
    (record,) = sent(feed, url)
    assert batches(feed, 4) == [list("abcdef"), ["f"], ["f"], ["f"]]
    assert record["requestContext"]["approximateInvokeCount"] == 4
    assert record["responseContext"]["functionError"] is None
    assert record["KinesisBatchInfo"]["batchSize"] == 1


def test_a_partial_answer_splits_a_batch_where_it_says(make_feed: Callable[..., Feed]) -> None:
    """With bisecting on as well: what came before is done, only the rest is tried again."""
    code = """\
import base64, json, os
def handler(event, context):
    with open(os.environ["OUT"], "a") as out:
        out.write(json.dumps(event) + "\\n")
    bad = [one["kinesis"]["sequenceNumber"] for one in event["Records"]
           if base64.b64decode(one["kinesis"]["data"]) in (b"c", b"d")]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in reversed(bad)]}
"""
    feed = make_feed(code=code)
    stream = Stream(feed)
    url, destination = to_queue(feed)
    stream.put(*"abcd")
    stream.map(
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        **destination,
    )
    feed.got(1)
    feed.own.settle()
    while feed.left(url) < 2:
        feed.own.advance(0.5)
    assert [one["KinesisBatchInfo"]["batchSize"] for one in sent(feed, url, 2)] == [1, 1]
    runs = batches(feed, 2)
    assert runs[:2] == [list("abcd"), ["c", "d"]]
    assert all(set(run) <= {"c", "d"} for run in runs[1:])


@pytest.mark.parametrize("identifier", ["", None, "123"])
def test_a_bad_identifier_fails_the_whole_batch(feed: Feed, identifier: Any) -> None:
    stream = Stream(feed)
    url, destination = to_queue(feed)
    feed.answers({"batchItemFailures": [{"itemIdentifier": identifier}]})
    stream.put("a", "b")
    stream.map(MaximumRetryAttempts=0, FunctionResponseTypes=["ReportBatchItemFailures"], **destination)
    (record,) = sent(feed, url)
    assert record["KinesisBatchInfo"]["batchSize"] == 2
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"


def test_disabling_ends_a_batch_that_is_tried_again(feed: Feed) -> None:
    stream = Stream(feed)
    feed.fails()
    uuid = stream.map()
    stream.put("a")
    feed.got(1)
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=False)
    feed.reached(uuid, "Disabled")
    feed.own.advance(600)
    assert len(feed.events) == 1
    feed.works()
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert stream.values(2) == ["a", "a"]
