"""Between wire values and Python values, compiled once per shape of a service model."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from math import isfinite
from typing import Any

from lambdatui.engine.wire.errors import ApiError, serialization
from lambdatui.engine.wire.model import ServiceModel

Convert = Callable[[Any], Any]


class JsonCodec:
    """Reads and writes the JSON bodies of one service."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        self._readers: dict[str, Convert] = {}
        self._writers: dict[str, Convert | None] = {}

    def read(self, shape: str, value: Any) -> Any:
        return self._reader(shape)(value)

    def read_members(self, shape: str, names: frozenset[str] | None, value: Any) -> dict[str, Any]:
        """The members of a structure that are in `names` (all if None); null members count as absent."""
        if not isinstance(value, dict):
            raise mismatch(value, "structure")
        request: dict[str, Any] = {}
        for name, member in self._model.members(shape).items():
            if names is not None and name not in names:
                continue
            given = value.get(member.wire_name)
            if given is not None:
                request[name] = self.read(member.shape, given)
        return request

    def write(self, shape: str, value: Any) -> Any:
        writer = self._writer(shape)
        return value if writer is None else writer(value)

    def write_members(self, shape: str, value: dict[str, Any], body_only: bool = False) -> dict[str, Any]:
        """A structure for the wire: what is None, absent or unknown to the model is left out."""
        answer: dict[str, Any] = {}
        for name, member in self._model.members(shape).items():
            given = value.get(name)
            if given is not None and not (body_only and member.location):
                answer[member.wire_name] = self.write(member.shape, given)
        return answer

    def _reader(self, shape: str) -> Convert:
        reader = self._readers.get(shape)
        if reader is None:
            reader = self._make_reader(shape)
            self._readers[shape] = reader
        return reader

    def _make_reader(self, shape: str) -> Convert:
        raw = self._model.shape(shape)
        kind = raw["type"]
        if kind == "structure":
            if raw.get("document"):
                return lambda value: value
            return lambda value: self.read_members(shape, None, value)
        if kind == "list":
            element = raw["member"]["shape"]
            return lambda value: self._read_list(element, value)
        if kind == "map":
            entry = raw["value"]["shape"]
            return lambda value: self._read_map(entry, value)
        return _SCALARS[kind]

    def _read_list(self, element: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise mismatch(value, "list")
        reader = self._reader(element)
        return [None if item is None else reader(item) for item in value]

    def _read_map(self, entry: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise mismatch(value, "map")
        reader = self._reader(entry)
        return {key: None if item is None else reader(item) for key, item in value.items()}

    def _writer(self, shape: str) -> Convert | None:
        if shape not in self._writers:
            self._writers[shape] = self._make_writer(shape)
        return self._writers[shape]

    def _make_writer(self, shape: str) -> Convert | None:
        raw = self._model.shape(shape)
        kind = raw["type"]
        if kind == "structure":
            return None if raw.get("document") else lambda value: self.write_members(shape, value)
        if kind == "list":
            element = raw["member"]["shape"]
            return lambda value: [self.write(element, item) for item in value]
        if kind == "map":
            entry = raw["value"]["shape"]
            return lambda value: {key: self.write(entry, item) for key, item in value.items()}
        if kind == "blob":
            return write_blob
        if kind == "timestamp":
            form = raw.get("timestampFormat", "unixTimestamp")
            return lambda value: write_timestamp(value, form)
        return None


def read_text(kind: str, text: str) -> Any:
    """A scalar that travels as text: in the path, the query string, a header or a form."""
    if kind in ("integer", "long"):
        digits = text[1:] if text.startswith("-") else text
        if not (digits.isascii() and digits.isdigit() and len(digits) < 20 and _fits(int(text))):
            raise serialization(f"STRING_VALUE can not be converted to {_ARTICLES[kind]}")
        return int(text)
    if kind in ("float", "double"):
        try:
            return float(text)
        except ValueError:
            raise serialization(f"STRING_VALUE can not be converted to {_ARTICLES[kind]}") from None
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise serialization("STRING_VALUE can not be converted to a Boolean")
        return text.lower() == "true"
    if kind == "timestamp":
        return _read_timestamp(text)
    if kind == "blob":
        return _read_blob(text)
    return text


def write_blob(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def write_timestamp(value: datetime | float, form: str) -> str | float:
    """`value` is a datetime, or seconds since the epoch."""
    if form == "unixTimestamp":
        seconds = round(value.timestamp() if isinstance(value, datetime) else value, 3)
        return int(seconds) if seconds == int(seconds) else seconds
    moment = value if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC)
    if form == "rfc822":
        return format_datetime(moment.astimezone(UTC), usegmt=True)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _read_string(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise mismatch(value, "string")


def _read_integer(value: Any) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        if not _fits(number := int(value)):
            raise serialization(f"The number {number} is out of range")
        return number
    raise mismatch(value, "integer")


def _fits(number: int) -> bool:
    """Whether it is a number of 64 bits: no other has a place in the API, nor in the store."""
    return -(2**63) <= number < 2**63


def _read_double(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise mismatch(value, "double")


def _read_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise mismatch(value, "boolean")


def _read_blob(value: Any) -> bytes:
    if not isinstance(value, str):
        raise mismatch(value, "blob")
    try:
        return binascii.a2b_base64(value)
    except ValueError:
        raise serialization("The value of a blob is not valid base64") from None


def _read_timestamp(value: Any) -> datetime:
    try:
        if isinstance(value, bool):
            raise ValueError
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            return _parse_timestamp(value)
    except (ValueError, OverflowError, OSError):
        raise serialization("The value of a timestamp is not a date that can be read") from None
    raise mismatch(value, "timestamp")


def _parse_timestamp(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_SCALARS: dict[str, Convert] = {
    "string": _read_string,
    "character": _read_string,
    "integer": _read_integer,
    "long": _read_integer,
    "float": _read_double,
    "double": _read_double,
    "boolean": _read_boolean,
    "blob": _read_blob,
    "timestamp": _read_timestamp,
}

_ARTICLES = {
    "string": "a String",
    "integer": "an Integer",
    "long": "a Long",
    "float": "a Float",
    "double": "a Double",
    "boolean": "a Boolean",
    "blob": "a Blob",
    "timestamp": "a Timestamp",
}


def mismatch(value: Any, wanted: str) -> ApiError:
    """AWS's words for JSON of the wrong type."""
    if isinstance(value, list):
        return serialization("Start of list found where not expected")
    if isinstance(value, dict):
        return serialization("Start of structure or map found where not expected.")
    if wanted in ("structure", "map", "list"):
        return serialization(f"Expected {wanted} or null")
    if isinstance(value, bool):
        token = "TRUE_VALUE" if value else "FALSE_VALUE"
    else:
        token = "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"
    return serialization(f"{token} can not be converted to {_ARTICLES[wanted]}")
