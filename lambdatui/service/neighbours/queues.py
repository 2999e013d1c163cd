"""SQS: messages. There is no way to read one without receiving it; what that does is said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lambdatui.model.neighbours import Inside, Item, Neighbour, NeighbourKind
from lambdatui.service.clean import clean, clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import NotFound
from lambdatui.service.together import together

MOST = 100
"""Messages that one look receives."""
AT_ONCE = 10
HIDDEN_S = 30
"""So long what is looked at is hidden from others, if nobody gives it back."""


class Queues:
    """The SQS operations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def all(self) -> list[Neighbour]:
        """Every queue, with its counts."""
        urls = [
            str(url)
            async for page in self._connection.pages("sqs", "list_queues", MaxResults=1000)
            for url in page.get("QueueUrls", ())
        ]
        found = await together(map(self._described, urls))
        return [one for one in found if one is not None]

    async def _described(self, url: str) -> Neighbour | None:
        """A queue; None for one that was deleted meanwhile."""
        try:
            raw = await attributes(self._connection, url)
        except NotFound:
            return None
        return read_queue(url, raw)

    async def inside(self, one: Neighbour) -> Inside:
        """Its messages, received and given back at once."""
        messages, more = await peek(self._connection, one.address)
        counts = "Looking receives: each look adds 1 to the receive count of what it saw."
        effect = f"{counts} {one.risk}" if one.risk else counts
        return Inside(tuple(map(_item, messages)), more, effect)

    async def put(self, one: Neighbour, text: str, values: Mapping[str, str]) -> str:
        """Send a message."""
        params: dict[str, Any] = {"QueueUrl": one.address, "MessageBody": text}
        if one.fields:
            params["MessageGroupId"] = values.get("group") or "lambdatui"
            if values.get("deduplication"):
                params["MessageDeduplicationId"] = values["deduplication"]
        answer = await self._connection.pass_on("sqs", "send_message", **params)
        return f"{one.name} took message {clean_line(answer['MessageId'])}."

    async def create(self, name: str) -> None:
        """A queue; one whose name ends with .fifo keeps the order."""
        fifo = {"Attributes": {"FifoQueue": "true", "ContentBasedDeduplication": "true"}}
        await self._connection.call(
            "sqs", "create_queue", QueueName=name, **(fifo if name.endswith(".fifo") else {})
        )

    async def delete(self, one: Neighbour) -> None:
        """The queue with its messages."""
        await self._connection.call("sqs", "delete_queue", QueueUrl=one.address)


async def attributes(connection: Connection, url: str) -> dict[str, str]:
    """All that SQS says of a queue."""
    raw = await connection.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    found: dict[str, str] = raw.get("Attributes", {})
    return found


def read_queue(url: str, raw: Mapping[str, str]) -> Neighbour:
    """A queue from its attributes."""
    arn = clean_line(raw.get("QueueArn", ""))
    notes, risk = [], ""
    if hidden := int(raw.get("ApproximateNumberOfMessagesNotVisible", 0)):
        notes.append(f"{hidden} in flight")
    if delayed := int(raw.get("ApproximateNumberOfMessagesDelayed", 0)):
        notes.append(f"{delayed} delayed")
    target, after = redrive_policy(raw)
    if target:
        notes.append(f"gives up to {target.rpartition(':')[2]}")
        risk = f"After {after} receives a message goes to {target.rpartition(':')[2]}."
    fifo = arn.endswith(".fifo")
    return Neighbour(
        NeighbourKind.QUEUE,
        arn.rpartition(":")[2],
        arn,
        url,
        int(raw.get("ApproximateNumberOfMessages", 0)),
        what="message",
        risk=risk,
        notes=tuple(notes),
        fields=("group", "deduplication") if fifo else (),
        sample='{\n  "order": 42\n}',
    )


def redrive_policy(raw: Mapping[str, str]) -> tuple[str, int]:
    """The ARN of a queue's dead-letter queue, and after how many receives; "" without one."""
    try:
        policy = json.loads(raw.get("RedrivePolicy", "{}"))
        return clean_line(str(policy.get("deadLetterTargetArn", ""))), int(policy.get("maxReceiveCount", 0))
    except (ValueError, AttributeError, TypeError):
        return "", 0


async def receive(
    connection: Connection, url: str, hidden_s: int, *, most: int = AT_ONCE, wait_s: int = 0
) -> list[dict[str, Any]]:
    """Up to ten messages, hidden from others for that long."""
    answer = await connection.pass_on(
        "sqs",
        "receive_message",
        QueueUrl=url,
        MaxNumberOfMessages=min(most, AT_ONCE),
        VisibilityTimeout=hidden_s,
        WaitTimeSeconds=wait_s,
        AttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    found: list[dict[str, Any]] = answer.get("Messages", [])
    return found


async def give_back(connection: Connection, url: str, messages: Sequence[Mapping[str, Any]]) -> None:
    """Let others see received messages again."""
    for start in range(0, len(messages), AT_ONCE):
        entries = [
            {"Id": str(at), "ReceiptHandle": one["ReceiptHandle"], "VisibilityTimeout": 0}
            for at, one in enumerate(messages[start : start + AT_ONCE])
        ]
        await connection.pass_on("sqs", "change_message_visibility_batch", QueueUrl=url, Entries=entries)


async def delete(connection: Connection, url: str, message: Mapping[str, Any]) -> None:
    """Take a received message out for good."""
    await connection.pass_on("sqs", "delete_message", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


async def peek(connection: Connection, url: str, *, wait_s: int = 0) -> tuple[list[dict[str, Any]], bool]:
    """Messages as SQS tells them, given back at once; and whether there are more."""
    found: dict[str, dict[str, Any]] = {}
    try:
        while len(found) < MOST and (some := await receive(connection, url, HIDDEN_S, wait_s=wait_s)):
            found |= {one["MessageId"]: one for one in some}
    finally:
        await give_back(connection, url, list(found.values()))
    return list(found.values()), len(found) >= MOST


def sent_at(message: Mapping[str, Any]) -> datetime | None:
    """When a message was sent."""
    stamp = message.get("Attributes", {}).get("SentTimestamp")
    return datetime.fromtimestamp(int(stamp) / 1000, UTC) if stamp else None


def _item(message: Mapping[str, Any]) -> Item:
    body = str(message.get("Body", ""))
    system = message.get("Attributes", {})
    own = message.get("MessageAttributes", {})
    details = [("receives", clean_line(str(system.get("ApproximateReceiveCount", ""))))]
    details += [
        (clean_line(name), clean_line(str(value.get("StringValue", "bytes")))) for name, value in own.items()
    ]
    return Item(
        clean_line(message["MessageId"]), clean(body), sent_at(message), len(body.encode()), tuple(details)
    )
