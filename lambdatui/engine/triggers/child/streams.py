"""Streams as Lambda needs them: the engine hears of new records, and what moto says of them is put right."""

from __future__ import annotations

import base64
from typing import Any

from lambdatui.engine.triggers.child.channel import Channel
from lambdatui.engine.triggers.child.patching import replace


def attach(channel: Channel) -> None:
    """Has moto's streams tell of every record."""
    from moto.dynamodb.models import table
    from moto.dynamodbstreams import models as dynamodbstreams
    from moto.kinesis import models as kinesis

    put, split, merge = kinesis.Stream.put_record, kinesis.Stream.split_shard, kinesis.Stream.merge_shards
    add, made = table.StreamShard.add, table.StreamRecord.__init__
    get, delete = dynamodbstreams.ShardIterator.get, kinesis.KinesisBackend.delete_stream

    def put_record(self: Any, *args: Any) -> Any:
        answer = put(self, *args)
        channel.tell("records", stream=self.arn)
        return answer

    def split_shard(self: Any, *args: Any) -> None:
        split(self, *args)
        channel.tell("records", stream=self.arn)

    def merge_shards(self: Any, *args: Any) -> None:
        merge(self, *args)
        channel.tell("records", stream=self.arn)

    def delete_stream(self: Any, *args: Any, **more: Any) -> Any:
        gone = delete(self, *args, **more)
        channel.tell("records", stream=gone.arn)
        return gone

    def add_record(self: Any, old: Any, new: Any) -> None:
        if old is not None and new is not None and old.to_json() == new.to_json():
            return  # writing the same item again is no change
        add(self, old, new)
        stream = f"{self.table.table_arn}/stream/{self.table.latest_stream_label}"
        channel.tell("records", stream=stream)

    def new_record(self: Any, *args: Any, **more: Any) -> None:
        made(self, *args, **more)
        told = self.record["dynamodb"]
        self.record["eventVersion"] = "1.1"
        told["SizeBytes"] = sum(
            _size(told[name]) for name in ("Keys", "NewImage", "OldImage") if name in told
        )

    def get_once(self: Any, limit: int = 1000) -> dict[str, Any]:
        found: dict[str, Any] = get(self, limit)
        if not found["Records"]:  # moto keeps every iterator for ever: an empty read needs no new one
            self.streams_backend.shard_iterators.pop(found["NextShardIterator"], None)
            found["NextShardIterator"] = self.arn
        return found

    replace(kinesis.KinesisBackend, delete_stream=delete_stream)
    replace(kinesis.Stream, put_record=put_record, split_shard=split_shard, merge_shards=merge_shards)
    replace(table.StreamShard, add=add_record)
    replace(table.StreamRecord, __init__=new_record)
    replace(dynamodbstreams.ShardIterator, get=get_once)


def _size(item: dict[str, Any]) -> int:
    """Bytes of an item as DynamoDB counts them: names and values."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind in ("NULL", "BOOL"):
        return 1
    if kind == "N":
        return (len(str(content).lstrip("-").replace(".", "")) + 1) // 2 + 1
    if kind == "B":
        return len(content if isinstance(content, bytes) else base64.b64decode(content))
    if kind == "S":
        return len(content.encode())
    if kind == "M":
        return 3 + sum(len(name.encode()) + 1 + _value_size(one) for name, one in content.items())
    if kind == "L":
        return 3 + sum(1 + _value_size(one) for one in content)
    return sum(_value_size({kind[0]: one}) for one in content)
