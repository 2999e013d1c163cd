"""CBOR (RFC 8949), as far as AWS's protocol goes: no bignums, no tags but that of a time."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lambdatui.engine.wire.errors import ApiError, serialization

DEEPEST = 64
_LENGTHS = {24: 1, 25: 2, 26: 4, 27: 8}
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}
_SIMPLE: dict[int, Any] = {20: False, 21: True, 22: None, 23: None}
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _OTHER = range(8)
_ENDLESS, _BREAK, _TIME = 31, object(), 1


def dumps(value: Any) -> bytes:
    """None, booleans, numbers, text, bytes, times, lists and dicts as CBOR."""
    out = bytearray()
    _write(out, value)
    return bytes(out)


def loads(data: bytes) -> Any:
    """The value that the bytes stand for; an ApiError if they are no CBOR."""
    try:
        reader = _Reader(data)
        value = reader.value(0)
        if value is _BREAK or reader.at != len(data):
            raise ValueError("there is more than one value")
    except (IndexError, ValueError, OverflowError, OSError, struct.error, TypeError) as error:
        raise _broken(error) from None
    return value


def _broken(error: Exception) -> ApiError:
    return serialization(f"The request's body is no CBOR: {error}")


# -- writing -----------------------------------------------------------------------------------------


def _write(out: bytearray, value: Any) -> None:
    if value is None or isinstance(value, bool):
        out.append(_OTHER << 5 | {False: 20, True: 21, None: 22}[value])
    elif isinstance(value, int):
        _head(out, _UNSIGNED if value >= 0 else _NEGATIVE, value if value >= 0 else -1 - value)
    elif isinstance(value, float):
        out.append(_OTHER << 5 | 27)
        out += struct.pack(">d", value)
    elif isinstance(value, datetime):
        _head(out, _TAG, _TIME)
        seconds = value.timestamp()
        _write(out, int(seconds) if seconds == int(seconds) else seconds)
    elif isinstance(value, bytes | str):
        data = value.encode() if isinstance(value, str) else value
        _head(out, _TEXT if isinstance(value, str) else _BYTES, len(data))
        out += data
    elif isinstance(value, list):
        _head(out, _LIST, len(value))
        for item in value:
            _write(out, item)
    else:
        _head(out, _MAP, len(value))
        for key, item in value.items():
            _write(out, key)
            _write(out, item)


def _head(out: bytearray, major: int, number: int) -> None:
    if number < 24:
        out.append(major << 5 | number)
        return
    info = next(info for info, length in _LENGTHS.items() if number < 1 << 8 * length)
    out.append(major << 5 | info)
    out += number.to_bytes(_LENGTHS[info], "big")


# -- reading -----------------------------------------------------------------------------------------


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self._parts: dict[int, Callable[[int, int], Any]] = {
            _LIST: self._list,
            _MAP: self._map,
            _TAG: self._tagged,
        }

    def value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise ValueError("it is nested too deeply")
        first = self._take(1)[0]
        major, info = first >> 5, first & 31
        if major in self._parts:
            return self._parts[major](info, depth + 1)
        if major in (_BYTES, _TEXT):
            return self._string(major, info, depth + 1)
        if major == _OTHER:
            return self._other(info)
        number = self._number(info)
        return number if major == _UNSIGNED else -1 - number

    def _take(self, count: int) -> bytes:
        if count > len(self._data) - self.at:
            raise ValueError("it ends too early")
        self.at += count
        return self._data[self.at - count : self.at]

    def _number(self, info: int) -> int:
        if info < 24:
            return info
        if info not in _LENGTHS:
            raise ValueError("a length cannot be understood")
        return int.from_bytes(self._take(_LENGTHS[info]), "big")

    def _string(self, major: int, info: int, depth: int) -> bytes | str:
        if info == _ENDLESS:
            pieces: list[Any] = []
            while (piece := self.value(depth)) is not _BREAK:
                pieces.append(piece)
            return ("" if major == _TEXT else b"").join(pieces)
        data = self._take(self._number(info))
        return data.decode() if major == _TEXT else data

    def _list(self, info: int, depth: int) -> list[Any]:
        items: list[Any] = []
        left = math.inf if info == _ENDLESS else self._number(info)
        while len(items) < left:
            item = self.value(depth)
            if item is _BREAK:
                break
            items.append(item)
        return items

    def _map(self, info: int, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        left = math.inf if info == _ENDLESS else self._number(info)
        while left > 0:
            key = self.value(depth)
            if key is _BREAK:
                break
            if not isinstance(key, str):
                raise ValueError("a member has no name")
            found[key] = self.value(depth)
            left -= 1
        return found

    def _tagged(self, info: int, depth: int) -> datetime:
        if self._number(info) != _TIME:
            raise ValueError("it has a tag that is not that of a time")
        return datetime.fromtimestamp(self.value(depth), UTC)

    def _other(self, info: int) -> Any:
        if info in _FLOATS:
            return struct.unpack(_FLOATS[info], self._take(_LENGTHS[info]))[0]
        if info == _ENDLESS:
            return _BREAK
        if info not in _SIMPLE:
            raise ValueError("a simple value cannot be understood")
        return _SIMPLE[info]
