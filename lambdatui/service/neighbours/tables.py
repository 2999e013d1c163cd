"""DynamoDB: items, written as plain JSON; sets and bytes as DynamoDB spells them."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lambdatui.model.neighbours import Inside, Item, Neighbour, NeighbourKind
from lambdatui.service.clean import clean, clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Invalid, NotFound
from lambdatui.service.together import together

MOST = 100
_SPELLED = frozenset({"B", "SS", "NS", "BS"})
"""Types that JSON has no way to write."""


class Tables:
    """The DynamoDB operations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def all(self) -> list[Neighbour]:
        """Every table, with the count that DynamoDB keeps (on AWS it is up to six hours old)."""
        names = [
            clean_line(name)
            async for page in self._connection.pages("dynamodb", "list_tables")
            for name in page.get("TableNames", ())
        ]
        found = await together(map(self._described, names))
        return [one for one in found if one is not None]

    async def _described(self, name: str) -> Neighbour | None:
        try:
            table = (await self._connection.call("dynamodb", "describe_table", TableName=name))["Table"]
        except NotFound:
            return None
        types = {one["AttributeName"]: one["AttributeType"] for one in table.get("AttributeDefinitions", ())}
        keys = [clean_line(one["AttributeName"]) for one in table.get("KeySchema", ())]
        status = clean_line(str(table.get("TableStatus", "")))
        notes = [f"key {', '.join(keys)}"]
        if (table.get("StreamSpecification") or {}).get("StreamEnabled"):
            notes.append("has a stream")
        if status != "ACTIVE":
            notes.append(status.lower())
        sample = {key: 42 if types.get(key) == "N" else f"{key}-42" for key in keys}
        return Neighbour(
            NeighbourKind.TABLE,
            name,
            clean_line(table["TableArn"]),
            count=int(table.get("ItemCount", 0)),
            what="item",
            notes=tuple(notes),
            sample=json.dumps(sample, indent=2),
        )

    async def inside(self, one: Neighbour) -> Inside:
        """One page of a scan."""
        page = await self._connection.call("dynamodb", "scan", TableName=one.name, Limit=MOST)
        table = (await self._connection.call("dynamodb", "describe_table", TableName=one.name))["Table"]
        keys = [str(key["AttributeName"]) for key in table.get("KeySchema", ())]
        return Inside(tuple(_item(raw, keys) for raw in page.get("Items", ())), "LastEvaluatedKey" in page)

    async def put(self, one: Neighbour, text: str, values: Mapping[str, str]) -> str:
        """Write an item over one of the same key."""
        try:
            item = typed(json.loads(text, parse_float=Decimal))["M"]
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid("Bytes are written as base64, sets as lists, and an item is an object.") from error
        await self._connection.pass_on("dynamodb", "put_item", TableName=one.name, Item=item)
        return f"{one.name} holds the item now."

    async def create(self, name: str) -> None:
        """A table with the key ``id``, a string."""
        await self._connection.call(
            "dynamodb",
            "create_table",
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )

    async def delete(self, one: Neighbour) -> None:
        """The table with its items."""
        await self._connection.call("dynamodb", "delete_table", TableName=one.name)


def _item(raw: Mapping[str, Any], keys: list[str]) -> Item:
    item = {name: plain(value) for name, value in raw.items()}
    text = json.dumps(item, ensure_ascii=False)
    id_ = ", ".join(str(item.get(key)) for key in keys)
    return Item(clean_line(id_), clean(text), size=len(text.encode()))


def plain(value: Mapping[str, Any]) -> Any:
    """A DynamoDB value as JSON has it."""
    ((kind, held),) = value.items()
    match kind:
        case "N":
            return number(held)
        case "M":
            return {name: plain(one) for name, one in held.items()}
        case "L":
            return [plain(one) for one in held]
        case "NULL":
            return None
        case "B":
            return {"B": b64encode(held).decode()}
        case "BS":
            return {"BS": [b64encode(one).decode() for one in held]}
        case "SS" | "NS":
            return {kind: sorted(held)}
        case _:
            return held


def typed(value: Any) -> dict[str, Any]:
    """JSON as a DynamoDB value."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | float() | Decimal():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case list():
            return {"L": [typed(one) for one in value]}
        case dict() if len(value) == 1 and (kind := next(iter(value))) in _SPELLED:
            return {kind: _bytes(kind, value[kind])}
        case _:
            return {"M": {name: typed(one) for name, one in value.items()}}


def number(text: str) -> int | float:
    """A number as near to what DynamoDB holds as JSON gets."""
    return int(text) if text.lstrip("-").isdecimal() else float(text)


def _bytes(kind: str, value: Any) -> Any:
    if kind == "B":
        return b64decode(value)
    return [b64decode(one) for one in value] if kind == "BS" else value
