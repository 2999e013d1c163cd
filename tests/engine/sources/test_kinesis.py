"""Kinesis streams as event sources, through boto3 and on a manual clock."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.deploying import ROLE, until
from tests.engine.sources.feeding import Feed
from tests.engine.sources.streaming import Stream, batches, data, reads, sent


def to_queue(feed: Feed) -> tuple[str, dict[str, Any]]:
    """A queue for what is given up, and the config that sends it there."""
    url = feed.queue()
    return url, {"DestinationConfig": {"OnFailure": {"Destination": feed.queue_arn(url)}}}


def test_records_as_functions_get_them(feed: Feed) -> None:
    stream = Stream(feed)
    (number,) = stream.put("hello")
    uuid = stream.map()
    (record,) = feed.records(1)
    assert list(record) == [
        "kinesis",
        "eventSource",
        "eventVersion",
        "eventID",
        "eventName",
        "invokeIdentityArn",
        "awsRegion",
        "eventSourceARN",
    ]
    assert list(record["kinesis"]) == [
        "kinesisSchemaVersion",
        "partitionKey",
        "sequenceNumber",
        "data",
        "approximateArrivalTimestamp",
    ]
    assert (data(record), record["kinesis"]["sequenceNumber"]) == ("hello", number)
    assert isinstance(record["kinesis"]["approximateArrivalTimestamp"], float)
    assert record["eventID"] == f"shardId-000000000000:{number}"
    assert (record["eventName"], record["invokeIdentityArn"]) == ("aws:kinesis:record", ROLE)
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:kinesis", stream.arn)
    until(lambda: feed.mapping(uuid)["LastProcessingResult"] == "OK")


def test_latest_reads_what_comes_after_it(feed: Feed) -> None:
    stream = Stream(feed)
    stream.put("before")
    uuid = stream.map("LATEST")
    stream.put("after")
    assert stream.values(1) == ["after"]
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=False)
    feed.reached(uuid, "Disabled")
    stream.put("meanwhile")
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert stream.values(2) == ["after", "meanwhile"]


def test_every_mapping_gets_all_records(make_feed: Callable[..., Feed]) -> None:
    first, second = make_feed(), make_feed()
    stream = Stream(first)
    stream.map()
    second.map(stream.arn, StartingPosition="TRIM_HORIZON")
    stream.put("a")
    assert data(first.records(1)[0]) == data(second.records(1)[0]) == "a"


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


def test_a_look_at_the_sources_is_answered_when_something_changed(feed: Feed) -> None:
    stream = Stream(feed)
    uuid = stream.map()
    stamp = feed.own("GET", "sources")["stamp"]
    stream.put("hello")
    feed.records(1)
    assert feed.own("GET", f"sources?since={stamp}&wait_s=8")["stamp"] != stamp
    status, refused = feed.own.ask("GET", "source-records?uuid=nobody")
    assert (status, uuid in refused["message"]) == (404, False)


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


def test_filters_pass_over_records_for_good(feed: Feed) -> None:
    stream = Stream(feed)
    pattern = json.dumps({"data": {"n": [{"numeric": [">", 1]}]}})
    uuid = stream.map(FilterCriteria={"Filters": [{"Pattern": pattern}]})
    stream.put('{"n": 1}', "no json")
    until(lambda: feed.mapping(uuid)["LastProcessingResult"] == "OK")
    stream.put('{"n": 2}')
    assert stream.values(1) == ['{"n": 2}']
    assert len(feed.events) == 1
    assert feed.source(uuid)["poller"]["filtered_out"] == 2


def test_a_window_gathers_a_batch(feed: Feed) -> None:
    stream = Stream(feed)
    uuid = stream.map(MaximumBatchingWindowInSeconds=10)
    stream.put("a")
    stream.put("b")
    until(lambda: feed.source(uuid)["poller"]["polled"] == 2)
    assert feed.events == []
    feed.own.advance(10)
    assert batches(feed, 1) == [["a", "b"]]


def test_keys_keep_their_order_side_by_side(feed: Feed) -> None:
    stream = Stream(feed)
    keys = [f"key{number}" for number in range(8)]
    for number in range(3):
        for key in keys:
            stream.put(f"{key}/{number}", key=key)
    feed.hold()
    uuid = stream.map(ParallelizationFactor=4, BatchSize=1)
    feed.got(2)
    until(lambda: feed.source(uuid)["poller"]["batches_in_flight"] > 1)
    feed.release()
    values = stream.values(24)
    for key in keys:
        mine = [value for value in values if value.startswith(f"{key}/")]
        assert mine == [f"{key}/{number}" for number in range(3)]


def test_tumbling_windows_hand_on_a_state(make_feed: Callable[..., Feed]) -> None:
    code = """\
import json, os
def handler(event, context):
    with open(os.environ["OUT"], "a") as out:
        out.write(json.dumps(event) + "\\n")
    return {"state": {"seen": event["state"].get("seen", 0) + len(event["Records"])}}
"""
    feed = make_feed(code=code)
    stream = Stream(feed)
    now = feed.own("GET", "clock")["now"]
    feed.own.advance(60 - now % 60)  # a window begins
    stream.map(TumblingWindowInSeconds=60)
    stream.put("a")
    feed.got(1)
    feed.own.settle()
    stream.put("b")
    feed.got(2)
    feed.own.settle()
    feed.own.advance(60)
    events = feed.got(3)
    assert [event["state"] for event in events] == [{}, {"seen": 1}, {"seen": 2}]
    assert [event["isFinalInvokeForWindow"] for event in events] == [False, False, True]
    assert [len(event["Records"]) for event in events] == [1, 1, 0]
    assert list(events[0]) == [
        "Records",
        "window",
        "state",
        "shardId",
        "eventSourceARN",
        "isFinalInvokeForWindow",
        "isWindowTerminatedEarly",
    ]
    assert events[0]["window"] == events[2]["window"]
    assert events[0]["window"].keys() == {"start", "end"}
    stream.put("c")
    assert feed.got(4)[3]["state"] == {}


def test_shards_that_are_split_are_followed(feed: Feed) -> None:
    stream = Stream(feed)
    stream.put("parent")
    uuid = stream.map()
    assert stream.values(1) == ["parent"]
    stream.client.split_shard(
        StreamName=stream.name, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127)
    )
    for number in range(6):
        stream.put(f"child{number}", key=f"k{number}")
    values = stream.values(7)
    assert sorted(values[1:]) == [f"child{number}" for number in range(6)]
    reads(feed, uuid)


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


def test_a_stream_that_goes_is_a_problem_and_one_that_comes_back_is_another(feed: Feed) -> None:
    stream = Stream(feed)
    stream.put("a", "b")
    uuid = stream.map()
    assert stream.values(2) == ["a", "b"]
    stream.client.delete_stream(StreamName=stream.name)
    until(lambda: feed.mapping(uuid)["LastProcessingResult"].startswith("PROBLEM: "))
    assert stream.name in feed.source(uuid)["poller"]["trouble"]
    feed.own.advance(1)  # made at another time
    stream.client.create_stream(StreamName=stream.name, ShardCount=1)
    stream.put("c")
    assert stream.values(3) == ["a", "b", "c"]
    until(lambda: feed.mapping(uuid)["LastProcessingResult"] == "OK")
