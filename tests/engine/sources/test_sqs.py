"""Queues as event sources, through boto3 and on a manual clock."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.engine.deploying import unique, until
from tests.engine.sources.feeding import Feed

VISIBILITY_S = 31  # a little more than the queues' default


def partial(*ids: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": one} for one in ids]}


def test_a_message_becomes_a_record_and_is_deleted(feed: Feed) -> None:
    url = feed.queue()
    arn = feed.queue_arn(url)
    attributes = {
        "plain": {"DataType": "String", "StringValue": "x"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    (sent,) = feed.send(url, "hello", MessageAttributes=attributes)
    feed.map(arn)  # what was there before the mapping is read too
    (record,) = feed.records(1)
    assert list(record) == [
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfMessageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    ]
    assert list(record["attributes"]) == [
        "ApproximateReceiveCount",
        "SentTimestamp",
        "SenderId",
        "ApproximateFirstReceiveTimestamp",
    ]
    assert all(isinstance(value, str) for value in record["attributes"].values())
    assert (record["messageId"], record["body"]) == (sent, "hello")
    assert record["md5OfBody"] == hashlib.md5(b"hello").hexdigest()
    assert record["messageAttributes"] == {
        "plain": {
            "stringValue": "x",
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "String",
        },
        "raw": {
            "binaryValue": base64.b64encode(b"\x00\xff").decode(),
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "Binary",
        },
    }
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", arn)
    assert record["awsRegion"] == "us-east-1"
    feed.emptied(url)


def test_the_digest_of_no_attributes_is_absent_or_null(feed: Feed) -> None:
    first, second = feed.queue(), feed.queue()
    feed.map(feed.queue_arn(first))
    feed.send(first, "a")
    assert "md5OfMessageAttributes" not in feed.records(1)[0]
    uuid = feed.map(feed.queue_arn(second), MaximumBatchingWindowInSeconds=1)
    feed.send(second, "b")
    until(lambda: feed.source(uuid)["poller"]["polled"] == 1)
    assert len(feed.events) == 1
    feed.own.advance(1)
    assert feed.records(2)[1]["md5OfMessageAttributes"] is None


@pytest.mark.parametrize("end", ["function", "message", "timeout"])
def test_a_failure_leaves_the_messages_to_the_queue(feed: Feed, end: str) -> None:
    """They come back after the visibility time-out, counted, and end in the queue's own DLQ."""
    dead = feed.queue()
    redrive = {"deadLetterTargetArn": feed.queue_arn(dead), "maxReceiveCount": "2"}
    url = feed.queue(RedrivePolicy=json.dumps(redrive))
    uuid = feed.map(feed.queue_arn(url))
    if end == "timeout":
        feed.hold()
        feed.client.update_function_configuration(FunctionName=feed.name, Timeout=1)
    else:
        feed.fails()
    feed.send(url, "poison")
    feed.got(1)
    feed.idle(uuid)
    assert feed.left(url) == 1
    feed.own.advance(VISIBILITY_S)
    counts = [one["Records"][0]["attributes"]["ApproximateReceiveCount"] for one in feed.got(2)]
    assert counts == ["1", "2"]
    feed.idle(uuid)
    feed.own.advance(VISIBILITY_S)
    until(lambda: feed.left(dead) == 1)
    assert feed.left(url) == 0
    assert len(feed.events) == 2
    assert feed.receive(dead)[0]["Body"] == "poison"


GOOD = [{}, {"batchItemFailures": []}, {"batchItemFailures": None}, None, "", {"other": 1}]
BAD = [partial(""), partial(None), partial("unknown"), {"batchItemFailures": [{"foo": "x"}]}, "no", 7]


@pytest.mark.parametrize("answer", GOOD, ids=json.dumps)
def test_answers_that_mean_success(feed: Feed, answer: Any) -> None:
    url = feed.queue()
    feed.answers(answer)
    feed.map(feed.queue_arn(url), FunctionResponseTypes=["ReportBatchItemFailures"])
    feed.send(url, "a")
    feed.got(1)
    feed.emptied(url)


@pytest.mark.parametrize("answer", BAD, ids=json.dumps)
def test_answers_that_fail_the_whole_batch(feed: Feed, answer: Any) -> None:
    url = feed.queue()
    feed.answers(answer)
    uuid = feed.map(feed.queue_arn(url), FunctionResponseTypes=["ReportBatchItemFailures"])
    feed.send(url, "a")
    feed.got(1)
    feed.idle(uuid)
    assert feed.left(url) == 1
    assert feed.source(uuid)["poller"]["failed_batches"] == 1
    feed.own.advance(VISIBILITY_S)
    assert feed.bodies(2) == ["a", "a"]


def test_without_response_types_the_answer_means_nothing(feed: Feed) -> None:
    url = feed.queue()
    feed.answers(partial("unknown"))
    feed.map(feed.queue_arn(url))
    feed.send(url, "a")
    feed.emptied(url)


