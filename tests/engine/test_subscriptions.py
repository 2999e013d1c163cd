"""CloudWatch Logs as an invoker: subscription filters and retention."""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, log_lines
from tests.engine.own import OwnApi

ACCOUNT = "000000000000"
TALKS = "def handler(event, context):\n    for line in event:\n        print(line)\n"
HEARS = """
import base64, gzip, json
def handler(event, context):
    print("GOT " + gzip.decompress(base64.b64decode(event["awslogs"]["data"])).decode())
"""
COUNTS = """
import base64, gzip, json
def handler(event, context):
    print("COUNT", len(json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))["logEvents"]))
"""
MAY_NOT = (
    "Could not execute the lambda function."
    " Make sure you have given CloudWatch Logs permission to execute your function."
)


class Logs:
    """A function that talks, one that hears, and the log between them."""

    def __init__(self, engine: EngineProcess) -> None:
        self.client, self.logs = engine.client("lambda"), engine.client("logs")
        self.own = OwnApi(engine)
        self.talker, self.hearer = deploy(self.client, TALKS), deploy(self.client, HEARS)
        self.group = f"/aws/lambda/{self.talker}"
        self.logs.create_log_group(logGroupName=self.group)
        self.allow(self.hearer)

    def allow(self, name: str, principal: str = "logs.amazonaws.com", **more: str) -> None:
        self.client.add_permission(
            FunctionName=name, StatementId="logs", Action="lambda:InvokeFunction", Principal=principal, **more
        )

    def arn(self, name: str) -> str:
        return f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"

    def subscribe(self, pattern: str = "", name: str = "f", **more: Any) -> None:
        request = {"logGroupName": self.group, "destinationArn": self.arn(self.hearer), **more}
        self.logs.put_subscription_filter(filterName=name, filterPattern=pattern, **request)

    def heard(self) -> list[dict[str, Any]]:
        """Everything that came, once nothing is under way."""
        log_lines(self.logs, self.talker)  # what was printed is stored
        self.own.settle()
        try:
            lines = log_lines(self.logs, self.hearer)
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        return [json.loads(line.removeprefix("GOT ")) for line in lines if line.startswith("GOT ")]

    def messages(self) -> list[str]:
        return [event["message"] for one in self.heard() for event in one["logEvents"]]


@pytest.fixture
def world(engine: EngineProcess) -> Logs:
    return Logs(engine)


