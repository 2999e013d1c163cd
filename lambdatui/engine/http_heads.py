"""Plain heads: those of nearly all requests, read at one look. What is unusual in any way is for the parser.

Clients that keep a connection say the same again and again: what a head says is remembered, byte for byte.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 4096
REMEMBERED = 512

_LINE = re.compile(rb"(GET|POST) (/[A-Za-z0-9_.~%/?=&:$-]{0,1024}) HTTP/1\.1\r\n")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_UNUSUAL = frozenset(("transfer-encoding", "content-encoding", "upgrade", "expect"))
"""What changes how the rest is read."""
_PRINTABLE = bytes(range(0x20, 0x7F))

Fields = dict[str, str]
Plain = tuple[str, str, str, Fields, int]
"""Method, path, query and fields of a request, and the size of its body. Nobody may change the fields."""


@lru_cache(maxsize=REMEMBERED)
def read(head: bytes) -> Plain | None:
    """What a head says, from its first line to the empty one; None if that is not plain to see."""
    line = _LINE.match(head)
    found = _read_fields(head[line.end() :]) if line is not None else None
    if line is None or found is None:
        return None
    path, _, query = line[2].decode().partition("?")
    return line[1].decode(), path, query, *found


@lru_cache(maxsize=REMEMBERED)
def _read_fields(head: bytes) -> tuple[Fields, int] | None:
    """What stands below the first line: the fields, each of which comes once, and the size of the body."""
    lines = head.decode("latin-1").split("\r\n")[:-2]
    if head.translate(None, _PRINTABLE) != b"\r\n" * (len(lines) + 1):
        return None
    fields: Fields = {}
    for line in lines:
        name, colon, value = line.partition(":")
        fields[_lower(name) if colon else ""] = value.strip(" ")
    if len(fields) < len(lines) or "" in fields or not _UNUSUAL.isdisjoint(fields):
        return None
    size = fields.get("content-length", "0")
    if not size.isdigit() or len(size) > 15 or fields.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    return fields, int(size)


@lru_cache(maxsize=1024)
def _lower(name: str) -> str:
    """A field's name as it is looked up; empty for what is none."""
    return name.lower() if _NAME.fullmatch(name) else ""