def test_only_the_named_items_stay(feed: Feed) -> None:
    url = feed.queue()
    ids = feed.send(url, "a", "b", "c")
    feed.answers(partial(ids[1]))
    uuid = feed.map(feed.queue_arn(url), FunctionResponseTypes=["ReportBatchItemFailures"])
    assert sorted(feed.bodies(3)) == ["a", "b", "c"]
    feed.idle(uuid)
    until(lambda: feed.left(url) == 1)
    feed.works()
    feed.own.advance(VISIBILITY_S)
    assert feed.bodies(4)[3] == "b"
    feed.emptied(url)


@pytest.mark.parametrize("size", [15, 100, 10000])
def test_a_window_gathers_one_batch(feed: Feed, size: int) -> None:
    url = feed.queue()
    uuid = feed.map(feed.queue_arn(url), BatchSize=size, MaximumBatchingWindowInSeconds=5)
    feed.send(url, *[str(number) for number in range(15)])
    if size > 15:
        until(lambda: feed.source(uuid)["poller"]["polled"] == 15)
        assert feed.events == []
        feed.own.advance(5)
    assert len(feed.got(1)[0]["Records"]) == 15
    feed.emptied(url)
    assert len(feed.events) == 1


def test_a_full_batch_does_not_wait_for_its_window(feed: Feed) -> None:
    url = feed.queue()
    feed.send(url, *[str(number) for number in range(30)])
    feed.map(
        feed.queue_arn(url),
        BatchSize=20,
        MaximumBatchingWindowInSeconds=5,
        ScalingConfig={"MaximumConcurrency": 2},
    )
    assert len(feed.got(1)[0]["Records"]) == 20
    until(lambda: feed.left(url) == 10)
    feed.own.advance(5)
    assert len(feed.got(2)[1]["Records"]) == 10
    feed.emptied(url)


def test_a_batch_holds_six_megabytes(feed: Feed) -> None:
    url = feed.queue(MaximumMessageSize="1048576")
    for _ in range(8):
        feed.send(url, "x" * 1_000_000)
    feed.map(feed.queue_arn(url), BatchSize=10, MaximumBatchingWindowInSeconds=1)
    assert len(feed.got(1)[0]["Records"]) == 6
    feed.own.advance(1)
    assert len(feed.got(2)[1]["Records"]) == 2
    feed.emptied(url)


def test_filters_delete_what_they_keep_out(feed: Feed) -> None:
    url = feed.queue()
    pattern = json.dumps({"body": {"n": [{"numeric": [">", 1]}]}})
    uuid = feed.map(feed.queue_arn(url), FilterCriteria={"Filters": [{"Pattern": pattern}]})
    feed.send(url, '{"n": 1}', "no json", '{"n": 2}')
    assert feed.bodies(1) == ['{"n": 2}']
    feed.emptied(url)
    poller = feed.source(uuid)["poller"]
    assert (poller["polled"], poller["filtered_out"]) == (3, 2)
    assert poller["filter_hit_rate"] == pytest.approx(1 / 3)


