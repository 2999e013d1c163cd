"""Destinations and dead-letter queues: AWS's records to the letter, and what becomes of those that fail."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest

from tests.engine.asynchronous.records import (
    ACCOUNT,
    REGION,
    Queue,
    arn_of,
    failure,
    record_of,
    same,
    to,
    without_place,
)
from tests.engine.asynchronous.sending import CODE, Async
from tests.engine.deploying import until

TRACE = re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=1:[0-9a-f]{8}:0")
SAVE = """\
import json
def handler(event, context):
    with open("OUT", "a") as out:
        out.write(json.dumps(event) + "\\n")
"""


def test_success_goes_to_a_queue(world: Async) -> None:
    name, queue = world.deploy(), Queue(world).create()
    world.configure(name, DestinationConfig={"OnSuccess": to(queue.arn)})
    request_id = world.send(name, n=7)
    world.own.settle()
    (message,) = queue.take()
    assert TRACE.fullmatch(message["Attributes"]["AWSTraceHeader"])
    wanted = record_of(
        world,
        name,
        request_id,
        condition="Success",
        count=1,
        event={"n": 7},
        responseContext={"statusCode": 200, "executedVersion": "$LATEST"},
        responsePayload={"done": 7},
    )
    found = json.loads(message["Body"])
    same(found, wanted)
    assert list(found["responseContext"]) == ["statusCode", "executedVersion"]


def test_failure_goes_to_a_queue_after_the_last_attempt(world: Async) -> None:
    name, queue = world.deploy(), Queue(world).create()
    targets = {"OnFailure": to(queue.arn), "OnSuccess": to(queue.arn)}
    world.configure(name, DestinationConfig=targets, MaximumRetryAttempts=2)
    request_id = world.send(name, fail="no")
    world.own.settle()
    assert queue.take() == []
    world.own.advance(60)
    assert queue.take() == []
    world.own.advance(120)
    found = without_place(queue.record())
    assert list(found["responseContext"]) == ["statusCode", "executedVersion", "functionError"]
    assert list(found["responsePayload"]) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    more = failure(world, request_id)
    same(
        found,
        record_of(
            world, name, request_id, condition="RetriesExhausted", count=3, event={"fail": "no"}, **more
        ),
    )


@pytest.mark.parametrize(("age", "count"), [(60, 1), (90, 2)])
def test_an_event_that_grew_too_old(world: Async, age: int, count: int) -> None:
    name, queue = world.deploy(), Queue(world).create()
    world.configure(name, DestinationConfig={"OnFailure": to(queue.arn)}, MaximumEventAgeInSeconds=age)
    request_id = world.send(name, fail="no")
    world.own.settle()
    for _ in range(count - 1):
        world.own.advance(60)
    more = failure(world, request_id)
    wanted = record_of(
        world, name, request_id, condition="EventAgeExceeded", count=count, event={"fail": "no"}, **more
    )
    same(without_place(queue.record()), wanted)


def test_no_reserved_concurrency_sends_the_event_straight_to_its_target(world: Async) -> None:
    name, queue, letters = world.deploy(), Queue(world).create(), Queue(world).create()
    world.client.update_function_configuration(FunctionName=name, DeadLetterConfig={"TargetArn": letters.arn})
    world.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    world.configure(name, DestinationConfig={"OnFailure": to(queue.arn)})
    request_id = world.send(name)
    world.own.settle()
    same(queue.record(), record_of(world, name, request_id, condition="ZeroReservedConcurrency", count=0))
    (letter,) = letters.take()
    assert json.loads(letter["Body"]) == {"out": str(world.out)}
    assert letter["MessageAttributes"]["ErrorCode"]["StringValue"] == "429"
    assert world.runs() == []


def test_alias_and_version_are_named_as_they_were_invoked(world: Async) -> None:
    name, queue = world.deploy(), Queue(world).create()
    world.client.publish_version(FunctionName=name)
    world.client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    for qualifier in ("live", "1"):
        world.configure(name, qualifier, DestinationConfig={"OnSuccess": to(queue.arn)})
        request_id = world.send(name, qualifier)
        world.own.settle()
        wanted = record_of(
            world,
            name,
            request_id,
            qualifier=qualifier,
            condition="Success",
            count=1,
            responseContext={"statusCode": 200, "executedVersion": "1"},
            responsePayload={"done": None},
        )
        same(queue.record(), wanted)


def test_a_function_as_destination_gets_the_record_as_its_event(world: Async) -> None:
    target = world.deploy(SAVE.replace("OUT", str(world.out.with_name("records"))))
    name = world.deploy()
    world.configure(name, DestinationConfig={"OnSuccess": to(arn_of(target))})
    request_id = world.send(name, n=1)
    world.own.settle()
    (line,) = world.out.with_name("records").read_text().splitlines()
    wanted = record_of(
        world,
        name,
        request_id,
        condition="Success",
        count=1,
        event={"n": 1},
        responseContext={"statusCode": 200, "executedVersion": "$LATEST"},
        responsePayload={"done": 1},
    )
    same(json.loads(line), wanted)
    assert world.own.deliveries() == []


def test_a_topic_as_destination(world: Async) -> None:
    name, queue = world.deploy(), Queue(world).create()
    sns = world.engine.client("sns")
    topic = sns.create_topic(Name=f"t-{uuid.uuid4().hex[:12]}")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes={"RawMessageDelivery": "true"}
    )
    world.configure(name, DestinationConfig={"OnSuccess": to(topic)})
    request_id = world.send(name)
    world.own.settle()
    wanted = record_of(
        world,
        name,
        request_id,
        condition="Success",
        count=1,
        responseContext={"statusCode": 200, "executedVersion": "$LATEST"},
        responsePayload={"done": None},
    )
    same(queue.record(), wanted)


def test_a_topic_gets_no_payloads_that_are_too_large_for_it(world: Async) -> None:
    name, queue = world.deploy(), Queue(world).create()
    sns = world.engine.client("sns")
    topic = sns.create_topic(Name=f"t-{uuid.uuid4().hex[:12]}")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes={"RawMessageDelivery": "true"}
    )
    world.configure(name, DestinationConfig={"OnSuccess": to(topic)})
    world.send(name, text="x" * 300_000)
    world.own.settle()
    assert list(queue.record()) == ["version", "timestamp", "requestContext", "responseContext"]


@pytest.mark.parametrize("fails", [False, True])
def test_a_bus_as_destination(world: Async, fails: bool) -> None:
    name, queue = world.deploy(), Queue(world).create()
    events = world.engine.client("events")
    bus = events.create_event_bus(Name=f"b-{uuid.uuid4().hex[:12]}")["EventBusArn"]
    bus_name = bus.rpartition("/")[2]
    events.put_rule(Name="all", EventBusName=bus_name, EventPattern='{"source": ["lambda"]}')
    events.put_targets(Rule="all", EventBusName=bus_name, Targets=[{"Id": "1", "Arn": queue.arn}])
    world.configure(
        name, DestinationConfig={"OnSuccess": to(bus), "OnFailure": to(bus)}, MaximumRetryAttempts=0
    )
    request_id = world.send(name, fail="no" if fails else "")
    world.own.settle()
    found: list[dict[str, Any]] = []

    def arrived() -> bool:
        found.extend(queue.take())
        return bool(found)

    until(arrived)
    event = json.loads(found[0]["Body"])
    assert event["source"] == "lambda"
    outcome = "Failure" if fails else "Success"
    assert event["detail-type"] == f"Lambda Function Invocation Result - {outcome}"
    assert event["resources"] == [bus, arn_of(name, "$LATEST")]
    assert (event["account"], event["region"], event["version"]) == (ACCOUNT, REGION, "0")
    assert event["detail"]["requestContext"]["requestId"] == request_id
    assert event["detail"]["requestContext"]["condition"] == ("RetriesExhausted" if fails else "Success")


def test_a_bucket_as_destination_of_failures(world: Async) -> None:
    name = world.deploy()
    s3 = world.engine.client("s3", s3={"addressing_style": "path"})
    bucket = f"bucket-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket)
    world.configure(
        name, DestinationConfig={"OnFailure": to(f"arn:aws:s3:::{bucket}")}, MaximumRetryAttempts=0
    )
    request_id = world.send(name, fail="no")
    world.own.settle()
    (entry,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    hexes = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    day = r"\d{4}/\d\d/\d\d/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d"
    assert re.fullmatch(rf"aws/lambda/async/{name}/{day}-{hexes}", entry["Key"])
    found = json.loads(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
    more = failure(world, request_id)
    wanted = record_of(
        world, name, request_id, condition="RetriesExhausted", count=1, event={"fail": "no"}, **more
    )
    same(without_place(found), wanted)


def test_a_dead_letter_queue_gets_the_event_itself_and_why(world: Async) -> None:
    letters, queue = Queue(world).create(), Queue(world).create()
    name = world.deploy(DeadLetterConfig={"TargetArn": letters.arn})
    world.configure(name, DestinationConfig={"OnFailure": to(queue.arn)}, MaximumRetryAttempts=1)
    text = "é" * 600  # 1200 bytes
    payload = f' {{"out":  "{world.out}", "fail": "{text}"}}'.encode()
    answer = world.client.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    request_id = answer["ResponseMetadata"]["RequestId"]
    world.own.settle()
    assert letters.take() == []
    world.own.advance(60)
    (letter,) = letters.take()
    assert letter["Body"].encode() == payload
    assert letter["MessageAttributes"] == {
        "RequestID": {"DataType": "String", "StringValue": request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": "é" * 512},
    }
    record = queue.record()
    assert record["requestContext"]["approximateInvokeCount"] == 2


def test_a_dead_letter_topic(world: Async) -> None:
    queue = Queue(world).create()
    sns = world.engine.client("sns")
    topic = sns.create_topic(Name=f"t-{uuid.uuid4().hex[:12]}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    name = world.deploy(DeadLetterConfig={"TargetArn": topic})
    world.configure(name, MaximumRetryAttempts=0)
    request_id = world.send(name, fail="no")
    world.own.settle()
    note = queue.record()
    assert json.loads(note["Message"]) == {"out": str(world.out), "fail": "no"}
    assert note["MessageAttributes"] == {
        "RequestID": {"Type": "String", "Value": request_id},
        "ErrorCode": {"Type": "Number", "Value": "200"},
        "ErrorMessage": {"Type": "String", "Value": "no"},
    }


def test_a_dead_letter_queue_belongs_to_the_version_that_ran(world: Async) -> None:
    first, second = Queue(world).create(), Queue(world).create()
    name = world.deploy(DeadLetterConfig={"TargetArn": first.arn})
    world.client.publish_version(FunctionName=name)
    world.client.update_function_configuration(FunctionName=name, DeadLetterConfig={"TargetArn": second.arn})
    world.configure(name, "1", MaximumRetryAttempts=0)
    world.send(name, "1", fail="no")
    world.own.settle()
    assert len(first.take()) == 1
    assert second.take() == []


def test_success_and_synchronous_failure_leave_the_dead_letter_queue_alone(world: Async) -> None:
    letters = Queue(world).create()
    name = world.deploy(DeadLetterConfig={"TargetArn": letters.arn})
    world.configure(name, DestinationConfig={"OnFailure": to(letters.arn)}, MaximumRetryAttempts=0)
    world.send(name)
    payload = json.dumps({"out": str(world.out), "fail": "no"})
    world.client.invoke(FunctionName=name, Payload=payload)
    world.own.settle()
    assert letters.take() == []


def test_a_queue_that_is_not_there_yet_gets_its_record_when_it_is(world: Async) -> None:
    name, queue = world.deploy(), Queue(world)
    world.configure(name, DestinationConfig={"OnSuccess": to(queue.arn)})
    request_id = world.send(name)
    world.own.settle()
    (waiting,) = world.own.deliveries()
    assert (waiting["tries"], waiting["target"], waiting["request_id"]) == (1, queue.arn, request_id)
    assert waiting["error"]
    assert world.own.next() == 1
    queue.create()
    assert world.own.next() == 2
    assert queue.record()["requestContext"]["requestId"] == request_id
    assert world.own.deliveries() == world.own.deliveries("failed") == []


def test_a_queue_that_never_comes_counts_as_failed_when_the_event_is_too_old(world: Async) -> None:
    name, queue = world.deploy(DeadLetterConfig={"TargetArn": Queue(world).arn}), Queue(world)
    world.configure(
        name,
        DestinationConfig={"OnFailure": to(queue.arn)},
        MaximumEventAgeInSeconds=200,
        MaximumRetryAttempts=0,
    )
    world.send(name, fail="no")
    world.own.settle()
    waited = 0.0
    while world.own.deliveries():
        waited += world.own.next()
    assert waited == 1 + 2 + 4 + 8 + 16 + 32 + 64
    failed = world.own.deliveries("failed")[-2:]
    assert {one["kind"] for one in failed} == {"destination", "dlq"}
    assert all(one["tries"] == 8 and one["error"] for one in failed)
    totals = world.own.totals(name)
    assert (totals["DestinationDeliveryFailures"], totals["DeadLetterErrors"]) == (1, 1)
    queue.create()
    (number,) = (one["id"] for one in failed if one["kind"] == "destination")
    world.own("POST", f"deliveries/{number}/run")
    world.own.settle()
    assert queue.record()["requestContext"]["condition"] == "RetriesExhausted"


def test_what_was_never_run_ends_in_the_dead_letter_queue_too(world: Async) -> None:
    """An event that only met throttles until it was too old: there is no answer to tell of."""
    letters, queue = Queue(world).create(), Queue(world).create()
    name = world.deploy(DeadLetterConfig={"TargetArn": letters.arn})
    world.configure(name, DestinationConfig={"OnFailure": to(queue.arn)}, MaximumEventAgeInSeconds=60)
    world.own.fault("throttle", function=name)
    request_id = world.send(name)
    world.own.settle()
    while world.own.events():
        world.own.next()
    record = queue.record()
    assert record["requestContext"]["condition"] == "EventAgeExceeded"
    assert not {"responseContext", "responsePayload"} & record.keys()
    (letter,) = letters.take()
    assert json.loads(letter["Body"]) == {"out": str(world.out)}
    assert letter["MessageAttributes"]["RequestID"]["StringValue"] == request_id
    assert letter["MessageAttributes"]["ErrorCode"]["StringValue"] == "429"


def test_fifo_targets_fail(world: Async) -> None:
    name = world.deploy()
    queue = Queue(world, f"q-{uuid.uuid4().hex[:12]}.fifo").create(
        FifoQueue="true", ContentBasedDeduplication="true"
    )
    world.configure(name, DestinationConfig={"OnSuccess": to(queue.arn)})
    world.send(name)
    world.own.settle()
    assert queue.take() == []
    assert world.own.deliveries() == []
    assert world.own.totals(name)["DestinationDeliveryFailures"] == 1


def test_a_fifo_queue_takes_no_dead_letters(world: Async) -> None:
    queue = Queue(world, f"q-{uuid.uuid4().hex[:12]}.fifo").create(FifoQueue="true")
    name = world.deploy(DeadLetterConfig={"TargetArn": queue.arn})
    world.configure(name, MaximumRetryAttempts=0)
    world.send(name, fail="no")
    world.own.settle()
    assert queue.take() == []
    assert world.own.totals(name)["DeadLetterErrors"] == 1


def test_a_chain_of_destinations_that_comes_back_is_stopped(world: Async) -> None:
    letters, failed = Queue(world).create(), Queue(world).create()
    ping = world.deploy(CODE.replace("event[", "{'out': 'OUT'}[").replace("OUT", str(world.out)))
    pong = world.deploy("def handler(event, context): pass\n")
    world.client.update_function_configuration(FunctionName=ping, DeadLetterConfig={"TargetArn": letters.arn})
    world.configure(ping, DestinationConfig={"OnSuccess": to(arn_of(pong)), "OnFailure": to(failed.arn)})
    world.configure(pong, DestinationConfig={"OnSuccess": to(arn_of(ping))})
    world.send(ping)
    world.own.settle()
    assert len(world.runs()) == 16
    (letter,) = letters.take()
    assert letter["MessageAttributes"]["ErrorCode"]["StringValue"] == "400"
    assert failed.record()["requestContext"]["condition"] == "RecursiveInvocation"
    (ended,) = world.own.events("failed")
    assert (ended["function"], ended["attempts"], ended["last_error"]) == (
        *(ping, 0, "RecursiveInvocationException"),
    )


def test_a_function_may_be_allowed_to_loop(world: Async) -> None:
    ping = world.deploy(CODE.replace("event[", "{'out': 'OUT'}[").replace("OUT", str(world.out)))
    pong = world.deploy("def handler(event, context): pass\n")
    for name, other in ((ping, pong), (pong, ping)):
        world.client.put_function_recursion_config(FunctionName=name, RecursiveLoop="Allow")
        world.configure(name, DestinationConfig={"OnSuccess": to(arn_of(other))})
    world.send(ping)
    until(lambda: len(world.runs()) > 20)
    world.client.delete_function_event_invoke_config(FunctionName=pong)
    world.own.settle()
    assert world.own.events("failed") == []


def test_a_dead_letter_tells_the_first_kilobyte_of_an_error(world: Async) -> None:
    name, letters = world.deploy(), Queue(world).create()
    world.client.update_function_configuration(FunctionName=name, DeadLetterConfig={"TargetArn": letters.arn})
    world.configure(name, MaximumRetryAttempts=0)
    world.send(name, fail="é" * 2000)
    world.own.settle()
    (letter,) = letters.take()
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "é" * 512
