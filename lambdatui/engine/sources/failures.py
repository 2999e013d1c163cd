"""What is sent to the on-failure destination of a stream: which records were given up, and why."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from lambdatui.engine import destinations, lineage
from lambdatui.engine.dispatch import Outcome
from lambdatui.engine.retries import AGE_S
from lambdatui.engine.sources.mapping import Mapping
from lambdatui.engine.sources.stream_sources import Record, StreamSource
from lambdatui.engine.store.deliveries import Delivery

EXHAUSTED, TOO_OLD = "RetryAttemptsExhausted", "RecordAgeExceeded"


@dataclass(frozen=True, slots=True)
class Failure:
    """Records that were given up together."""

    condition: str
    request_id: str
    invokes: int
    outcome: Outcome | None
    """Of the last run, if there was one that counts."""


def record(
    source: StreamSource, shard: str, records: Sequence[Record], failure: Failure, now: float
) -> dict[str, Any]:
    """The record for SQS and SNS; its keys come in AWS's order."""
    shown: dict[str, Any] = {
        "requestContext": {
            "requestId": failure.request_id,
            "functionArn": source.mapping.function_arn,
            "condition": failure.condition,
            "approximateInvokeCount": failure.invokes,
        }
    }
    if failure.condition != TOO_OLD and failure.outcome is not None:
        shown["responseContext"] = {
            "statusCode": 200,
            "executedVersion": failure.outcome.executed_version,
            "functionError": failure.outcome.function_error,
        }
    return {
        **shown,
        "version": "1.0",
        "timestamp": destinations.iso(now),
        source.info: {
            "shardId": shard,
            "startSequenceNumber": records[0].sequence,
            "endSequenceNumber": records[-1].sequence,
            "approximateArrivalOfFirstRecord": _arrival(source, records[0]),
            "approximateArrivalOfLastRecord": _arrival(source, records[-1]),
            "batchSize": len(records),
            "streamArn": source.mapping.arn,
        },
    }


def _arrival(source: StreamSource, one: Record) -> str:
    if source.fraction:
        return destinations.iso(one.arrived)
    return datetime.fromtimestamp(int(one.arrived), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def delivery(
    source: StreamSource, shard: str, records: Sequence[Record], failure: Failure, event: bytes, now: float
) -> Delivery | None:
    """The message for the mapping's on-failure destination, if it has one."""
    mapping = source.mapping
    target = mapping.on_failure
    if target is None:
        return None
    shown = record(source, shard, records, failure, now)
    attributes = {}
    service = destinations.service_of(target)
    if service == "s3":
        shown["payload"] = orjson.loads(event)
        attributes = {destinations.OBJECT_KEY: object_key(mapping, shard, now)}
    return Delivery(
        id=0,
        service=service,
        kind="destination",
        target=target,
        account=mapping.function[0],
        region=mapping.function[1],
        function=mapping.function[2],
        qualifier=mapping.qualifier,
        request_id=failure.request_id,
        condition=failure.condition,
        body=orjson.dumps(shown),
        trace_id=lineage.new_root(),
        made=now,
        deadline=now + AGE_S,
        next_at=now,
        attributes=attributes,
    )


def object_key(mapping: Mapping, shard: str, now: float) -> str:
    made = datetime.fromtimestamp(now, UTC)
    return f"aws/lambda/{mapping.uuid}/{shard}/{made:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
