"""Streams at their limits: where they begin, how much one event holds, how long a batch is tried."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

from tests.engine.deploying import until
from tests.engine.sources.feeding import Feed
from tests.engine.sources.streaming import Stream, batches, reads, sent

LARGE_STATE = """\
import json, os
def handler(event, context):
    with open(os.environ["OUT"], "a") as out:
        out.write(json.dumps({**event, "state": len(json.dumps(event["state"]))}) + "\\n")
    return {"state": {"text": "x" * (1024 * 1024)}} if event["Records"] else None
"""


def test_a_stream_is_read_from_a_time_on(feed: Feed) -> None:
    stream = Stream(feed)
    stream.put("before")
    feed.own.advance(10)
    moment = datetime.fromtimestamp(feed.own("GET", "clock")["now"] - 5, UTC)
    stream.put("after")
    stream.map("AT_TIMESTAMP", StartingPositionTimestamp=moment)
    assert stream.values(1) == ["after"]


def test_a_consumer_reads_the_stream_behind_it(feed: Feed) -> None:
    """Enhanced fan-out: the mapping names a consumer, and its records are the stream's."""
    stream = Stream(feed)
    consumer = stream.client.register_stream_consumer(StreamARN=stream.arn, ConsumerName="c")["Consumer"]
    uuid = feed.map(consumer["ConsumerARN"], StartingPosition="TRIM_HORIZON")
    reads(feed, uuid)
    stream.put("a")
    assert stream.values(1) == ["a"]
    assert feed.records(1)[0]["eventSourceARN"] == consumer["ConsumerARN"]


def test_a_batch_holds_six_megabytes(feed: Feed) -> None:
    stream = Stream(feed)
    for _ in range(6):
        stream.put("x" * 1_000_000)  # 1.3 MB each as base64
    stream.map()
    assert [len(one) for one in batches(feed, 2)] == [4, 2]


def test_a_batch_is_tried_after_pauses_that_double_up_to_a_minute(feed: Feed) -> None:
    stream = Stream(feed)
    feed.fails()
    uuid = stream.map()
    stream.put("a")
    feed.got(1)
    for tries, pause in enumerate((0.5, 1, 2, 4, 8, 16, 32, 60, 60), 1):
        feed.idle(uuid)
        feed.own.advance(pause - 0.1)
        assert len(feed.events) == tries
        feed.own.advance(0.1)
        feed.got(tries + 1)
    feed.works()


def test_a_batch_is_not_tried_for_longer_than_its_stream_keeps_it(feed: Feed) -> None:
    stream = Stream(feed)
    url = feed.queue()
    stream.client.increase_stream_retention_period(StreamName=stream.name, RetentionPeriodHours=30)
    feed.fails()
    uuid = stream.map(DestinationConfig={"OnFailure": {"Destination": feed.queue_arn(url)}})
    stream.put("a")
    feed.got(1)
    feed.idle(uuid)
    feed.own.advance(29 * 3600)
    feed.got(2)
    feed.idle(uuid)
    feed.own.advance(3601)
    (record,) = sent(feed, url)
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert len(feed.events) == 2


def test_what_never_ran_is_given_up_when_it_is_too_old(feed: Feed) -> None:
    stream = Stream(feed)
    url = feed.queue()
    destination = {"OnFailure": {"Destination": feed.queue_arn(url)}}
    feed.own.fault("throttle", function=feed.name, times=1)
    uuid = stream.map(MaximumRecordAgeInSeconds=60, MaximumRetryAttempts=0, DestinationConfig=destination)
    stream.put("a")
    until(lambda: feed.source(uuid)["poller"]["throttled"] == 1)
    feed.own.settle()
    feed.own.advance(61)
    (record,) = sent(feed, url)
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert feed.events == []


def test_a_state_of_more_than_a_megabyte_ends_its_window(make_feed: Callable[..., Feed]) -> None:
    feed = make_feed(code=LARGE_STATE)
    stream = Stream(feed)
    stream.map(TumblingWindowInSeconds=60)
    stream.put("a")
    _, early = feed.got(2)
    assert early["Records"] == []
    assert (early["isFinalInvokeForWindow"], early["isWindowTerminatedEarly"]) == (True, True)
    assert early["state"] == len(json.dumps({}))
