"""Kafka topics as event sources: what functions are given, in which order, from where on."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import unique, until
from tests.engine.sources.feeding import Feed
from tests.engine.sources.kafka_topics import AT_ONCE, Topic, again, batches, batches_after, follow, values

CLUSTER = "arn:aws:kafka:us-east-1:000000000000:cluster/name/id"


@pytest.fixture
def topic() -> Topic:
    return Topic()


def test_records_come_by_partition_and_are_committed(feed: Feed, topic: Topic) -> None:
    topic.put("a", key=b"k", headers=[("h", b"\x01\x02")])
    topic.put("b")
    uuid = follow(feed, topic, **AT_ONCE)
    assert values(feed, 2) == ["a", "b"]
    event = feed.events[0]
    assert list(event) == ["eventSource", "bootstrapServers", "records"]
    assert event["eventSource"] == "SelfManagedKafka"
    assert event["bootstrapServers"] == topic.brokers
    record = event["records"][f"{topic.name}-0"][0]
    assert list(record) == [
        *("topic", "partition", "offset", "timestamp", "timestampType", "key", "value", "headers")
    ]
    assert (record["topic"], record["partition"], record["offset"]) == (topic.name, 0, 0)
    assert (record["timestampType"], record["headers"]) == ("CREATE_TIME", [{"h": [1, 2]}])
    assert abs(record["timestamp"] / 1000 - time.time()) < 60
    assert base64.b64decode(record["key"]) == b"k"
    until(lambda: feed.source(uuid)["backlog"] == 0)
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=False)
    feed.reached(uuid, "Disabled")
    topic.put("c")
    again(feed, uuid, Enabled=True)
    assert values(feed, 3) == ["a", "b", "c"]


def test_what_waits_is_a_metric(feed: Feed, topic: Topic) -> None:
    topic.put("a")
    topic.put("b")
    topic.put("c")
    uuid = follow(feed, topic, BatchSize=1, **AT_ONCE)
    values(feed, 3)
    until(lambda: feed.source(uuid)["poller"]["partitions"][f"{topic.name}-0"] == 3)
    now = datetime.now(UTC)
    until(lambda: metric(feed, "OffsetLag", now) != [])
    (point,) = metric(feed, "OffsetLag", now)
    assert (point["Maximum"], point["Minimum"], point["Unit"]) == (3, 0, "Count")


def metric(feed: Feed, name: str, now: datetime) -> list[dict[str, Any]]:
    """What CloudWatch shows of the function."""
    told: list[dict[str, Any]] = feed.engine.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=name,
        Dimensions=[{"Name": "FunctionName", "Value": feed.name}],
        StartTime=now - timedelta(days=1),
        EndTime=now + timedelta(days=1),
        Period=86_400,
        Statistics=["Maximum", "Minimum"],
    )["Datapoints"]
    return told


def test_a_window_of_half_a_second_gathers_a_batch(feed: Feed, topic: Topic) -> None:
    follow(feed, topic)
    topic.put("a")
    topic.put("b")
    with pytest.raises(AssertionError):
        until(lambda: len(feed.events) > 0, 0.7)  # the engine's clock stands still
    assert batches_after(feed, 1, 0.5) == [["a", "b"]]


def test_a_full_batch_does_not_wait_for_its_window(feed: Feed, topic: Topic) -> None:
    topic.put(*"abcde")
    follow(feed, topic, BatchSize=2, MaximumBatchingWindowInSeconds=300)
    assert batches(feed, 2) == [["a", "b"], ["c", "d"]]
    assert batches_after(feed, 3, 300)[2] == ["e"]


def test_a_batch_holds_six_megabytes(feed: Feed, topic: Topic) -> None:
    topic.put(*["x" * 1_200_000] * 4)  # 1.6 MB each as base64
    uuid = follow(feed, topic, BatchSize=4, MaximumBatchingWindowInSeconds=300)
    assert [len(one) for one in batches(feed, 2)] == [3, 1]
    until(lambda: feed.source(uuid)["poller"]["partitions"][f"{topic.name}-0"] == 4)


def test_filters_pass_over_records_for_good(feed: Feed, topic: Topic) -> None:
    pattern = json.dumps({"value": {"n": [{"numeric": [">", 1]}]}})
    uuid = follow(feed, topic, FilterCriteria={"Filters": [{"Pattern": pattern}]}, **AT_ONCE)
    topic.put('{"n": 2}', '{"n": 1}', "no json")
    assert values(feed, 1) == ['{"n": 2}']
    until(lambda: feed.source(uuid)["poller"]["partitions"].get(f"{topic.name}-0") == 3)
    poller = feed.source(uuid)["poller"]
    assert (poller["polled"], poller["filtered_out"]) == (3, 2)


def test_partitions_run_side_by_side(feed: Feed, topic: Topic) -> None:
    feed.hold()
    follow(feed, topic, BatchSize=1, **AT_ONCE)
    topic.put("a1", "a2", partition=0)
    topic.put("b1", "b2", partition=1)
    assert sorted(values(feed, 2)) == ["a1", "b1"]
    feed.release()
    found = values(feed, 4)
    for name in "ab":
        assert [one for one in found if one[0] == name] == [f"{name}1", f"{name}2"]


def test_latest_reads_what_comes_after_it(feed: Feed, topic: Topic) -> None:
    """And forgets nothing of it while the mapping is off."""
    topic.put("before")
    uuid = follow(feed, topic, StartingPosition="LATEST", **AT_ONCE)
    feed.client.update_event_source_mapping(UUID=uuid, Enabled=False)
    feed.reached(uuid, "Disabled")
    topic.put("meanwhile")
    again(feed, uuid, Enabled=True)
    topic.put("after")
    assert values(feed, 2) == ["meanwhile", "after"]


def test_at_timestamp_asks_the_broker_where_that_is(feed: Feed, topic: Topic) -> None:
    """The broker of these tests knows no times: a time that nothing is after begins at the end."""
    topic.put("before")
    moment = {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": time.time() + 3600}
    follow(feed, topic, **moment, **AT_ONCE)
    topic.put("after")
    assert values(feed, 1) == ["after"]


def test_a_group_goes_on_where_it_was(make_feed: Callable[..., Feed], topic: Topic) -> None:
    first, second = make_feed(), make_feed()
    group = {"SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": unique("g")}, **AT_ONCE}
    topic.put("a")
    uuid = follow(first, topic, **group)
    assert values(first, 1) == ["a"]
    until(lambda: first.source(uuid)["poller"]["partitions"].get(f"{topic.name}-0") == 1)
    first.client.delete_event_source_mapping(UUID=uuid)
    until(lambda: first.own("GET", f"sources?uuid={uuid}")["sources"] == [])
    topic.put("b")
    follow(second, topic, **group)
    assert values(second, 1) == ["b"]


def test_msk_says_its_cluster(fresh_engine: Callable[..., EngineProcess], tmp_path: Path) -> None:
    """Brokers that no neighbour knows of come from the engine's settings."""
    topic = Topic()
    engine = fresh_engine(f"--kafka={CLUSTER}={topic.brokers}", "--isolation", "process")
    feed = Feed(engine, tmp_path)
    pollers = {"MinimumPollers": 1, "MaximumPollers": 3}
    topic.put("a")
    uuid = follow(
        feed,
        topic,
        EventSourceArn=CLUSTER,
        StartingPosition="TRIM_HORIZON",
        ProvisionedPollerConfig=pollers,
    )
    assert values(feed, 1) == ["a"]
    event = feed.events[0]
    assert list(event) == ["eventSource", "eventSourceArn", "bootstrapServers", "records"]
    assert (event["eventSource"], event["eventSourceArn"]) == ("aws:kafka", CLUSTER)
    assert event["bootstrapServers"] == topic.brokers
    assert feed.mapping(uuid)["ProvisionedPollerConfig"] == pollers
    said = feed.source(uuid)["poller"]["pollers"]
    assert (said["minimum"], said["maximum"], said["now"]) == (1, 3, None)
    assert "no poller's pace is kept" in said["words"]


