"""What templates compute: identifiers, times, digests, encodings, and services' shapes of plain values."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import struct
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote_plus


class Ids:
    """Identifiers: real ones, or always the same for the same seed."""

    def __init__(self, seed: int | str | None) -> None:
        self._random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - no secrets

    def uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def hex(self, length: str) -> str:
        return f"{self._random.getrandbits(4 * int(length)):0{int(length)}x}"

    def digits(self, length: str) -> str:
        return "".join(self._random.choices("0123456789", k=int(length)))

    def alnum(self, length: str) -> str:
        return "".join(self._random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=int(length)))

    def lower(self, length: str) -> str:
        return "".join(self._random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=int(length)))

    def token(self, length: str) -> str:
        """Base64 text of so many random bytes."""
        size = int(length)
        return base64.b64encode(self._random.getrandbits(8 * size).to_bytes(size, "big")).decode()


def to_time(now: datetime | float | None) -> datetime:
    """A moment in UTC, whole milliseconds."""
    if now is None:
        now = datetime.now(UTC)
    elif not isinstance(now, datetime):
        now = datetime.fromtimestamp(now, UTC)
    now = now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def to_bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else to_json(value)).encode()


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


# ---- messages ------------------------------------------------------------------------------------


def _attribute(value: Any) -> tuple[str, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "String", value if isinstance(value, str) else to_json(value)
    return "Number", to_json(value)


def sqs_attributes(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Message attributes as SQS hands them to Lambda."""
    attributes = {}
    for name, value in plain.items():
        kind, text = _attribute(value)
        attributes[name] = {
            "stringValue": text,
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": kind,
        }
    return attributes


def sqs_attributes_md5(plain: Mapping[str, Any]) -> str:
    """The digest SQS makes of message attributes: names in order, each part with its length before it."""
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(plain):
        kind, text = _attribute(plain[name])
        for part in (name.encode(), kind.encode()):
            digest.update(struct.pack(">I", len(part)) + part)
        digest.update(b"\x01" + struct.pack(">I", len(text.encode())) + text.encode())
    return digest.hexdigest()


def sns_attributes(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: dict(zip(("Type", "Value"), _attribute(value), strict=True)) for name, value in plain.items()
    }


def _lex_slot(text: Any) -> Any:
    if text is None:
        return None
    return {
        "shape": "Scalar",
        "value": {"originalValue": text, "interpretedValue": text, "resolvedValues": [text]},
    }


# ---- DynamoDB ------------------------------------------------------------------------------------


