"""Execution roles in words, what they lack, and what can be picked: on moto; on the engine, its refusal."""

from __future__ import annotations

import json
from collections.abc import Sequence

import boto3
import pytest

from lambdatui.model import FunctionSettings, TargetKind
from lambdatui.model.role import Lack, Role, RoleStatement
from lambdatui.service import Service, TargetSpec, errors, open_target
from lambdatui.service.needs import lacks, needs
from lambdatui.service.roles import statements
from tests.conftest import EngineProcess

ARN = "arn:aws:iam::123456789012:role/any-role"


def document(*found: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": found})


async def test_a_role_is_read_with_all_its_policies(aws: Service, aws_url: str) -> None:
    iam = boto3.client("iam", endpoint_url=aws_url)
    log = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
    made = iam.create_policy(PolicyName="writes-log", PolicyDocument=document(log))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="any-role", PolicyArn=made)
    deny = {"Effect": "Deny", "NotAction": "logs:*", "Resource": "arn:aws:s3:::x/*"}
    iam.put_role_policy(RoleName="any-role", PolicyName="own", PolicyDocument=document(deny))
    role = await aws.roles.get(ARN)
    assert role.trusts_lambda
    assert role.name == "any-role"
    assert {(each.policy, each.kind, each.allow) for each in role.statements} == {
        ("", "trust", True),
        ("writes-log", "managed", True),
        ("own", "inline", False),
    }
    own = next(each for each in role.statements if each.policy == "own")
    assert own.but_actions
    assert own.covers("s3:GetObject", "arn:aws:s3:::x/y")
    assert not own.covers("logs:PutLogEvents", "arn:aws:s3:::x/y")


async def test_a_role_that_is_not_there_and_one_that_is_none(aws: Service) -> None:
    with pytest.raises(errors.NotFound):
        await aws.roles.get("arn:aws:iam::123456789012:role/nobody")
    with pytest.raises(errors.Invalid, match="not the ARN of a role"):
        await aws.roles.get("")


async def test_what_can_be_picked(aws: Service, aws_url: str) -> None:
    iam = boto3.client("iam", endpoint_url=aws_url)
    other = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="for-servers", AssumeRolePolicyDocument=document(other))
    assert [(each.title, each.value) for each in await aws.roles.offers("role")] == [("any-role", ARN)]
    ec2 = boto3.client("ec2", endpoint_url=aws_url)
    subnets = {each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]}
    assert {each.value for each in await aws.roles.offers("subnets")} == subnets
    groups = await aws.roles.offers("security_groups")
    assert any(each.value.startswith("sg-") and "default" in each.hint for each in groups)


async def test_an_engine_without_iam_says_so(engine: EngineProcess) -> None:
    service = await open_target(TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir), interactive=False)
    try:
        with pytest.raises(errors.ServiceError):
            await service.roles.get("arn:aws:iam::000000000000:role/lambdatui")
    finally:
        await service.close()


# -- what a role lacks ------------------------------------------------------------------------

LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/f:*"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:orders"


def role(*found: object) -> Role:
    return Role(ARN, "any-role", statements("p", "inline", document(*found)))


@pytest.mark.parametrize(
    ("found", "may"),
    [
        ([{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}], True),
        ([{"Effect": "Allow", "Action": "LOGS:put*", "Resource": "arn:aws:logs:*:*:*"}], True),
        ([{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": QUEUE}], False),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], True),
        ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:logs:*"}], False),
        (
            [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "logs:PutLogEvents", "Resource": "*"},
            ],
            False,
        ),
        ([], False),
    ],
)
def test_what_a_role_may(found: Sequence[object], may: bool) -> None:
    assert role(*found).may("logs:PutLogEvents", LOGS) is may


def test_a_trust_for_somebody_else_is_none_for_lambda() -> None:
    trust = RoleStatement("", "trust", True, ("sts:AssumeRole",), (), ("ec2.amazonaws.com",))
    assert not Role(ARN, "any-role", (trust,)).trusts_lambda


async def test_what_a_function_needs_and_its_role_lacks(aws: Service, code: bytes) -> None:
    await aws.functions.create("f", runtime="python3.12", handler="h.h", role=ARN, code=code)
    settings = await aws.settings.get("f")
    wanted = with_values(settings, subnets="subnet-1", tracing="Active", dead_letter=QUEUE)
    grants = {"Effect": "Allow", "Action": ["logs:*", "sqs:ReceiveMessage", "xray:*"], "Resource": "*"}
    found = list(lacks(role(grants), needs(wanted, [QUEUE], [])))
    assert found[0].reason == "to be in its VPC"
    assert found[1:] == [
        Lack("to fetch from its event source", ("sqs:DeleteMessage", "sqs:GetQueueAttributes"), QUEUE),
        Lack("to send to its destination", ("sqs:SendMessage",), QUEUE),
    ]


def with_values(settings: FunctionSettings, **values: str) -> FunctionSettings:
    return FunctionSettings(settings.version, {**settings.values, **values})
