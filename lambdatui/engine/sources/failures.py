"""What is sent to on-failure destinations of mappings: which records were given up, and why."""

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

EXHAUSTED, TOO_OLD, TOO_LARGE = "RetryAttemptsExhausted", "RecordAgeExceeded", "MaximumPayloadSizeExceeded"


@dataclass(frozen=True, slots=True)
class Failure:
    """Records that were given up together."""

    condition: str
    request_id: str
    invokes: int
    outcome: Outcome | None
    """Of the last run, if there was one that counts."""


def head(mapping: Mapping, failure: Failure, now: float) -> dict[str, Any]:
    """What records of failures of all kinds have in common; its keys come in AWS's order."""
    shown: dict[str, Any] = {
        "requestContext": {
            "requestId": failure.request_id,
            "functionArn": mapping.function_arn,
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
    return {**shown, "version": "1.0", "timestamp": destinations.iso(now)}


def of_stream(
    source: StreamSource, shard: str, records: Sequence[Record], failure: Failure, event: bytes, now: float
) -> list[Delivery]:
    """The message for the mapping's on-failure destination, if it has one."""
    mapping = source.mapping
    if mapping.on_failure is None:
        return []
    shown = head(mapping, failure, now)
    shown[source.info] = {
        "shardId": shard,
        "startSequenceNumber": records[0].sequence,
        "endSequenceNumber": records[-1].sequence,
        "approximateArrivalOfFirstRecord": _arrival(source, records[0]),
        "approximateArrivalOfLastRecord": _arrival(source, records[-1]),
        "batchSize": len(records),
        "streamArn": mapping.arn,
    }
    return [message(mapping, failure, shown, orjson.Fragment(event), shard, now)]


def _arrival(source: StreamSource, one: Record) -> str:
    if source.fraction:
        return destinations.iso(one.arrived)
    return datetime.fromtimestamp(int(one.arrived), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def message(
    mapping: Mapping, failure: Failure, shown: dict[str, Any], payload: Any, place: str, now: float
) -> Delivery:
    """A record on its way. A bucket gets the event too, under a key that names the shard or partition."""
    target = mapping.on_failure
    assert target is not None
    attributes = {}
    service = destinations.service_of(target)
    if service == "s3":
        shown = {**shown, "payload": payload}
        attributes = {destinations.OBJECT_KEY: object_key(mapping, place, now)}
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


def object_key(mapping: Mapping, place: str, now: float) -> str:
    made = datetime.fromtimestamp(now, UTC)
    return f"aws/lambda/{mapping.uuid}/{place}/{made:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
