"""Event sources beside the rest: whole journeys, neighbours that die, engines that are killed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from tests.conftest import IN_SIGHT, EngineProcess
from tests.engine.deploying import until
from tests.engine.own import OwnApi
from tests.engine.sources.conftest import MANUAL
from tests.engine.sources.feeding import Feed
from tests.engine.sources.streaming import Stream, batches, sent

Engines = Callable[..., EngineProcess]


def test_from_a_bucket_to_a_destination(make_feed: Callable[..., Feed]) -> None:
    """S3 to SNS to SQS to Lambda; what fails there goes to the queue's DLQ and on to another function."""
    first, last = make_feed(), make_feed()
    s3, sns = first.engine.client("s3"), first.engine.client("sns")
    topic = sns.create_topic(Name=first.name)["TopicArn"]
    dead = first.queue()
    redrive = {"deadLetterTargetArn": first.queue_arn(dead), "maxReceiveCount": "1"}
    url = first.queue(RedrivePolicy=json.dumps(redrive))
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=first.queue_arn(url))
    s3.create_bucket(Bucket=first.name)
    s3.put_bucket_notification_configuration(
        Bucket=first.name,
        NotificationConfiguration={
            "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    first.fails()
    uuid = first.map(first.queue_arn(url))
    last.map(first.queue_arn(dead))
    s3.put_object(Bucket=first.name, Key="a/key", Body=b"x")
    until(lambda: any("a/key" in json.dumps(event) for event in first.events))
    first.idle(uuid)
    first.own.advance(31)
    until(lambda: any("a/key" in json.dumps(event) for event in last.events))
    told = [json.loads(record["body"]) for event in last.events for record in event["Records"]]
    messages = [json.loads(one["Message"]) for one in told]
    keys = [one["Records"][0]["s3"]["object"]["key"] for one in messages if "Records" in one]
    assert keys == ["a/key"]
    last.emptied(dead)


def test_neighbours_that_die_are_a_problem_until_they_are_back(fresh_engine: Engines, tmp_path: Path) -> None:
    engine = fresh_engine(*IN_SIGHT)
    feed = Feed(engine, tmp_path)
    stream, url = Stream(feed), feed.queue("work")
    streaming, queueing = stream.map(), feed.map(feed.queue_arn(url))
    stream.put("a")
    feed.got(1)
    os.kill(feed.own("GET", "status")["neighbours"]["pid"], signal.SIGKILL)
    until(lambda: feed.mapping(streaming)["LastProcessingResult"].startswith("PROBLEM: "))
    assert "LastProcessingResult" not in feed.mapping(queueing)
    until(lambda: feed.own("GET", "status")["neighbours"]["restarts"] == 1)
    until(lambda: "exist" in str(feed.source(queueing)["poller"]["trouble"]))
    assert feed.mapping(queueing)["State"] == "Enabled"
    feed.send(feed.queue("work"), "again")
    stream.client.create_stream(StreamName=stream.name, ShardCount=1)
    stream.put("b")
    until(lambda: len(feed.events) == 3, 40)
    told = json.dumps(feed.events[1:])
    assert '"again"' in told
    assert '"aws:kinesis"' in told
    until(lambda: feed.mapping(streaming)["LastProcessingResult"] == "OK")


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Neighbours that live longer than an engine."""
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def test_checkpoints_survive_kill_minus_nine(fresh_engine: Engines, tmp_path: Path, elsewhere: str) -> None:
    """What was done is not run again; what was not is, in order, beginning with what was cut off."""
    engine = fresh_engine("--neighbours", elsewhere, *MANUAL)
    feed = Feed(engine, tmp_path)
    stream = Stream(feed)
    stream.put("a")
    uuid = stream.map(BatchSize=1)
    assert stream.values(1) == ["a"]
    until(lambda: "after" in next(iter(feed.source(uuid)["poller"]["shards"].values()))["position"])
    feed.hold()
    stream.put("b", "c")
    assert batches(feed, 2)[1] == ["b"]
    engine.stop(signal.SIGKILL)
    feed.release()
    again = fresh_engine("--neighbours", elsewhere, *MANUAL, data_dir=engine.data_dir)
    until(lambda: len(feed.events) >= 4)
    assert [one for batch in batches(feed, 4) for one in batch] == ["a", "b", "b", "c"]
    assert OwnApi(again)("GET", f"sources?uuid={uuid}")["sources"][0]["state"] == "Enabled"


def test_what_was_given_up_arrives_after_kill_minus_nine(
    fresh_engine: Engines, tmp_path: Path, elsewhere: str
) -> None:
    """The record of a failure is kept with the checkpoint that moves past it."""
    engine = fresh_engine("--neighbours", elsewhere, *MANUAL)
    feed = Feed(engine, tmp_path)
    stream = Stream(feed)
    feed.fails()
    missing = "arn:aws:sqs:us-east-1:000000000000:later"
    stream.map(MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": missing}})
    stream.put("poison")
    until(lambda: len(feed.own.deliveries()) == 1)
    engine.stop(signal.SIGKILL)
    again = fresh_engine("--neighbours", elsewhere, *MANUAL, data_dir=engine.data_dir)
    url = again.client("sqs").create_queue(QueueName="later")["QueueUrl"]
    OwnApi(again).advance(60)
    feed.sqs = again.client("sqs")
    (record,) = sent(feed, url)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert len(feed.events) == 1
