"""What a filter of an event source mapping sees of a record, and whether it lets the record pass."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from lambdatui.patterns.operators import InvalidPattern
from lambdatui.patterns.tree import Match, Payload, compile_pattern

MAX_FILTERS = 5


class Source(StrEnum):
    """Where records come from: each kind has fields of its own that a filter may ask for."""

    SQS = "sqs"
    KINESIS = "kinesis"
    DYNAMODB = "dynamodb"
    KAFKA = "kafka"
    ACTIVEMQ = "activemq"
    RABBITMQ = "rabbitmq"
    DOCUMENTDB = "documentdb"


_ENCODED = {
    Source.KINESIS: ("data",),
    Source.KAFKA: ("key", "value"),
    Source.ACTIVEMQ: ("data",),
    Source.RABBITMQ: ("data",),
}
_NEVER_PLAIN = {Source.KINESIS: "data", Source.DYNAMODB: "dynamodb"}


def view(source: Source, record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as filters see it: payloads opened, Kinesis members at the top, all else as delivered."""
    seen = {**record, **record.get("kinesis", {})} if source is Source.KINESIS else dict(record)
    if source is Source.SQS and isinstance(seen.get("body"), str):
        seen["body"] = Payload(seen["body"])
    for name in _ENCODED.get(source, ()):
        if isinstance(seen.get(name), str):
            seen[name] = Payload(_decoded(seen[name]))
    return seen


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text


class Filters:
    """The filter criteria of one mapping: a record passes when any pattern holds, or when there is none."""

    __slots__ = ("patterns", "source")

    def __init__(
        self, source: Source, patterns: Sequence[str | bytes | Mapping[str, Any]], limit: int = MAX_FILTERS
    ):
        if len(patterns) > limit:
            raise InvalidPattern(f"a mapping takes at most {limit} filters")
        self.source = source
        self.patterns = [compile_pattern(pattern) for pattern in patterns]
        payload = _NEVER_PLAIN.get(source, "")
        if any(isinstance(pattern.source.get(payload), list) for pattern in self.patterns):
            raise InvalidPattern("this source takes an object here, never plain values", payload)

    def accepts(self, record: Mapping[str, Any]) -> bool:
        if not self.patterns:
            return True
        seen = view(self.source, record)
        return any(pattern.matches(seen) for pattern in self.patterns)

    def explain(self, record: Mapping[str, Any]) -> list[Match]:
        """One answer per filter, in order."""
        seen = view(self.source, record)
        return [pattern.explain(seen) for pattern in self.patterns]
