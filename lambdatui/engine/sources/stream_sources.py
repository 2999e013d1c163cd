"""Kinesis and DynamoDB Streams, asked in their own ways, told in one."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Callable
from collections.abc import Mapping as Members
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.sources.mapping import Mapping
from lambdatui.engine.store.checkpoints import Checkpoint

if TYPE_CHECKING:
    from lambdatui.engine.triggers.client import Client

READ_AT_ONCE = 1000
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard of a stream."""

    id: str
    parents: tuple[str, ...]
    """Whose records come before its own."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a stream, and the JSON that functions get."""

    sequence: str
    key: str
    """Records with the same key keep their order."""
    arrived: float
    shown: dict[str, Any]
    body: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """What one read brought; without an iterator the shard is over."""

    records: list[Record]
    iterator: str | None


class StreamSource(ABC):
    """What both kinds have in common. `role` is what the function runs as."""

    info: str
    """The member of a failure record that names the records."""
    fraction: bool
    """Whether failure records tell arrival times in milliseconds."""
    by_time: bool
    """Whether a shard can be read from a time on."""
    idle_s: float
    """How often AWS looks for new records."""

    def __init__(self, mapping: Mapping, client: Client, role: Callable[[], str]) -> None:
        self.mapping = mapping
        self._client = client
        self._role = role
        self.retention_s = DAY_S
        """How long the stream keeps a record; known for good once it was described."""

    @abstractmethod
    async def describe(self) -> tuple[str, list[Shard]]:
        """When the stream was made, and its shards."""

    async def iterator(self, shard: str, position: Members[str, Any]) -> str:
        """Where to read from: behind a record, since a time, or at one end."""
        if "iterator" in position:
            return str(position["iterator"])
        if "after" in position:
            more: dict[str, Any] = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                self._sequence: position["after"],
            }
        elif position["from"] == "AT_TIMESTAMP":
            more = {
                "ShardIteratorType": "AT_TIMESTAMP",
                "Timestamp": datetime.fromtimestamp(position["at"], UTC),
            }
        else:
            more = {"ShardIteratorType": position["from"]}
        answer = await self._client.call("GetShardIterator", ShardId=shard, **self._stream, **more)
        return str(answer["ShardIterator"])

    def without_iterator(self, checkpoint: Checkpoint) -> dict[str, Any]:
        """Where to begin when the iterator that was remembered does not hold any more."""
        position = {name: value for name, value in checkpoint.position.items() if name != "iterator"}
        if "at" in position and self.by_time:
            position["from"] = "AT_TIMESTAMP"
        return position

    async def read(self, shard: str, iterator: str) -> Read:
        answer = await self._client.call("GetRecords", ShardIterator=iterator, Limit=READ_AT_ONCE)
        records = [self._record(shard, one) for one in answer.get("Records", ())]
        return Read(records, answer.get("NextShardIterator"))

    _sequence: str

    @property
    @abstractmethod
    def _stream(self) -> dict[str, Any]:
        """The members of a request that name the stream."""

    @abstractmethod
    def _record(self, shard: str, told: dict[str, Any]) -> Record:
        """One record as the stream tells of it, as functions get it."""


class KinesisSource(StreamSource):
    """A stream of Kinesis."""

    info, fraction, by_time, idle_s = "KinesisBatchInfo", True, True, 1.0
    _sequence = "StartingSequenceNumber"

    @property
    def _stream(self) -> dict[str, Any]:
        return {"StreamName": self.mapping.arn.split(":")[5].split("/")[1]}

    async def describe(self) -> tuple[str, list[Shard]]:
        told = await self._client.call("DescribeStreamSummary", **self._stream)
        made: datetime = told["StreamDescriptionSummary"]["StreamCreationTimestamp"]
        self.retention_s = told["StreamDescriptionSummary"]["RetentionPeriodHours"] * 3600.0
        shards: list[Shard] = []
        asked: dict[str, Any] = self._stream
        while asked:
            answer = await self._client.call("ListShards", **asked)
            for one in answer["Shards"]:
                parents = (one.get("ParentShardId"), one.get("AdjacentParentShardId"))
                shards.append(Shard(one["ShardId"], tuple(parent for parent in parents if parent)))
            asked = {"NextToken": answer["NextToken"]} if answer.get("NextToken") else {}
        return made.astimezone(UTC).isoformat(), shards

    def _record(self, shard: str, told: dict[str, Any]) -> Record:
        arrived = told["ApproximateArrivalTimestamp"].timestamp()
        shown = {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": told["PartitionKey"],
                "sequenceNumber": told["SequenceNumber"],
                "data": base64.b64encode(told["Data"]).decode(),
                "approximateArrivalTimestamp": arrived,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard}:{told['SequenceNumber']}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": self._role(),
            "awsRegion": self.mapping.source_region,
            "eventSourceARN": self.mapping.arn,
        }
        return Record(told["SequenceNumber"], told["PartitionKey"], arrived, shown, orjson.dumps(shown))


class DynamoSource(StreamSource):
    """The stream of a DynamoDB table."""

    info, fraction, by_time, idle_s = "DDBStreamBatchInfo", False, False, 0.25
    _sequence = "SequenceNumber"

    @property
    def _stream(self) -> dict[str, Any]:
        return {"StreamArn": self.mapping.arn}

    async def describe(self) -> tuple[str, list[Shard]]:
        shards: list[Shard] = []
        after: dict[str, Any] = {}
        while True:
            answer = await self._client.call("DescribeStream", **self._stream, **after)
            told = answer["StreamDescription"]
            for one in told.get("Shards", ()):
                parent = one.get("ParentShardId")
                shards.append(Shard(one["ShardId"], (parent,) if parent else ()))
            if not told.get("LastEvaluatedShardId"):
                break
            after = {"ExclusiveStartShardId": told["LastEvaluatedShardId"]}
        made = told.get("CreationRequestDateTime")
        return (made.astimezone(UTC).isoformat() if made else self.mapping.arn), shards

    def _record(self, shard: str, told: dict[str, Any]) -> Record:
        change = told["dynamodb"]
        arrived = float(change["ApproximateCreationDateTime"].timestamp())
        names = ("Keys", "NewImage", "OldImage", "SequenceNumber", "SizeBytes", "StreamViewType")
        shown = {
            **{name: told[name] for name in ("eventID", "eventName", "eventVersion", "eventSource")},
            "awsRegion": self.mapping.source_region,
            "dynamodb": {
                "ApproximateCreationDateTime": arrived,
                **{name: _text(change[name]) for name in names if name in change},
            },
            "eventSourceARN": self.mapping.arn,
        }
        if "userIdentity" in told:
            who = told["userIdentity"]
            shown["userIdentity"] = {"type": who.get("Type"), "principalId": who.get("PrincipalId")}
        key = orjson.dumps(shown["dynamodb"].get("Keys"), option=orjson.OPT_SORT_KEYS).decode()
        return Record(change["SequenceNumber"], key, arrived, shown, orjson.dumps(shown))


def _text(value: Any) -> Any:
    """With bytes as base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _text(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_text(one) for one in value]
    return value
