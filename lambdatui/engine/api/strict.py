"""What ``--strict`` asks the neighbours: whether what a configuration names is there.

Without it roles, subnets, queues and streams need not exist, and nothing is asked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from lambdatui.engine.api.mapping_rules import Kind
from lambdatui.engine.triggers.errors import NeighbourError
from lambdatui.engine.wire.errors import ApiError, invalid_parameter

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

Members = dict[str, Any]
SERVICE = "lambda.amazonaws.com"
NO_SUCH_QUEUE = (
    "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue."
    " SQS Error Message: The specified queue does not exist."
)


async def check_function(ctx: Context, request: Members) -> Members:
    """Check role, network and dead letter queue of a request; the request, which may know its VPC now."""
    if not ctx.settings.strict:
        return request
    if request.get("Role"):
        await _check_role(ctx, request["Role"])
    if target := request.get("DeadLetterConfig", {}).get("TargetArn"):
        await _check_dead_letters(ctx, target)
    vpc = request.get("VpcConfig")
    if vpc and vpc.get("SubnetIds"):
        return {**request, "VpcConfig": {**vpc, "VpcId": await _vpc_of(ctx, vpc)}}
    return request


async def _check_role(ctx: Context, arn: str) -> None:
    *_, account, path = arn.split(":")
    try:
        answer = await _ask(ctx, "iam", "GetRole", account, RoleName=path.rpartition("/")[2])
    except NeighbourError:
        answer = {}
    role = answer.get("Role", {})
    if role.get("Arn") != arn or not _trusts_lambda(role.get("AssumeRolePolicyDocument")):
        raise invalid_parameter("The role defined for the function cannot be assumed by Lambda.")


def _trusts_lambda(document: Any) -> bool:
    """Whether a trust policy lets Lambda assume the role."""
    policy = json.loads(unquote(document)) if isinstance(document, str) else document or {}
    statements = policy.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        trusted = principal.get("Service", []) if isinstance(principal, dict) else []
        names = trusted if isinstance(trusted, list) else [trusted]
        if statement.get("Effect") == "Allow" and SERVICE in names:
            return True
    return False


async def _vpc_of(ctx: Context, vpc: Members) -> str:
    """The VPC that subnets and groups, which must exist, belong to."""
    subnets = await _describe(ctx, "DescribeSubnets", SubnetIds=vpc["SubnetIds"])
    if groups := vpc.get("SecurityGroupIds"):
        await _describe(ctx, "DescribeSecurityGroups", GroupIds=groups)
    return str(subnets["Subnets"][0]["VpcId"])


async def _describe(ctx: Context, operation: str, **ids: list[str]) -> Members:
    try:
        return await _ask(ctx, "ec2", operation, ctx.account, **ids)
    except NeighbourError as error:
        (wanted,) = ids.values()
        absent = next((one for one in wanted if one in error.message), wanted[0])
        noun = "subnet ID" if operation == "DescribeSubnets" else "security group"
        known = error.code in ("InvalidSubnetID.NotFound", "InvalidGroup.NotFound")
        message = f"The {noun} '{absent}' does not exist" if known else error.message
        raise invalid_parameter(
            f"Error occurred while {operation}. EC2 Error Code: {error.code}. EC2 Error Message: {message}"
        ) from error


async def _check_dead_letters(ctx: Context, arn: str) -> None:
    service = arn.split(":")[2]
    if service in ("sqs", "sns") and not await _exists(ctx, arn):
        call = "SendMessage on SQS" if service == "sqs" else "Publish on SNS"
        raise invalid_parameter(f"The provided execution role does not have permissions to call {call}")


async def check_destinations(ctx: Context, config: Members) -> None:
    """Check the destinations of asynchronous events; functions are checked by their own rules."""
    if not ctx.settings.strict:
        return
    for outcome in ("OnSuccess", "OnFailure"):
        arn = config.get(outcome, {}).get("Destination")
        if arn and not await _exists(ctx, arn):
            raise invalid_parameter(f"The destination ARN {arn} is invalid.")


async def check_source(ctx: Context, kind: Kind, arn: str, function_timeout_s: int) -> None:
    """Check the source of an event source mapping."""
    if not ctx.settings.strict:
        return
    if kind is Kind.SQS:
        await _check_queue(ctx, arn, function_timeout_s)
    elif kind in (Kind.KINESIS, Kind.DYNAMODB) and not await _exists(ctx, arn):
        raise invalid_parameter(f"Stream not found: {arn}")


async def _check_queue(ctx: Context, arn: str, function_timeout_s: int) -> None:
    url = ctx.engine.neighbours.queue_url(arn)
    names = ["VisibilityTimeout"]
    try:
        answer = await _ask(
            ctx, "sqs", "GetQueueAttributes", _account(arn), QueueUrl=url, AttributeNames=names
        )
    except NeighbourError as error:
        raise invalid_parameter(NO_SUCH_QUEUE) from error
    visible_s = int(answer["Attributes"]["VisibilityTimeout"])
    if visible_s < function_timeout_s:
        raise invalid_parameter(
            f"Queue visibility timeout: {visible_s} seconds is less than Function timeout:"
            f" {function_timeout_s} seconds"
        )


async def _exists(ctx: Context, arn: str) -> bool:
    """Whether there is a queue, topic, bus, bucket or stream with this ARN; others are taken on trust."""
    parts = arn.split(":", 5)
    service, name = parts[2], parts[5]
    questions: dict[str, tuple[str, str, Members]] = {
        "sqs": ("sqs", "GetQueueAttributes", {"QueueUrl": ctx.engine.neighbours.queue_url(arn)}),
        "sns": ("sns", "GetTopicAttributes", {"TopicArn": arn}),
        "events": ("events", "DescribeEventBus", {"Name": name.rpartition("/")[2]}),
        "s3": ("s3", "HeadBucket", {"Bucket": name.partition("/")[0]}),
        "kinesis": ("kinesis", "DescribeStreamSummary", {"StreamName": name.rpartition("/")[2]}),
        "dynamodb": ("dynamodbstreams", "DescribeStream", {"StreamArn": arn}),
    }
    if service not in questions:
        return True
    asked, operation, members = questions[service]
    try:
        await _ask(ctx, asked, operation, _account(arn) or ctx.account, **members)
    except NeighbourError:
        return False
    return True


def _account(arn: str) -> str:
    return arn.split(":")[4]


async def _ask(ctx: Context, service: str, operation: str, account: str, **members: Any) -> Members:
    """A neighbour's answer. That there is none to ask is said as such: it is not the request's fault."""
    client = ctx.engine.neighbours.client(service, account, ctx.region)
    try:
        return await client.call(operation, **members)
    except NeighbourError as error:
        if error.unreachable:
            text = f"The engine runs with --strict and cannot ask {service}: {error.message}"
            raise ApiError("InvalidParameterValueException", text) from error
        raise
