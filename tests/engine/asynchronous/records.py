"""Queues to look into, and records as AWS writes them, for the tests of destinations."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from tests.engine.asynchronous.sending import Async

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
REGION, ACCOUNT = "us-east-1", "000000000000"


def arn_of(name: str, qualifier: str | None = None) -> str:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    return f"{arn}:{qualifier}" if qualifier else arn


class Queue:
    """A queue of our own beside the engine."""

    def __init__(self, world: Async, name: str | None = None) -> None:
        self.client = world.engine.client("sqs")
        self.name = name or f"q-{uuid.uuid4().hex[:12]}"
        self.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.name}"
        self.url = ""

    def create(self, **attributes: str) -> Queue:
        self.url = self.client.create_queue(QueueName=self.name, Attributes=attributes)["QueueUrl"]
        return self

    def take(self) -> list[dict[str, Any]]:
        """All messages."""
        found: list[dict[str, Any]] = []
        while messages := self.client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
        ).get("Messages"):
            found += messages
        return found

    def record(self) -> dict[str, Any]:
        """The one record in it."""
        (message,) = self.take()
        found: dict[str, Any] = json.loads(message["Body"])
        return found


def record_of(world: Async, name: str, request_id: str, **more: Any) -> dict[str, Any]:
    """A record as it has to be; `more` changes it."""
    return {
        "version": "1.0",
        "requestContext": {
            "requestId": request_id,
            "functionArn": arn_of(name, more.pop("qualifier", "$LATEST")),
            "condition": more.pop("condition"),
            "approximateInvokeCount": more.pop("count"),
        },
        "requestPayload": {"out": str(world.out), **more.pop("event", {})},
        **more,
    }


def same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """A record and what it has to be, its keys in AWS's order."""
    assert STAMP.fullmatch(found["timestamp"])
    order = [
        *("version", "timestamp", "requestContext", "requestPayload", "responseContext", "responsePayload")
    ]
    assert list(found) == [key for key in order if key in found]
    assert list(found["requestContext"]) == [
        *("requestId", "functionArn", "condition", "approximateInvokeCount")
    ]
    assert {key: value for key, value in found.items() if key != "timestamp"} == wanted


def failure(world: Async, request_id: str, text: str = "no") -> dict[str, Any]:
    """The two members that tell of a Python exception in the function of these tests."""
    return {
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {
            "errorMessage": text,
            "errorType": "ValueError",
            "requestId": request_id,
            "stackTrace": [
                '  File "/var/task/app.py", line 12, in handler\n    raise ValueError(event["fail"])\n'
            ],
        },
    }


def without_place(record: dict[str, Any]) -> dict[str, Any]:
    """Where the code lies differs between isolation tiers."""
    answer = record["responsePayload"]
    answer["stackTrace"] = [
        re.sub(r'"[^"]*/app.py"', '"/var/task/app.py"', one) for one in answer["stackTrace"]
    ]
    return record


def to(arn: str) -> dict[str, str]:
    return {"Destination": arn}
