"""The least that an execution role must grant, by what the function is set to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lambdatui.model import FunctionSettings
from lambdatui.model.role import Lack, Role

_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)
_TRACES = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
_FETCHES = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "kinesis": (
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    ),
    "dynamodb": (
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ),
    "kafka": ("kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"),
}
_SENDS = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
    "s3": "s3:PutObject",
}


def needs(settings: FunctionSettings, sources: Sequence[str], destinations: Sequence[str]) -> Iterator[Lack]:
    """All of it; ``sources`` and ``destinations`` are ARNs."""
    _, partition, _, region, account, *_ = settings.version.arn.split(":")
    group = f"arn:{partition}:logs:{region}:{account}:log-group:{settings.values['log_group']}:*"
    yield Lack("to write its log", _LOGS, group)
    if settings.values.get("subnets"):
        yield Lack("to be in its VPC", _NETWORK, "*")
    if settings.values.get("tracing") == "Active":
        yield Lack("to trace", _TRACES, "*")
    for arn in sources:
        if actions := _FETCHES.get(_service(arn)):
            yield Lack("to fetch from its event source", actions, arn)
    dead = settings.values.get("dead_letter", "")
    for arn in dict.fromkeys((*destinations, *([dead] if dead else ()))):
        if action := _SENDS.get(_service(arn)):
            resource = f"{arn}/*" if _service(arn) == "s3" else arn
            yield Lack("to send to its destination", (action,), resource)


def lacks(role: Role, wanted: Iterator[Lack]) -> Iterator[Lack]:
    """What of it the role's policies do not grant."""
    for each in wanted:
        missing = tuple(action for action in each.actions if not role.may(action, each.resource))
        if missing:
            yield Lack(each.reason, missing, each.resource)


def _service(arn: str) -> str:
    return arn.split(":", 3)[2] if arn.startswith("arn:") and arn.count(":") >= 5 else ""
