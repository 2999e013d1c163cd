"""Rows of checkpoints: how far a mapping is with each shard of a stream."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything up to ``position`` is done with; nothing behind it is known to be."""

    mapping: str
    stream: str
    shard: str
    position: dict[str, Any]
    tumbling: dict[str, Any] | None = None
    finished: bool = False


def put(conn: sqlite3.Connection, one: Checkpoint) -> None:
    """Insert or replace a checkpoint."""
    tumbling = None if one.tumbling is None else orjson.dumps(one.tumbling).decode()
    conn.execute(
        "REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?)",
        (one.mapping, one.stream, one.shard, orjson.dumps(one.position).decode(), tumbling, one.finished),
    )


def of_stream(conn: sqlite3.Connection, mapping: str, stream: str) -> dict[str, Checkpoint]:
    """A mapping's checkpoints of one stream, by shard."""
    rows = conn.execute(
        "SELECT shard, position, tumbling, finished FROM checkpoints WHERE mapping = ? AND stream = ?",
        (mapping, stream),
    )
    return {
        shard: Checkpoint(
            mapping,
            stream,
            shard,
            orjson.loads(position),
            None if tumbling is None else orjson.loads(tumbling),
            bool(finished),
        )
        for shard, position, tumbling, finished in rows
    }


def forget(conn: sqlite3.Connection, mapping: str, *, but: str | None = None) -> None:
    """Remove a mapping's checkpoints; `but` names a stream whose are kept."""
    conn.execute("DELETE FROM checkpoints WHERE mapping = ? AND stream IS NOT ?", (mapping, but))
