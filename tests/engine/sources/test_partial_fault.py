"""The fault switch that makes the last item of a batch fail."""

from __future__ import annotations

from tests.engine.deploying import until
from tests.engine.sources.feeding import Feed

VISIBILITY_S = 31.0  # a little more than the default of queues


def test_the_last_message_of_a_batch_comes_back(feed: Feed) -> None:
    url = feed.queue()
    feed.send(url, "a", "b", "c")
    feed.own.fault("partial-batch", function=feed.name, times=1)
    uuid = feed.map(feed.queue_arn(url), FunctionResponseTypes=["ReportBatchItemFailures"])
    assert len(feed.bodies(3)) == 3
    last = feed.events[0]["Records"][-1]["body"]
    feed.idle(uuid)
    until(lambda: feed.left(url) == 1)
    feed.own.advance(VISIBILITY_S)
    assert feed.bodies(4)[3] == last
    feed.emptied(url)


def test_a_mapping_without_partial_answers_is_left_alone(feed: Feed) -> None:
    url = feed.queue()
    feed.send(url, "a", "b")
    feed.own.fault("partial-batch", function=feed.name)
    feed.map(feed.queue_arn(url))
    feed.emptied(url)
    assert sorted(feed.bodies(2)) == ["a", "b"]
    [fault] = [one for one in feed.own("GET", "faults")["faults"] if one["function"] == feed.name]
    assert fault["fired"] == 0
    feed.own("DELETE", f"faults?function={feed.name}")


def test_the_last_record_of_a_stream_is_tried_again(feed: Feed) -> None:
    kinesis = feed.engine.client("kinesis")
    stream = f"s-{feed.name}"
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    records = [{"Data": data.encode(), "PartitionKey": "k"} for data in ("one", "two", "three")]
    kinesis.put_records(StreamName=stream, Records=records)
    feed.own.fault("partial-batch", function=feed.name, times=1)
    more = {"StartingPosition": "TRIM_HORIZON", "FunctionResponseTypes": ["ReportBatchItemFailures"]}
    feed.map(arn, **more)
    first = [one["kinesis"]["sequenceNumber"] for one in feed.records(3)]
    feed.own.settle()
    feed.own.advance(1)
    assert [one["kinesis"]["sequenceNumber"] for one in feed.records(4)] == [*first, first[2]]
