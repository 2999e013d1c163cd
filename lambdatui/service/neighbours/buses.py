"""EventBridge: buses keep nothing; inside are the rules that choose events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lambdatui.model.neighbours import Inside, Item, Neighbour, NeighbourKind
from lambdatui.service.clean import clean, clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Invalid
from lambdatui.service.together import together

SAMPLE = """{
  "source": "shop",
  "detail-type": "order placed",
  "detail": {
    "order": 42
  }
}"""


class Buses:
    """The EventBridge operations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def all(self) -> list[Neighbour]:
        """Every bus, with its rules counted."""
        raw = await self._connection.call("events", "list_event_buses")
        return await together(map(self._counted, raw.get("EventBuses", ())))

    async def _counted(self, raw: Mapping[str, Any]) -> Neighbour:
        name = clean_line(raw["Name"])
        page = await self._connection.call("events", "list_rules", EventBusName=name)
        return Neighbour(
            NeighbourKind.BUS,
            name,
            clean_line(raw.get("Arn", "")),
            count=len(page.get("Rules", ())),
            more="NextToken" in page,
            what="rule",
            sample=SAMPLE,
        )

    async def inside(self, one: Neighbour) -> Inside:
        """The rules with what they choose."""
        page = await self._connection.call("events", "list_rules", EventBusName=one.name)
        found = tuple(map(_item, page.get("Rules", ())))
        return Inside(
            found, "NextToken" in page, "A bus keeps no events: these rules choose from what comes."
        )

    async def put(self, one: Neighbour, text: str, values: Mapping[str, str]) -> str:
        """Send an event: source, detail-type and detail as they stand in events."""
        said = json.loads(text)
        missing = [name for name in ("source", "detail-type", "detail") if name not in said]
        if missing:
            raise Invalid(f"An event has a source, a detail-type and a detail; {missing[0]} is missing.")
        entry = {
            "EventBusName": one.name,
            "Source": str(said["source"]),
            "DetailType": str(said["detail-type"]),
            "Detail": json.dumps(said["detail"]),
            "Resources": [str(each) for each in said.get("resources", ())],
        }
        answer = await self._connection.pass_on("events", "put_events", Entries=[entry])
        result = (answer.get("Entries") or [{}])[0]
        if result.get("ErrorCode"):
            message = clean_line(str(result.get("ErrorMessage", "")))
            raise Invalid(f"{one.name} did not take the event: {clean_line(result['ErrorCode'])}: {message}")
        return f"{one.name} took event {clean_line(str(result.get('EventId', '')))}."

    async def create(self, name: str) -> None:
        """A bus of one's own."""
        await self._connection.call("events", "create_event_bus", Name=name)

    async def delete(self, one: Neighbour) -> None:
        """The bus; refused while it has rules."""
        await self._connection.call("events", "delete_event_bus", Name=one.name)


def _item(raw: Mapping[str, Any]) -> Item:
    chosen = raw.get("ScheduleExpression") or raw.get("EventPattern") or ""
    details = (("state", clean_line(str(raw.get("State", "")))),)
    return Item(clean_line(raw["Name"]), clean(str(chosen)), details=details)
