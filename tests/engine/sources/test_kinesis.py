"""Kinesis: what functions get of a stream, from where, and in which order."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.engine.deploying import ROLE, until
from tests.engine.sources.feeding import Feed
from tests.engine.sources.streaming import Stream, batches, data, reads


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


def test_a_look_at_the_sources_is_answered_when_something_changed(feed: Feed) -> None:
    stream = Stream(feed)
    uuid = stream.map()
    stamp = feed.own("GET", "sources")["stamp"]
    stream.put("hello")
    feed.records(1)
    assert feed.own("GET", f"sources?since={stamp}&wait_s=8")["stamp"] != stamp
    status, refused = feed.own.ask("GET", "source-records?uuid=nobody")
    assert (status, uuid in refused["message"]) == (404, False)


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
