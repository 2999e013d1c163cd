"""What on-failure destinations are told of Kafka's records: queues and topics of SNS which they were; buckets
and other topics of the same brokers get the records themselves."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from lambdatui.engine import destinations
from lambdatui.engine.sources import failures
from lambdatui.engine.sources.failures import EXHAUSTED, TOO_LARGE, Failure
from lambdatui.engine.sources.mapping import Mapping
from lambdatui.engine.sources.stream_sources import Record
from lambdatui.engine.store.deliveries import Delivery

MAPPING, KEY = "Mapping", "Key"
"""Attributes of a delivery to a topic: whose brokers it goes to, and under which key, in base64."""


def deliveries(
    mapping: Mapping, brokers: str, records: Sequence[Record], failure: Failure, event: bytes, now: float
) -> list[Delivery]:
    """The messages for the mapping's on-failure destination, if it has one."""
    if mapping.on_failure is None:
        return []
    shown = failures.head(mapping, failure, now)
    if failure.condition == TOO_LARGE:
        shown["responseContext"] = None
    if destinations.service_of(mapping.on_failure) == destinations.KAFKA:
        return [_copy(mapping, brokers, one, failure, shown, event, now) for one in records]
    first, last = records[0].shown, records[-1].shown
    shown["KafkaBatchInfo"] = {
        **_source(mapping, brokers, len(records), len(event)),
        "recordsInfo": {
            _place(first): {
                "firstRecordOffset": str(first["offset"]),
                "lastRecordOffset": str(last["offset"]),
                "firstRecordTimestamp": _iso(first),
                "lastRecordTimestamp": _iso(last),
            }
        },
    }
    return [failures.message(mapping, failure, shown, event.decode(), _place(first), now)]


def _copy(
    mapping: Mapping,
    brokers: str,
    one: Record,
    failure: Failure,
    head: dict[str, Any],
    event: bytes,
    now: float,
) -> Delivery:
    """A record for another topic of the same cluster: alone, whole, and under the key that it had."""
    context = {**head["requestContext"], "functionArn": mapping.qualified_arn}
    if failure.condition == EXHAUSTED:
        context["condition"] = "RetriesExhausted"
    alone = {**orjson.loads(event), "records": {_place(one.shown): [one.shown]}}
    size = len(orjson.dumps(alone))
    info = {"offset": str(one.shown["offset"]), "timestamp": _iso(one.shown)}
    shown = {
        **head,
        "requestContext": context,
        "KafkaBatchInfo": {**_source(mapping, brokers, 1, size), "recordInfo": info},
        "payload": alone,
    }
    made = failures.message(mapping, failure, shown, None, "", now)
    attributes = {MAPPING: mapping.uuid}
    if "key" in one.shown:
        attributes[KEY] = one.shown["key"]
    return replace(made, attributes=attributes)


def key_of(delivery: Delivery) -> bytes | None:
    """Under which key a delivery to a topic goes."""
    key = delivery.attributes.get(KEY)
    return None if key is None else base64.b64decode(key)


def _source(mapping: Mapping, brokers: str, count: int, size: int) -> dict[str, Any]:
    arn = {"eventSourceArn": mapping.arn} if mapping.arn else {}
    return {"batchSize": count, **arn, "bootstrapServers": brokers, "payloadSize": size}


def _place(shown: dict[str, Any]) -> str:
    return f"{shown['topic']}-{shown['partition']}"


def _iso(shown: dict[str, Any]) -> str:
    moment = datetime.fromtimestamp(shown["timestamp"] / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
