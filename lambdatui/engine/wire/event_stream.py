"""AWS's event stream: binary messages in one HTTP body, each with typed headers and two checksums."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7
_PRELUDE = struct.Struct(">II")
_CHECKSUM = struct.Struct(">I")
_AROUND = _PRELUDE.size + 2 * _CHECKSUM.size


def event(kind: str, payload: bytes, content_type: str) -> bytes:
    """One event of the kind that the service's model names."""
    headers = {":message-type": "event", ":event-type": kind, ":content-type": content_type}
    return message(headers, payload)


def message(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message. The first checksum covers the lengths, the second everything before it."""
    head = b"".join(_header(name, value) for name, value in headers.items())
    lengths = _PRELUDE.pack(_AROUND + len(head) + len(payload), len(head))
    body = lengths + _CHECKSUM.pack(zlib.crc32(lengths)) + head + payload
    return body + _CHECKSUM.pack(zlib.crc32(body))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return bytes([len(key)]) + key + bytes([_STRING]) + len(text).to_bytes(2, "big") + text
