"""Queues as event sources: how fast they are read, whose they may be, what loops come to."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.engine.deploying import unique, until
from tests.engine.sources.feeding import Feed

VISIBILITY_S = 31
OTHERS = "111111111111"
ECHO = """\
import boto3, json, os
def handler(event, context):
    with open(os.environ["OUT"], "a") as out:
        out.write(json.dumps(event) + "\\n")
    for record in event["Records"]:
        boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=record["body"])
"""


def test_five_batches_begin_and_five_more_every_second_while_all_are_in_use(feed: Feed) -> None:
    url = feed.queue()
    feed.hold()
    uuid = feed.map(feed.queue_arn(url), BatchSize=1)
    feed.send(url, *[str(number) for number in range(14)])
    for running in (5, 10, 14):
        feed.got(running)
        until(lambda running=running: feed.source(uuid)["poller"]["records_in_flight"] == running)  # type: ignore[misc]
        assert len(feed.events) == running  # the clock stands still
        feed.own("POST", "clock", {"advance_s": 1})
    feed.release()
    feed.emptied(url)


def test_the_trace_of_a_message_reaches_the_function(feed: Feed) -> None:
    url = feed.queue()
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
    header = {"AWSTraceHeader": {"DataType": "String", "StringValue": trace}}
    feed.send(url, "a", MessageSystemAttributes=header)
    feed.map(feed.queue_arn(url))
    assert feed.records(1)[0]["attributes"]["AWSTraceHeader"] == trace


def test_a_dead_letter_says_where_it_came_from(feed: Feed) -> None:
    dead = feed.queue()
    redrive = {"deadLetterTargetArn": feed.queue_arn(dead), "maxReceiveCount": "1"}
    url = feed.queue(RedrivePolicy=json.dumps(redrive))
    feed.send(url, "poison")
    assert feed.receive(url)
    feed.own.advance(VISIBILITY_S)
    until(lambda: feed.receive(url) == [] and feed.left(dead) == 1)
    feed.map(feed.queue_arn(dead))
    (record,) = feed.records(1)
    assert record["body"] == "poison"
    assert record["attributes"]["DeadLetterQueueSourceArn"] == feed.queue_arn(url)


def test_a_batch_holds_several_groups(feed: Feed) -> None:
    url = feed.queue(f"{unique('q')}.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    for body in ("a0", "b0", "a1", "c0"):
        feed.send(url, body, MessageGroupId=body[0])
    feed.map(feed.queue_arn(url))
    assert [one["body"] for one in feed.got(1)[0]["Records"]] == ["a0", "b0", "a1", "c0"]
    feed.emptied(url)


def test_what_a_function_did_not_do_of_a_group_comes_back_in_order(feed: Feed) -> None:
    """It names the first that failed and all behind it, as AWS asks."""
    url = feed.queue(f"{unique('q')}.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    ids = [feed.send(url, body, MessageGroupId="a")[0] for body in ("a0", "a1", "a2")]
    feed.answers({"batchItemFailures": [{"itemIdentifier": one} for one in ids[1:]]})
    uuid = feed.map(feed.queue_arn(url), FunctionResponseTypes=["ReportBatchItemFailures"])
    assert feed.bodies(3) == ["a0", "a1", "a2"]
    feed.idle(uuid)
    feed.works()
    feed.send(url, "a3", MessageGroupId="a")
    feed.own.advance(VISIBILITY_S)
    assert feed.bodies(6)[3:] == ["a1", "a2", "a3"]
    feed.emptied(url)


def test_a_queue_of_another_account(feed: Feed) -> None:
    sqs = feed.engine.client("sqs", access_key=OTHERS)
    name = unique("q")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="theirs")
    feed.map(f"arn:aws:sqs:us-east-1:{OTHERS}:{name}")
    assert feed.bodies(1) == ["theirs"]


def test_a_function_that_feeds_its_own_queue_is_stopped(make_feed: Callable[..., Feed]) -> None:
    """The message that went round sixteen times is not run; the queue gives it to its DLQ in the end."""
    first = make_feed()
    dead = first.queue()
    redrive = {"deadLetterTargetArn": first.queue_arn(dead), "maxReceiveCount": "1"}
    url = first.queue(RedrivePolicy=json.dumps(redrive))
    feed = make_feed(code=ECHO, Variables={"QUEUE": url})
    uuid = feed.map(feed.queue_arn(url))
    feed.send(url, "round")
    until(lambda: "RecursiveInvocation" in str(feed.source(uuid)["poller"]["last_error"]), 30)
    assert len(feed.events) == 16
    feed.idle(uuid)
    feed.own.advance(VISIBILITY_S)
    until(lambda: feed.left(dead) == 1)
    assert len(feed.events) == 16
