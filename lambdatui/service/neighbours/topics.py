"""SNS: topics keep nothing; inside is who gets what is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdatui.model.neighbours import Inside, Item, Neighbour, NeighbourKind
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection


class Topics:
    """The SNS operations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def all(self) -> list[Neighbour]:
        """Every topic, with how many subscribe to it."""
        arns = [
            clean_line(raw["TopicArn"])
            async for page in self._connection.pages("sns", "list_topics")
            for raw in page.get("Topics", ())
        ]
        subscribed = (
            [
                raw["TopicArn"]
                async for page in self._connection.pages("sns", "list_subscriptions")
                for raw in page.get("Subscriptions", ())
            ]
            if arns
            else []
        )
        return [
            Neighbour(
                NeighbourKind.TOPIC,
                arn.rpartition(":")[2],
                arn,
                count=subscribed.count(arn),
                what="subscription",
                fields=("subject", "group") if arn.endswith(".fifo") else ("subject",),
                sample='{\n  "order": 42\n}',
            )
            for arn in arns
        ]

    async def inside(self, one: Neighbour) -> Inside:
        """The subscriptions."""
        found = [
            raw
            async for page in self._connection.pages("sns", "list_subscriptions_by_topic", TopicArn=one.arn)
            for raw in page.get("Subscriptions", ())
        ]
        return Inside(
            tuple(map(_item, found)), effect="A topic keeps no messages: these get what is published."
        )

    async def put(self, one: Neighbour, text: str, values: Mapping[str, str]) -> str:
        """Publish a message."""
        params: dict[str, Any] = {"TopicArn": one.arn, "Message": text}
        if values.get("subject"):
            params["Subject"] = values["subject"]
        if "group" in one.fields:
            params["MessageGroupId"] = values.get("group") or "lambdatui"
        answer = await self._connection.pass_on("sns", "publish", **params)
        return f"{one.name} published message {clean_line(answer['MessageId'])}."

    async def create(self, name: str) -> None:
        """A topic; one whose name ends with .fifo keeps the order."""
        fifo = {"Attributes": {"FifoTopic": "true", "ContentBasedDeduplication": "true"}}
        await self._connection.call(
            "sns", "create_topic", Name=name, **(fifo if name.endswith(".fifo") else {})
        )

    async def delete(self, one: Neighbour) -> None:
        """The topic with its subscriptions."""
        await self._connection.call("sns", "delete_topic", TopicArn=one.arn)


def _item(raw: Mapping[str, Any]) -> Item:
    endpoint = clean_line(str(raw.get("Endpoint", "")))
    protocol = clean_line(str(raw.get("Protocol", "")))
    return Item(clean_line(str(raw["SubscriptionArn"])), f"{protocol} {endpoint}")
