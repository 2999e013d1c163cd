"""A function that others call, and those who call it."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy, log_lines, unique, until

ECHO = """
import json
def handler(event, context):
    print("GOT " + json.dumps(event))
    return event
"""


class Function:
    """A function that logs what it is given."""

    def __init__(self, engine: EngineProcess, code: str = ECHO, **config: Any) -> None:
        self.engine = engine
        self.client = engine.client("lambda")
        self.name = deploy(self.client, code, **config)
        self.arn = self.client.get_function_configuration(FunctionName=self.name)["FunctionArn"]

    def allow(self, service: str, arn: str, **more: Any) -> str:
        sid = unique("s")
        self.client.add_permission(
            FunctionName=self.name,
            StatementId=sid,
            Action="lambda:InvokeFunction",
            Principal=f"{service}.amazonaws.com",
            SourceArn=arn,
            **more,
        )
        return sid

    def got(self, count: int = 1) -> list[Any]:
        """What it was given, once it ran `count` times."""

        def events() -> list[Any]:
            lines = log_lines(self.engine.client("logs"), self.name)
            return [json.loads(line.removeprefix("GOT ")) for line in lines if line.startswith("GOT ")]

        until(lambda: self._logs() and len(events()) >= count)
        return events()

    def _logs(self) -> bool:
        prefix = f"/aws/lambda/{self.name}"
        return bool(self.engine.client("logs").describe_log_groups(logGroupNamePrefix=prefix)["logGroups"])


def make_bucket(engine: EngineProcess) -> str:
    name = unique("bucket")
    engine.client("s3").create_bucket(Bucket=name)
    return name


def notify(engine: EngineProcess, bucket: str, arn: str, **more: Any) -> None:
    one = {
        "Id": "one",
        "LambdaFunctionArn": arn,
        "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
        **more,
    }
    engine.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [one]}
    )


def make_queue(engine: EngineProcess) -> tuple[str, str]:
    """The URL and the ARN of a queue of one's own."""
    sqs, name = engine.client("sqs"), unique("queue")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def make_rule(engine: EngineProcess, function: Function, **rule: Any) -> str:
    name = unique("rule")
    arn: str = engine.client("events").put_rule(Name=name, **rule)["RuleArn"]
    function.allow("events", arn)
    return name


def put_event(engine: EngineProcess, **detail: Any) -> str:
    entry = {"Source": "shop", "DetailType": "order", "Detail": json.dumps(detail), "Resources": ["arn:r"]}
    [made] = engine.client("events").put_events(Entries=[entry])["Entries"]
    return str(made["EventId"])