def _troubled(feed: Feed, sentence: str, **source: Any) -> None:
    """A mapping that says why it reads nothing."""
    made = feed.client.create_event_source_mapping(FunctionName=feed.name, Topics=[unique("t")], **source)
    until(lambda: sentence in feed.mapping(made["UUID"]).get("LastProcessingResult", ""), 30)
    assert feed.mapping(made["UUID"])["State"] == "Enabled"


def test_what_cannot_be_reached_is_a_problem_in_words(feed: Feed) -> None:
    _troubled(
        feed,
        f"PROBLEM: Nothing names brokers of {CLUSTER}",
        EventSourceArn=CLUSTER,
        StartingPosition="LATEST",
    )
    nobody = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["127.0.0.1:1"]}}
    subnet = [{"Type": "VPC_SUBNET", "URI": "subnet:subnet-1"}]
    _troubled(feed, "PROBLEM: ", SelfManagedEventSource=nobody, SourceAccessConfigurations=subnet)


def test_a_secret_that_does_not_serve_is_a_problem_in_words(feed: Feed, topic: Topic) -> None:
    brokers = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": [topic.brokers]}}
    secrets = feed.engine.client("secretsmanager")
    half = secrets.create_secret(Name=unique("s"), SecretString='{"username": "hidden"}')["ARN"]

    def source(kind: str, uri: str) -> dict[str, Any]:
        return {
            "SelfManagedEventSource": brokers,
            "SourceAccessConfigurations": [{"Type": kind, "URI": uri}],
        }

    _troubled(feed, f"PROBLEM: The secret {half} has no password.", **source("SASL_SCRAM_512_AUTH", half))
    absent = "arn:aws:secretsmanager:us-east-1:000000000000:secret:absent-AbCdEf"
    _troubled(feed, "PROBLEM: Secrets Manager can't find", **source("BASIC_AUTH", absent))
    whole = secrets.create_secret(Name=unique("s"), SecretString='{"username": "u", "password": "p"}')["ARN"]
    _troubled(feed, "PROBLEM: ", **source("SASL_SCRAM_256_AUTH", whole))  # the broker speaks no TLS