def refused(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_what_is_logged_comes_to_the_subscriber(world: Logs) -> None:
    world.subscribe('?ERROR ?"out of"')
    call(world.client, world.talker, ["fine", "ERROR one", "out of luck"])
    [event] = world.heard()
    [stream] = world.logs.describe_log_streams(logGroupName=world.group)["logStreams"]
    sent = event.pop("logEvents")
    assert event == {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": world.group,
        "logStream": stream["logStreamName"],
        "subscriptionFilters": ["f"],
    }
    assert [one["message"] for one in sent] == ["ERROR one\n", "out of luck\n"]
    assert all(set(one) == {"id", "timestamp", "message"} and len(one["id"]) == 56 for one in sent)
    assert abs(sent[0]["timestamp"] / 1000 - time.time()) < 60


def test_json_patterns_and_lines_that_others_put(world: Logs) -> None:
    world.subscribe("{ $.level = ERROR && $.code > 10 }")
    world.logs.create_log_stream(logGroupName=world.group, logStreamName="mine")
    now = int(time.time() * 1000)
    lines = [{"level": "ERROR", "code": code} for code in (5, 50)] + [{"level": "INFO", "code": 99}]
    events = [{"timestamp": now, "message": json.dumps(line)} for line in lines]
    world.logs.put_log_events(logGroupName=world.group, logStreamName="mine", logEvents=events)
    assert [json.loads(one)["code"] for one in world.messages()] == [50]


def test_the_policy_decides_each_time(world: Logs) -> None:
    world.subscribe()
    call(world.client, world.talker, ["before"])
    assert "before\n" in world.messages()
    world.client.remove_permission(FunctionName=world.hearer, StatementId="logs")
    call(world.client, world.talker, ["after"])
    assert "after\n" not in world.messages()


@pytest.mark.parametrize(
    ("principal", "source"),
    [
        ("logs.us-east-1.amazonaws.com", "arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"),
        ("logs.amazonaws.com", "arn:aws:logs:us-east-1:000000000000:log-group:*"),
    ],
)
def test_permissions_for_one_log_group(world: Logs, principal: str, source: str) -> None:
    world.client.remove_permission(FunctionName=world.hearer, StatementId="logs")
    request = {"SourceArn": source.format(group=world.group), "SourceAccount": ACCOUNT}
    world.allow(world.hearer, principal, **request)
    world.subscribe()


def test_without_permission_nobody_subscribes(world: Logs) -> None:
    world.client.remove_permission(FunctionName=world.hearer, StatementId="logs")
    assert refused(world.subscribe) == ("InvalidParameterException", MAY_NOT)
    world.allow(world.hearer, "s3.amazonaws.com")
    assert refused(world.subscribe)[1] == MAY_NOT
    assert refused(world.subscribe, destinationArn=world.arn("nobody"))[1] == MAY_NOT


def test_what_cannot_be_a_destination(world: Logs) -> None:
    role = "arn:aws:iam::000000000000:role/r"
    assert (
        refused(world.subscribe, roleArn=role)[1]
        == "destinationArn for vendor lambda cannot be used with roleArn"
    )
    queue = "arn:aws:sqs:us-east-1:000000000000:q"
    assert refused(world.subscribe, destinationArn=queue)[1].endswith("destinationArn for vendor sqs")
    stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
    assert "functions only" in refused(world.subscribe, destinationArn=stream)[1]
    assert refused(world.subscribe, pattern="{ $.a = }")[0] == "InvalidParameterException"
    assert refused(world.subscribe, logGroupName="/none") == (
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )


def test_a_group_has_two_subscriptions_at_most(world: Logs) -> None:
    for name in ("a", "b"):
        world.subscribe(name=name)
    assert refused(world.subscribe, name="c") == ("LimitExceededException", "Resource limit exceeded.")
    world.subscribe("changed", "b")
    describe = world.logs.describe_subscription_filters
    shown = describe(logGroupName=world.group, limit=1)
    assert [one["filterName"] for one in shown["subscriptionFilters"]] == ["a"]
    [second] = describe(logGroupName=world.group, nextToken=shown["nextToken"])["subscriptionFilters"]
    assert abs(second.pop("creationTime") / 1000 - time.time()) < 60
    assert second == {
        "filterName": "b",
        "logGroupName": world.group,
        "filterPattern": "changed",
        "destinationArn": world.arn(world.hearer),
        "distribution": "ByLogStream",
        "applyOnTransformedLogs": False,
    }
    world.logs.delete_subscription_filter(logGroupName=world.group, filterName="b")
    found = describe(logGroupName=world.group, filterNamePrefix="b")["subscriptionFilters"]
    assert found == []
    assert refused(world.logs.delete_subscription_filter, logGroupName=world.group, filterName="b") == (
        "ResourceNotFoundException",
        "The specified subscription filter does not exist.",
    )


def test_a_function_is_not_fed_by_its_own_log(world: Logs) -> None:
    world.allow(world.talker)
    code, message = refused(world.subscribe, destinationArn=world.arn(world.talker))
    assert code == "InvalidParameterException"
    assert f"What {world.talker} logs would come back to it" in message


def test_two_functions_do_not_feed_each_other(world: Logs) -> None:
    world.subscribe()
    world.allow(world.talker)
    back = f"/aws/lambda/{world.hearer}"
    world.logs.create_log_group(logGroupName=back)
    code, message = refused(
        world.subscribe, logGroupName=back, destinationArn=world.arn(world.talker), name="back"
    )
    assert code == "InvalidParameterException"
    assert "would come back to it" in message


def test_a_loop_that_a_later_change_makes_is_stopped(world: Logs) -> None:
    world.subscribe()
    world.client.update_function_configuration(
        FunctionName=world.hearer, LoggingConfig={"LogGroup": world.group}
    )
    call(world.client, world.talker, ["one"])
    log_lines(world.logs, world.talker)
    world.own.settle()
    assert not [line for line in log_lines(world.logs, world.talker) if line.startswith("GOT")]


def test_much_at_once_is_cut_into_events_that_fit(world: Logs) -> None:
    counts = deploy(world.client, COUNTS)
    world.allow(counts)
    world.subscribe("xxx", destinationArn=world.arn(counts))
    call(world.client, world.talker, ["x" * 200_000] * 6)
    world.heard()
    sent = [int(line.split()[1]) for line in log_lines(world.logs, counts) if line.startswith("COUNT ")]
    assert len(sent) >= 3
    assert sum(sent) == 6


def test_subscriptions_outlive_the_engine(fresh_engine: Callable[..., EngineProcess]) -> None:
    first = Logs(fresh_engine())
    first.subscribe()
    first.own.engine.stop()
    second = Logs.__new__(Logs)
    engine = fresh_engine(data_dir=first.own.engine.data_dir)
    second.client, second.logs, second.own = engine.client("lambda"), engine.client("logs"), OwnApi(engine)
    second.talker, second.hearer, second.group = first.talker, first.hearer, first.group
    call(second.client, second.talker, ["again"])
    assert "again\n" in second.messages()
    second.logs.delete_log_group(logGroupName=second.group)
    call(second.client, second.talker, ["no more"])
    assert "no more\n" not in second.messages()


# -- retention ---------------------------------------------------------------------------------------


def test_what_retention_does_not_cover_is_deleted(engine: EngineProcess) -> None:
    logs, group = engine.client("logs"), "/retained"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time() * 1000)
    events = [{"timestamp": now - days * 86_400_000, "message": f"{days} days"} for days in (5, 2, 0)]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)

    def left() -> list[str]:
        return [one["message"] for one in logs.filter_log_events(logGroupName=group)["events"]]

    assert len(left()) == 3
    logs.put_retention_policy(logGroupName=group, retentionInDays=3)
    assert left() == ["2 days", "0 days"]
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["retentionInDays"] == 3
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    code, message = refused(logs.put_retention_policy, logGroupName=group, retentionInDays=2)
    assert code == "InvalidParameterException"
    assert "at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set" in message


def test_the_event_is_packed_as_aws_packs_it(world: Logs) -> None:
    raw = deploy(
        world.client, "def handler(event, context):\n    print('RAW ' + str(event['awslogs']['data']))\n"
    )
    world.allow(raw)
    world.subscribe(destinationArn=world.arn(raw))
    call(world.client, world.talker, ["packed"])
    world.heard()
    [line] = [line for line in log_lines(world.logs, raw) if line.startswith("RAW ")]
    document = json.loads(gzip.decompress(base64.b64decode(line.removeprefix("RAW "))))
    assert "packed\n" in [one["message"] for one in document["logEvents"]]