def dynamodb(value: Any) -> dict[str, Any]:
    """A plain JSON value as a DynamoDB attribute value."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float):
        return {"N": to_json(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, list):
        return {"L": [dynamodb(item) for item in value]}
    return {"M": {name: dynamodb(item) for name, item in value.items()}}


def dynamodb_item(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dynamodb(value) for name, value in plain.items()}


def dynamodb_size(plain: Any) -> int:
    """Bytes of a plain value or item as DynamoDB counts them."""
    if plain is None or isinstance(plain, bool):
        return 1
    if isinstance(plain, int | float):
        return (len(to_json(plain).strip("-0.").replace(".", "")) + 1) // 2 + 1
    if isinstance(plain, str):
        return len(plain.encode())
    if isinstance(plain, list):
        return 3 + sum(1 + dynamodb_size(item) for item in plain)
    return 3 + sum(1 + len(name.encode()) + dynamodb_size(item) for name, item in plain.items())


def dynamodb_item_size(plain: Mapping[str, Any]) -> int:
    return sum(len(name.encode()) + dynamodb_size(value) for name, value in plain.items())


# ---- HTTP ----------------------------------------------------------------------------------------


def _headers(headers: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        name: [str(item) for item in value] if isinstance(value, list) else [str(value)]
        for name, value in headers.items()
    }


def _pairs(query: str, decode: bool = True) -> dict[str, list[str]]:
    if decode:
        pairs = parse_qsl(query, keep_blank_values=True)
    else:
        pairs = [
            (name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part)
        ]
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _last(grouped: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: values[-1] for name, values in grouped.items()}


def _joined(grouped: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: ",".join(values) for name, values in grouped.items()}


def _cookies(headers: Mapping[str, Any]) -> list[str]:
    return [
        cookie.strip()
        for name, values in _headers(headers).items()
        if name.lower() == "cookie"
        for value in values
        for cookie in value.split(";")
    ]


def _headers_v2(headers: Mapping[str, Any]) -> dict[str, str]:
    """Names in lower case, values joined, cookies left to their own member."""
    return {
        name.lower(): text for name, text in _joined(_headers(headers)).items() if name.lower() != "cookie"
    }


def _edge_headers(headers: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    return {
        name.lower(): [{"key": name, "value": value} for value in values]
        for name, values in _headers(headers).items()
    }


def _time(layout: str) -> Callable[[datetime], str]:
    return lambda moment: moment.strftime(layout)


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def _add(value: Any, amount: Any) -> Any:
    """More of a number; digits stay text of the same width."""
    if isinstance(value, str):
        return str(int(value) + int(amount)).zfill(len(value))
    return value + int(amount)


FILTERS: dict[str, Callable[..., Any]] = {
    # times
    "iso": _iso,
    "iso_seconds": _time("%Y-%m-%dT%H:%M:%SZ"),
    "label": lambda moment: _iso(moment)[:-1],
    "iso_offset": lambda moment: f"{_iso(moment)[:-1]}+0000",
    "clf": _time("%d/%b/%Y:%H:%M:%S +0000"),
    "rfc822": format_datetime,
    "day_path": _time("%Y/%m/%d"),
    "ms": _ms,
    "seconds": lambda moment: int(moment.timestamp()),
    "epoch": lambda moment: moment.timestamp(),
    "later": lambda moment, amount: moment + timedelta(seconds=float(amount)),
    "floor": lambda moment, step: datetime.fromtimestamp(
        int(moment.timestamp()) // int(step) * int(step), UTC
    ),
    # text and digests
    "text": lambda value: value if isinstance(value, str) else to_bytes(value).decode("utf-8", "replace"),
    "json": to_json,
    "md5": lambda value: hashlib.md5(to_bytes(value), usedforsecurity=False).hexdigest(),
    "sha256": lambda value: hashlib.sha256(to_bytes(value)).hexdigest(),
    "base64": lambda value: base64.b64encode(to_bytes(value)).decode(),
    "gzip": lambda value: gzip.compress(to_bytes(value), mtime=0),
    "size": lambda value: len(to_bytes(value)),
    "upper": str.upper,
    "float": float,
    "add": _add,
    "not": lambda value: not value,
    "or": lambda value, other: value if value not in (None, "") else other,
    "is": lambda value, other: str(value) == str(other),
    "has": lambda value, other: str(other) in value,
    "and_has": lambda value, text, part: value and part in text,
    "last": lambda value, count: value[-int(count) :],
    "join": lambda values, glue: glue.join(values),
    "plain": lambda value: value.replace("-", ""),
    "with": lambda value, more: {**value, **more} if isinstance(value, dict) else value,
    "or_empty": lambda value: value or {},
    "hex_of": lambda value, width: f"{int(value):0{int(width)}x}",
    "s3key": lambda key: quote_plus(key, safe="/"),
    # services
    "sqs_attributes": sqs_attributes,
    "sqs_attributes_md5": sqs_attributes_md5,
    "sns_attributes": sns_attributes,
    "dynamodb": dynamodb_item,
    "dynamodb_size": dynamodb_item_size,
    "query": lambda query: _last(_pairs(query)) or None,
    "query_lists": lambda query: _pairs(query) or None,
    "query_joined": lambda query: _joined(_pairs(query)),
    "query_raw": lambda query: _last(_pairs(query, decode=False)),
    "query_raw_lists": lambda query: _pairs(query, decode=False),
    "headers": lambda headers: _last(_headers(headers)),
    "headers_lists": _headers,
    "headers_v2": _headers_v2,
    "cookies": _cookies,
    "lower_names": lambda headers: {name.lower(): value for name, value in headers.items()},
    "edge_headers": _edge_headers,
    "reason": lambda status: HTTPStatus(status).phrase if status in set(HTTPStatus) else "",
    "kafka_headers": lambda headers: [{name: list(to_bytes(value))} for name, value in headers.items()],
    "rabbit_headers": lambda headers: {
        name: {"bytes": list(to_bytes(value))} for name, value in headers.items()
    },
    "rabbit_time": lambda moment: f"{moment:%b} {moment.day}, {moment:%Y}, {moment:%I:%M:%S %p}",
    "with_id": lambda document, oid: {"_id": {"$oid": oid}, **document},
    "graphql": lambda names: "{\n" + "".join(f"  {name}\n" for name in names) + "}",
    "lex_slots": lambda slots: {name: _lex_slot(text) for name, text in slots.items()},
    "alexa_slots": lambda slots: {
        name: {"name": name, "value": text, "confirmationStatus": "NONE"} for name, text in slots.items()
    },
}
