"""The trace header, and in it the lineage: how often a chain of events has led to the same function.

``Root=…;Parent=…;Sampled=…;Lineage=1:HASH:N|1:HASH:N``: SDKs inside a function send it on with every request,
SQS, SNS and destinations carry it. A chain that comes back to a function too often is a loop.
"""

from __future__ import annotations

import hashlib
import time
from functools import lru_cache

from lambdatui.engine.chance import hexes

STOPS_AT = 16  # runs of one function within one chain
LONGEST = 2048


def new_root() -> str:
    """The header of a chain that begins here."""
    return f"Root=1-{int(time.time()):08x}-{hexes(24)}"


def step(given: str | None, arn: str) -> tuple[str, int]:
    """The header for one run of a function, and how many runs of it the chain has seen before this one."""
    if not given:
        return f"{new_root()};Parent={hexes(16)};Sampled=0;Lineage=1:{_mark(arn)}:0", 0
    parts = _parts(given)
    root = parts.get("Root") or new_root().removeprefix("Root=")
    seen = _counts(parts.get("Lineage", ""))
    mark = _mark(arn)
    before = seen.pop(mark, -1) + 1
    seen[mark] = before
    lineage = "|".join(f"1:{name}:{count}" for name, count in seen.items())
    sampled = parts.get("Sampled") or "0"
    return f"Root={root};Parent={hexes(16)};Sampled={sampled};Lineage={lineage}", before


def _parts(header: str) -> dict[str, str]:
    pairs = (part.strip().split("=", 1) for part in header[:LONGEST].split(";") if "=" in part)
    return {name: _safe(value) for name, value in pairs}


def _counts(lineage: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in lineage.split("|"):
        _, _, rest = part.partition(":")
        mark, _, count = rest.rpartition(":")
        if mark and count.isascii() and count.isdigit() and len(count) < 6:
            found[mark] = int(count)
    return found


@lru_cache(maxsize=4096)
def _mark(arn: str) -> str:
    """A function in eight digits, whatever its qualifier."""
    return hashlib.sha256(":".join(arn.split(":")[:7]).encode()).hexdigest()[:8]


def _safe(text: str) -> str:
    return "".join(char for char in text if "!" <= char <= "~")
