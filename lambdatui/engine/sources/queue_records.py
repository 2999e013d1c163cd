"""Messages of SQS as records of an event, member by member in AWS's order."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from lambdatui.engine.sources.mapping import PAYLOAD_LIMIT, Mapping

_ATTRIBUTES = (
    "ApproximateReceiveCount",
    "AWSTraceHeader",
    "SentTimestamp",
    "SequenceNumber",
    "MessageGroupId",
    "SenderId",
    "MessageDeduplicationId",
    "ApproximateFirstReceiveTimestamp",
    "DeadLetterQueueSourceArn",
)
_HEAD, _TAIL = b'{"Records":[', b"]}"


@dataclass(frozen=True, slots=True)
class Message:
    """One received message and its record."""

    id: str
    receipt: str
    group: str | None
    trace_id: str | None
    record: dict[str, Any]
    body: bytes
    """The record as JSON."""


def message(mapping: Mapping, received: dict[str, Any]) -> Message:
    """A message as ReceiveMessage gives it."""
    attributes = received.get("Attributes", {})
    record: dict[str, Any] = {
        "messageId": received["MessageId"],
        "receiptHandle": received["ReceiptHandle"],
        "body": received["Body"],
        "attributes": {name: str(attributes[name]) for name in _ATTRIBUTES if name in attributes},
        "messageAttributes": {
            name: _attribute(value) for name, value in received.get("MessageAttributes", {}).items()
        },
    }
    if received.get("MessageAttributes"):
        record["md5OfMessageAttributes"] = received.get("MD5OfMessageAttributes")
    elif mapping.window_s >= 1:
        record["md5OfMessageAttributes"] = None
    record |= {
        "md5OfBody": received["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping.arn,
        "awsRegion": mapping.source_region,
    }
    return Message(
        received["MessageId"],
        received["ReceiptHandle"],
        attributes.get("MessageGroupId"),
        attributes.get("AWSTraceHeader"),
        record,
        orjson.dumps(record),
    )


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if "StringValue" in value:
        shown["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        shown["binaryValue"] = base64.b64encode(value["BinaryValue"]).decode()
    return {**shown, "stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}


def event(messages: Sequence[Message]) -> bytes:
    """The payload of one invocation."""
    return _HEAD + b",".join(one.body for one in messages) + _TAIL


def fitting(messages: Sequence[Message], count: int) -> int:
    """How many of the first messages go into one event: by number and by size, but at least one."""
    size = len(_HEAD) + len(_TAIL)
    for number, one in enumerate(messages[:count]):
        size += len(one.body) + 1
        if size > PAYLOAD_LIMIT and number:
            return number
    return min(len(messages), count)


def batches(messages: Sequence[Message], count: int) -> Iterator[list[Message]]:
    """All messages, in order, in as few events as they fit into."""
    rest = list(messages)
    while rest:
        cut = fitting(rest, count)
        yield rest[:cut]
        rest = rest[cut:]
