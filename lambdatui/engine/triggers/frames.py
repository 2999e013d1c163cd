"""What the engine and its neighbour process say to each other: JSON with its length before it, both ways.

Imported on both sides of the pipe, so it knows neither.
"""

from __future__ import annotations

import json
import struct
from typing import Any

LENGTH = struct.Struct(">I")
LARGEST = 64 * 1024 * 1024
PATIENCE_HEADER = "X-Lambdatui-Patience"
"""By which the engine's own pollers wait longer than AWS lets anybody: seconds."""

Frame = dict[str, Any]


def pack(frame: Frame) -> bytes:
    body = json.dumps(frame, separators=(",", ":"), default=str).encode()
    return LENGTH.pack(len(body)) + body


def length_of(head: bytes) -> int:
    """The length of the body that follows; ValueError if nobody of ours wrote it."""
    (length,) = LENGTH.unpack(head)
    if length > LARGEST:
        raise ValueError(f"a frame of {length} bytes")
    return int(length)


def unpack(body: bytes) -> Frame:
    frame = json.loads(body)
    if not isinstance(frame, dict):
        raise ValueError("a frame is an object")
    return frame
