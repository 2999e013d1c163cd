"""Heads of requests that came before, byte for byte: what the parser found in them is not looked for again.

Clients that keep a connection say the same again and again: all that differs is the first line, and the body.
Known are heads that the parser has accepted, and that say nothing unusual of the connection or of the body.
"""

from __future__ import annotations

import re

HEADS = 512
"""So many are known before all are forgotten."""
LONGEST = 1024

_LINE = re.compile(rb"(GET|POST) (/[A-Za-z0-9_.~%/?=&:$-]{0,1024}) HTTP/1\.1\r\n")
_UNUSUAL = frozenset(("transfer-encoding", "content-encoding", "upgrade", "expect", "authorization"))
"""What changes how the rest is read, and what comes but once."""


Known = tuple[str, str, dict[str, str], int, int]
"""A whole request: its method, target and fields, and where its body begins and ends."""

_heads: dict[bytes, tuple[dict[str, str], int]] = {}
"""What stands below the first line: the fields in it, and the size of the body."""


def find(data: bytes) -> Known | bytes:
    """The whole request that `data` begins with, if its head is known; else the head, to be learned."""
    line = _LINE.match(data)
    if line is None:
        return b""
    below = line.end()
    start = data.find(b"\r\n\r\n", below - 2, below + LONGEST) + 4
    head = data[below:start]
    known = _heads.get(head)
    if known is None:
        return head
    fields, size = known
    if start + size > len(data):
        return b""
    return line[1].decode(), line[2].decode(), fields, start, start + size


def learn(head: bytes, fields: dict[str, str]) -> None:
    """The parser has accepted this head, and found these fields; nobody may change them any more."""
    if not _UNUSUAL.isdisjoint(fields) or fields.get("connection", "keep-alive").lower() != "keep-alive":
        return
    size = fields.get("content-length", "0")
    if not (size.isascii() and size.isdigit()):
        return
    if len(_heads) >= HEADS:
        _heads.clear()
    _heads[head] = fields, int(size)
