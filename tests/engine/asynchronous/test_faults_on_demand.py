"""The fault switches of the engine's own API: AWS's bad days, when they are asked for."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.engine.asynchronous.sending import CODE, Async
from tests.engine.deploying import call, settled, until


def test_throttles_on_demand_count_how_often_they_fired(world: Async) -> None:
    name = world.deploy()
    world.own.fault("throttle", function=name, times=2)
    for _ in range(2):
        with pytest.raises(ClientError) as caught:
            call(world.client, name)
        assert caught.value.response["Error"]["Code"] == "TooManyRequestsException"
        assert caught.value.response["Reason"] == "ConcurrentInvocationLimitExceeded"
    assert call(world.client, name, {"out": str(world.out)}).error is None
    (fault,) = world.own("GET", "faults")["faults"]
    assert (fault["kind"], fault["function"], fault["left"], fault["fired"]) == ("throttle", name, 0, 2)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("system-error", 500, "ServiceException"),
        ("kms-denied", 502, "KMSAccessDeniedException"),
        ("eni-limit", 502, "ENILimitReachedException"),
    ],
)
def test_answers_of_the_service_on_demand(world: Async, kind: str, status: int, code: str) -> None:
    name = world.deploy()
    world.own.fault(kind)
    with pytest.raises(ClientError) as caught:
        call(world.client, name)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert caught.value.response["Error"]["Code"] == code
    assert world.own("DELETE", f"faults?kind={kind}")["faults"] == []
    assert call(world.client, name, {"out": str(world.out)}).error is None


def test_a_switch_for_one_function_leaves_others_alone(world: Async) -> None:
    one, other = world.deploy(), world.deploy()
    world.own.fault("throttle", function=one)
    assert call(world.client, other, {"out": str(world.out)}).error is None
    world.own("DELETE", f"faults?function={one}")
    assert call(world.client, one, {"out": str(world.out)}).error is None


def test_the_timeout_is_over_at_once(world: Async) -> None:
    name = world.deploy(Timeout=900)
    world.own.fault("timeout", function=name, times=1)
    answer = call(world.client, name, {"out": str(world.out), "sleep": 60})
    assert answer.value["errorType"] == "Sandbox.Timedout"
    assert "timed out after 900.00 seconds" in answer.value["errorMessage"]
    assert call(world.client, name, {"out": str(world.out)}).error is None


def test_the_process_is_killed_when_init_is_over(world: Async) -> None:
    name = world.deploy()
    world.own.fault("kill-after-init", function=name, times=1)
    answer = call(world.client, name, {"out": str(world.out)})
    assert answer.value["errorType"] == "Runtime.ExitError"
    assert world.runs() == []
    assert call(world.client, name, {"out": str(world.out)}).error is None


def test_a_slow_init_is_reported(world: Async) -> None:
    name = world.deploy()
    world.own.fault("slow-init", function=name, times=1, seconds=0.3)
    tail = call(world.client, name, {"out": str(world.out)}).tail
    init = float(tail.partition("Init Duration: ")[2].partition(" ms")[0])
    assert 300 <= init < 3000


def test_a_forced_weight(world: Async) -> None:
    name = world.deploy()
    world.client.publish_version(FunctionName=name)
    world.client.update_function_configuration(FunctionName=name, Description="two")
    settled(world.client, name)
    world.client.publish_version(FunctionName=name)
    routing = {"AdditionalVersionWeights": {"2": 0.000001}}
    world.client.create_alias(FunctionName=name, Name="live", FunctionVersion="1", RoutingConfig=routing)
    event = {"out": str(world.out)}
    world.own.fault("other-version", function=name, times=1)
    assert [call(world.client, name, event, Qualifier="live").version for _ in range(2)] == ["2", "1"]


def test_an_event_is_delivered_twice(world: Async) -> None:
    name = world.deploy()
    world.own.fault("duplicate", function=name, times=1)
    request_id = world.send(name)
    world.own.settle()
    until(lambda: world.runs() == [request_id] * 2)
    assert world.own.events() == []


@pytest.mark.parametrize(
    ("fault", "kind", "metric"),
    [
        ("dlq-refused", "dlq", "DeadLetterErrors"),
        ("destination-denied", "destination", "DestinationDeliveryFailures"),
    ],
)
def test_refused_targets(world: Async, fault: str, kind: str, metric: str) -> None:
    sink = world.deploy(CODE)
    arn = world.client.get_function(FunctionName=sink)["Configuration"]["FunctionArn"]
    queue = world.engine.client("sqs").create_queue(QueueName=f"letters-{sink}")["QueueUrl"]
    letters = f"arn:aws:sqs:us-east-1:000000000000:letters-{sink}"
    name = world.deploy(DeadLetterConfig={"TargetArn": letters})
    world.configure(name, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}})
    world.own.fault(fault, function=name, times=1)
    request_id = world.send(name, fail="no")
    world.own.settle()
    (failed,) = (one for one in world.own.deliveries("failed") if one["request_id"] == request_id)
    assert failed["kind"] == kind
    totals = world.own.totals(name)
    counted = {one: totals[one] for one in ("DeadLetterErrors", "DestinationDeliveryFailures")}
    assert counted == {"DeadLetterErrors": 0, "DestinationDeliveryFailures": 0, metric: 1}
    received = world.engine.client("sqs").receive_message(QueueUrl=queue).get("Messages", [])
    assert len(received) == (0 if kind == "dlq" else 1)
    world.own("DELETE", f"deliveries/{failed['id']}")
