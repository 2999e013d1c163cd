"""A journey typed with the plain `aws` command: S3, SNS, SQS, a function, another one, its destination."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.aws_command import AwsCommand
from tests.engine.deploying import ROLE, zipped

pytest.importorskip("awscli")
FIRST = """\
import boto3
def handler(event, context):
    for record in event["Records"]:
        boto3.client("lambda").invoke(FunctionName="second", InvocationType="Event", Payload=record["body"])
"""
SECOND = """\
import json
def handler(event, context):
    told = json.loads(event["Message"])
    return [record["s3"]["object"]["key"] for record in told.get("Records", [])]
"""


def test_from_a_bucket_to_a_destination(fresh_engine: Callable[..., EngineProcess], tmp_path: Path) -> None:
    engine = fresh_engine("--isolation", "process")
    with AwsCommand(engine.env(AWS_DEFAULT_OUTPUT="json"), tmp_path) as aws:
        _travel(Terminal(aws, engine.url), tmp_path)


class Terminal:
    """Where `aws` is typed."""

    def __init__(self, aws: AwsCommand, url: str) -> None:
        self._aws = aws
        self._url = url

    def __call__(self, line: str, *last: Any) -> Any:
        """What a command answers; one that fails ends the test."""
        words = line.split() + [one if isinstance(one, str) else json.dumps(one) for one in last]
        if words[0] == "sqs":  # here the command's first version does not read AWS_ENDPOINT_URL
            words = ["--endpoint-url", self._url, *words]
        said = self._aws.type(*words)
        assert said.code == 0, (line, said.err)
        return said.answer


def _travel(aws: Terminal, folder: Path) -> None:
    for name, code in (("first", FIRST), ("second", SECOND)):
        (folder / f"{name}.zip").write_bytes(zipped({"app.py": code}))
        create = f"lambda create-function --function-name {name} --runtime python3.11 --handler app.handler"
        aws(f"{create} --role {ROLE} --timeout 20 --zip-file fileb://{name}.zip")
        aws(f"lambda wait function-active-v2 --function-name {name}")
    aws("sqs create-queue --queue-name work")
    ended = aws("sqs create-queue --queue-name ended")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:000000000000:"
    to = {"OnSuccess": {"Destination": f"{arn}ended"}}
    aws("lambda put-function-event-invoke-config --function-name second --destination-config", to)
    aws(f"lambda create-event-source-mapping --function-name first --event-source-arn {arn}work")
    topic = aws("sns create-topic --name news")["TopicArn"]
    aws(f"sns subscribe --topic-arn {topic} --protocol sqs --notification-endpoint {arn}work")
    aws("s3 mb s3://pictures")
    news = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]}
    notify = "s3api put-bucket-notification-configuration --bucket pictures --notification-configuration"
    aws(notify, news)
    aws(f"sqs purge-queue --queue-url {ended}")  # S3 says that it was configured, which is no object
    (folder / "cat.txt").write_text("meow")
    aws("s3 cp cat.txt s3://pictures/a/cat.txt")
    keys: list[str] = []
    while "a/cat.txt" not in keys:
        receive = f"sqs receive-message --queue-url {ended} --wait-time-seconds 20"
        answer = aws(receive)
        assert answer is not None, "nothing reached the destination"
        (message,) = answer["Messages"]
        record = json.loads(message["Body"])
        assert record["requestContext"]["condition"] == "Success"
        keys += record["responsePayload"]
        aws(f"sqs delete-message --queue-url {ended} --receipt-handle", message["ReceiptHandle"])
