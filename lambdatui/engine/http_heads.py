"""Heads of requests that came before, byte for byte: what the parser found in them is not looked for again.

Clients that keep a connection say the same again and again: all that differs is the first line, and the body.
Known are heads that the parser has accepted, and that say nothing unusual of the connection or of the body.
"""

from __future__ import annotations

import re
from typing import NamedTuple

HEADS = 512
"""So many are known before all are forgotten."""
LONGEST = 1024

_LINE = re.compile(rb"(GET|POST) (/[A-Za-z0-9_.~%/?=&:$-]{0,1024}) HTTP/1\.1\r\n")
_UNUSUAL = frozenset(("transfer-encoding", "content-encoding", "upgrade", "expect", "authorization"))
"""What changes how the rest is read, and what comes but once."""


class Head(NamedTuple):
    """What stands below the first line, and the size of the body."""

    fields: dict[str, str]
    size: int


class Known(NamedTuple):
    """A whole request at the beginning of what came."""

    method: str
    target: str
    fields: dict[str, str]
    body: bytes
    end: int


_heads: dict[bytes, Head] = {}


def find(data: bytes) -> tuple[Known | None, bytes]:
    """The whole request that `data` begins with, if its head is known; else the head, to be learned."""
    line = _LINE.match(data)
    if line is None:
        return None, b""
    below = line.end()
    start = data.find(b"\r\n\r\n", below - 2, below + LONGEST) + 4
    if start < below:
        return None, b""
    below_line = data[below:start]
    head = _heads.get(below_line)
    if head is None:
        return None, below_line
    end = start + head.size
    if end > len(data):
        return None, b""
    method, target = line.groups()
    return Known(method.decode(), target.decode(), head.fields, data[start:end], end), b""


def learn(below_line: bytes, fields: dict[str, str]) -> None:
    """The parser has accepted this head, and found these fields; nobody may change them any more."""
    if not _UNUSUAL.isdisjoint(fields) or fields.get("connection", "keep-alive").lower() != "keep-alive":
        return
    size = fields.get("content-length", "0")
    if not (size.isascii() and size.isdigit()):
        return
    if len(_heads) >= HEADS:
        _heads.clear()
    _heads[below_line] = Head(fields, int(size))
