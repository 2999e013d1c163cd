"""Kinesis: records, read by iterators of our own, so that nobody else's place moves."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from lambdatui.model.neighbours import Inside, Item, Neighbour, NeighbourKind
from lambdatui.service.clean import clean_bytes, clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import NotFound
from lambdatui.service.together import together

MOST = 100
"""Records that are shown, the newest."""
READS = 5
"""Calls for each shard: a long stream is not read to its end."""


class Streams:
    """The Kinesis operations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def all(self) -> list[Neighbour]:
        """Every stream, with its open shards: nobody counts records."""
        names = [
            clean_line(name)
            async for page in self._connection.pages("kinesis", "list_streams")
            for name in page.get("StreamNames", ())
        ]
        found = await together(map(self._described, names))
        return [one for one in found if one is not None]

    async def _described(self, name: str) -> Neighbour | None:
        try:
            raw = await self._connection.call("kinesis", "describe_stream_summary", StreamName=name)
        except NotFound:
            return None
        summary = raw["StreamDescriptionSummary"]
        status = clean_line(str(summary.get("StreamStatus", "")))
        return Neighbour(
            NeighbourKind.STREAM,
            name,
            clean_line(summary["StreamARN"]),
            count=int(summary.get("OpenShardCount", 0)),
            what="shard",
            notes=() if status == "ACTIVE" else (status.lower(),),
            fields=("partition key",),
            sample='{\n  "order": 42\n}',
        )

    async def inside(self, one: Neighbour) -> Inside:
        """The newest records of all shards, as far as a few reads reach."""
        raw = await self._connection.call("kinesis", "list_shards", StreamName=one.name)
        shards = [str(shard["ShardId"]) for shard in raw.get("Shards", ())]
        found = await together(self._records(one.name, shard) for shard in shards)
        records = [record for records, _ in found for record in records]
        records.sort(key=itemgetter("ApproximateArrivalTimestamp"), reverse=True)
        more = len(records) > MOST or any(unread for _, unread in found)
        return Inside(tuple(map(_item, records[:MOST])), more)

    async def _records(self, stream: str, shard: str) -> tuple[list[dict[str, Any]], bool]:
        """Records of a shard from its oldest on, and whether there are more."""
        answer = await self._connection.call(
            "kinesis", "get_shard_iterator",
            StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON",
        )  # fmt: skip
        iterator = answer.get("ShardIterator")
        found: list[dict[str, Any]] = []
        for _ in range(READS):
            if not iterator:
                return found, False
            page = await self._connection.call("kinesis", "get_records", ShardIterator=iterator, Limit=1000)
            found += [{**record, "Shard": shard} for record in page.get("Records", ())]
            iterator = page.get("NextShardIterator")
            if not page.get("MillisBehindLatest"):
                return found, False
        return found, True

    async def put(self, one: Neighbour, text: str, values: Mapping[str, str]) -> str:
        """Write a record."""
        key = values.get("partition key") or "lambdatui"
        answer = await self._connection.pass_on(
            "kinesis", "put_record", StreamName=one.name, Data=text.encode(), PartitionKey=key
        )
        number, shard = clean_line(answer["SequenceNumber"]), clean_line(answer["ShardId"])
        return f"{one.name} took record {number} in {shard}."

    async def create(self, name: str) -> None:
        """A stream of one shard."""
        await self._connection.call("kinesis", "create_stream", StreamName=name, ShardCount=1)

    async def delete(self, one: Neighbour) -> None:
        """The stream with its records."""
        await self._connection.call(
            "kinesis", "delete_stream", StreamName=one.name, EnforceConsumerDeletion=True
        )


def _item(raw: Mapping[str, Any]) -> Item:
    data: bytes = raw.get("Data", b"")
    details = (
        ("partition key", clean_line(str(raw.get("PartitionKey", "")))),
        ("shard", clean_line(raw["Shard"])),
    )
    number = clean_line(str(raw["SequenceNumber"]))
    return Item(number, clean_bytes(data), raw.get("ApproximateArrivalTimestamp"), len(data), details)
