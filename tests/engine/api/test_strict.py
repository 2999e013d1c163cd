"""`--strict`: what a configuration names must be there. Without it nobody is asked."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.api.aws import ROLE, Lambda, invalid, zipped

NEW = {"Runtime": "python3.12", "Handler": "handler.handler", "Code": {"ZipFile": zipped()}}
NO_ROLE = "The role defined for the function cannot be assumed by Lambda."
_accounts = itertools.count(300_000_000_001)


@pytest.fixture(scope="module")
def strict_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    running = EngineProcess(tmp_path_factory.mktemp("strict") / "data", "--strict")
    yield running
    running.stop()


@pytest.fixture
def account() -> str:
    return str(next(_accounts))


@pytest.fixture
def aws(strict_engine: EngineProcess, account: str) -> Lambda:
    client = strict_engine.client("lambda", access_key=account, parameter_validation=False)
    return Lambda(client, account)


def service(engine: EngineProcess, name: str, account: str) -> Any:
    return engine.client(name, access_key=account)


def role(engine: EngineProcess, account: str, name: str = "r", trusted: str = "lambda.amazonaws.com") -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = service(engine, "iam", account)
    made: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    return made


def test_a_role_must_exist_and_trust_lambda(strict_engine: EngineProcess, aws: Lambda, account: str) -> None:
    absent = f"arn:aws:iam::{account}:role/none"
    assert aws.failure("create_function", FunctionName="f", Role=absent, **NEW) == invalid(NO_ROLE)
    other = role(strict_engine, account, "other", "ec2.amazonaws.com")
    assert aws.failure("create_function", FunctionName="f", Role=other, **NEW) == invalid(NO_ROLE)
    assert aws.function("f", Role=role(strict_engine, account))["State"] == "Active"
    assert aws.failure("update_function_configuration", FunctionName="f", Role=other) == invalid(NO_ROLE)


def test_a_network_must_exist_and_takes_its_time(
    strict_engine: EngineProcess, aws: Lambda, account: str
) -> None:
    ec2, own = service(strict_engine, "ec2", account), role(strict_engine, account)
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    network = {"SubnetIds": [subnet["SubnetId"]], "SecurityGroupIds": [group]}
    assert aws.failure(
        "create_function",
        FunctionName="f",
        Role=own,
        VpcConfig=network | {"SubnetIds": ["subnet-12345678"]},
        **NEW,
    ) == invalid(
        "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound."
        " EC2 Error Message: The subnet ID 'subnet-12345678' does not exist"
    )
    assert aws.failure(
        "create_function",
        FunctionName="f",
        Role=own,
        VpcConfig=network | {"SecurityGroupIds": ["sg-12345678"]},
        **NEW,
    ) == invalid(
        "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound."
        " EC2 Error Message: The security group 'sg-12345678' does not exist"
    )
    began = time.monotonic()
    shown = aws.function("f", Role=own, VpcConfig=network)
    assert time.monotonic() - began > 0.6  # four times the settle time
    assert shown["VpcConfig"] == network | {"Ipv6AllowedForDualStack": False, "VpcId": subnet["VpcId"]}
    empty: dict[str, list[str]] = {"SubnetIds": [], "SecurityGroupIds": []}
    removed = aws("update_function_configuration", FunctionName="f", VpcConfig=empty)
    assert removed["VpcConfig"] == empty | {"Ipv6AllowedForDualStack": False, "VpcId": ""}


def test_queues_and_topics_must_exist(strict_engine: EngineProcess, aws: Lambda, account: str) -> None:
    own = role(strict_engine, account)
    queue = f"arn:aws:sqs:us-east-1:{account}:q"
    topic = f"arn:aws:sns:us-east-1:{account}:t"
    for arn, call in ((queue, "SendMessage on SQS"), (topic, "Publish on SNS")):
        assert aws.failure(
            "create_function", FunctionName="f", Role=own, DeadLetterConfig={"TargetArn": arn}, **NEW
        ) == invalid(f"The provided execution role does not have permissions to call {call}")
    aws.function("f", Role=own)
    for arn in (queue, topic, f"arn:aws:events:us-east-1:{account}:event-bus/b", "arn:aws:s3:::not-there"):
        assert aws.failure(
            "put_function_event_invoke_config",
            FunctionName="f",
            DestinationConfig={"OnFailure": {"Destination": arn}},
        ) == invalid(f"The destination ARN {arn} is invalid.")
    service(strict_engine, "sqs", account).create_queue(QueueName="q")
    service(strict_engine, "sns", account).create_topic(Name="t")
    destinations = {"OnSuccess": {"Destination": topic}, "OnFailure": {"Destination": queue}}
    shown = aws("put_function_event_invoke_config", FunctionName="f", DestinationConfig=destinations)
    assert shown["DestinationConfig"] == destinations
    assert aws("update_function_configuration", FunctionName="f", DeadLetterConfig={"TargetArn": queue})


def test_sources_must_exist(strict_engine: EngineProcess, aws: Lambda, account: str) -> None:
    aws.function("f", Role=role(strict_engine, account), Timeout=60)
    stream = f"arn:aws:kinesis:us-east-1:{account}:stream/s"
    table = f"arn:aws:dynamodb:us-east-1:{account}:table/t/stream/2026-01-01T00:00:00.000"
    for arn in (stream, table):
        assert aws.failure(
            "create_event_source_mapping", FunctionName="f", EventSourceArn=arn, StartingPosition="LATEST"
        ) == invalid(f"Stream not found: {arn}")
    queue = {"FunctionName": "f", "EventSourceArn": f"arn:aws:sqs:us-east-1:{account}:q"}
    assert aws.failure("create_event_source_mapping", **queue) == invalid(
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue."
        " SQS Error Message: The specified queue does not exist."
    )
    sqs = service(strict_engine, "sqs", account)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    assert aws.failure("create_event_source_mapping", **queue) == invalid(
        "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    made = aws("create_event_source_mapping", Enabled=False, **queue)
    assert made["State"] == "Disabled"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "20"})
    change = {"UUID": made["UUID"], "BatchSize": 5}
    assert aws.failure("update_event_source_mapping", **change) == invalid(
        "Queue visibility timeout: 20 seconds is less than Function timeout: 60 seconds"
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    assert aws("update_event_source_mapping", **change)["BatchSize"] == 5
    sqs.delete_queue(QueueUrl=url)
    assert str(aws.failure("update_event_source_mapping", **change).message).startswith(
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue."
    )
    service(strict_engine, "kinesis", account).create_stream(StreamName="s", ShardCount=1)
    assert (
        aws(
            "create_event_source_mapping",
            FunctionName="f",
            EventSourceArn=stream,
            StartingPosition="LATEST",
            Enabled=False,
        )["BatchSize"]
        == 100
    )


def test_without_it_nothing_need_exist(engine: EngineProcess) -> None:
    lax = Lambda(engine.client("lambda", access_key=str(next(_accounts))), "")
    network = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    shown = lax.function("f", Role=ROLE, VpcConfig=network)
    assert shown["VpcConfig"] == network | {"Ipv6AllowedForDualStack": False}


def test_neighbours_that_cannot_be_asked_are_said_so(fresh_engine: Any) -> None:
    alone = fresh_engine("--strict", "--neighbours", "off")
    failure = Lambda(alone.client("lambda"), "").failure(
        "create_function", FunctionName="f", Role=ROLE, **NEW
    )
    assert failure.status == 400
    assert failure.message is not None
    assert failure.message.startswith("The engine runs with --strict and cannot ask iam:")