def test_concurrency_has_a_limit(feed: Feed) -> None:
    url = feed.queue()
    feed.hold()
    uuid = feed.map(feed.queue_arn(url), BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    feed.send(url, *"abcde")
    feed.got(2)
    until(lambda: feed.source(uuid)["poller"]["records_in_flight"] == 2)
    assert feed.source(uuid)["backlog"] == 3
    assert len(feed.events) == 2
    feed.release()
    assert sorted(feed.bodies(5)) == list("abcde")
    feed.emptied(url)


def test_pollers_of_its_own_run_ten_batches_each_and_become_more(feed: Feed) -> None:
    url = feed.queue()
    feed.hold()
    feed.send(url, *[str(number) for number in range(24)])
    pollers = {"MinimumPollers": 2, "MaximumPollers": 3}
    uuid = feed.map(feed.queue_arn(url), BatchSize=1, ProvisionedPollerConfig=pollers)
    feed.got(20)
    until(lambda: feed.source(uuid)["poller"]["records_in_flight"] == 20)
    said = feed.source(uuid)["poller"]["pollers"]
    assert (said["minimum"], said["maximum"], said["now"]) == (2, 3, 2)
    until(lambda: feed.source(uuid)["backlog"] == 4)
    feed.own("POST", "clock", {"advance_s": 1})
    feed.got(24)
    assert feed.source(uuid)["poller"]["pollers"]["now"] == 3, "16 more each second, but no more than 30"
    assert feed.source(uuid)["poller"]["concurrency"] == 30
    feed.release()
    feed.emptied(url)


def test_a_poller_of_its_own_reads_a_megabyte_a_second(feed: Feed) -> None:
    url = feed.queue(MaximumMessageSize="1048576")
    for _ in range(12):
        feed.send(url, "x" * 1_000_000)
    pollers = {"MinimumPollers": 2, "MaximumPollers": 2}
    uuid = feed.map(feed.queue_arn(url), BatchSize=1, ProvisionedPollerConfig=pollers)
    feed.got(10)
    feed.idle(uuid)
    feed.own.advance(3)
    assert len(feed.events) == 10, "ten megabytes are five seconds for two pollers, one of which is free"
    feed.own.advance(1)
    feed.got(12)
    feed.emptied(url)


def test_throttled_messages_stay_invisible_and_come_back(feed: Feed) -> None:
    url = feed.queue()
    uuid = feed.map(feed.queue_arn(url))
    feed.own.fault("throttle", function=feed.name, times=1)
    feed.send(url, "a")
    until(lambda: feed.source(uuid)["poller"]["throttled"] == 1)
    feed.idle(uuid)
    assert feed.receive(url) == []
    assert feed.left(url) == 1
    assert feed.source(uuid)["poller"]["backing_off_until"] is not None
    feed.own.advance(VISIBILITY_S)
    assert feed.records(1)[0]["attributes"]["ApproximateReceiveCount"] == "2"
    feed.emptied(url)


def test_groups_keep_their_order_and_run_side_by_side(feed: Feed) -> None:
    url = feed.queue(f"{unique('q')}.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    feed.hold()
    feed.map(feed.queue_arn(url), BatchSize=1)
    for number in range(3):
        for group in "ab":
            feed.send(url, f"{group}{number}", MessageGroupId=group)
    assert sorted(feed.bodies(2)) == ["a0", "b0"]
    record = feed.records(2)[0]
    assert record["attributes"].keys() >= {"SequenceNumber", "MessageGroupId", "MessageDeduplicationId"}
    feed.release()
    bodies = feed.bodies(6)
    for group in "ab":
        assert [one for one in bodies if one[0] == group] == [f"{group}{number}" for number in range(3)]
    feed.emptied(url)


def test_a_failed_group_is_blocked_and_keeps_its_order(feed: Feed) -> None:
    url = feed.queue(f"{unique('q')}.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    for number in range(4):
        feed.send(url, f"a{number}", MessageGroupId="a")
    feed.fails()
    uuid = feed.map(feed.queue_arn(url), BatchSize=2)
    assert feed.bodies(2) == ["a0", "a1"]
    feed.idle(uuid)
    feed.works()
    feed.send(url, "b0", MessageGroupId="b")
    assert feed.bodies(3)[2] == "b0"  # the others go on
    feed.own.advance(VISIBILITY_S)
    assert feed.bodies(7)[3:] == ["a0", "a1", "a2", "a3"]
    feed.emptied(url)


def test_disabling_waits_for_what_is_under_way(feed: Feed) -> None:
    url = feed.queue()
    uuid = feed.map(feed.queue_arn(url))
    feed.hold()
    feed.send(url, "a")
    feed.got(1)
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=False)
    feed.own("POST", "clock", {"advance_s": 1})
    assert feed.mapping(uuid)["State"] == "Disabling"
    feed.release()
    feed.reached(uuid, "Disabled")
    assert feed.left(url) == 0
    feed.send(url, "b")
    assert feed.source(uuid)["poller"] is None
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert feed.bodies(2)[1] == "b"


def test_an_update_moves_the_target(make_feed: Any) -> None:
    first, second = make_feed(), make_feed()
    url = first.queue()
    uuid = first.map(first.queue_arn(url))
    first.send(url, "a")
    first.records(1)
    first.client.update_event_source_mapping(UUID=uuid, FunctionName=second.name, BatchSize=1)
    first.reached(uuid, "Enabled")
    first.send(url, "b")
    assert second.bodies(1) == ["b"]
    assert first.bodies(1) == ["a"]


def test_a_deleted_mapping_reads_no_more(feed: Feed) -> None:
    url = feed.queue()
    uuid = feed.map(feed.queue_arn(url))
    assert feed.client.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"

    def gone() -> bool:
        try:
            feed.mapping(uuid)
        except ClientError as error:
            return bool(error.response["Error"]["Code"] == "ResourceNotFoundException")
        return False

    until(gone)
    feed.send(url, "a")
    assert feed.own("GET", f"sources?uuid={uuid}")["sources"] == []
    assert feed.receive(url)[0]["Body"] == "a"
    assert feed.events == []


def test_the_filter_test_names_the_clause(feed: Feed) -> None:
    answer = feed.own(
        "POST",
        "filter-test",
        {"source": "sqs", "record": {"body": '{"n": 1}'}, "patterns": [{"body": {"n": [2]}}]},
    )
    assert answer["accepted"] is False
    (clause,) = answer["filters"][0]["clauses"]
    assert (clause["path"], clause["actual"], clause["ok"]) == ("body.n", 1, False)
    status, refused = feed.own.ask(
        "POST", "filter-test", {"source": "sqs", "record": {}, "patterns": ["null"]}
    )
    assert status == 400
    assert "Invalid filter pattern definition." in refused["message"]
