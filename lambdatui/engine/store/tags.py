"""Tags of whatever has an ARN."""

from __future__ import annotations

import sqlite3

import orjson


def get(conn: sqlite3.Connection, arn: str) -> dict[str, str]:
    """The tags of a resource; empty when it has none."""
    row = conn.execute("SELECT tags FROM tags WHERE arn = ?", (arn,)).fetchone()
    return orjson.loads(row[0]) if row else {}


def put(conn: sqlite3.Connection, arn: str, tags: dict[str, str]) -> None:
    """Replace the tags of a resource."""
    if tags:
        conn.execute("REPLACE INTO tags VALUES (?, ?)", (arn, orjson.dumps(tags).decode()))
    else:
        delete(conn, arn)


def delete(conn: sqlite3.Connection, arn: str) -> None:
    """Forget the tags of a resource that is gone."""
    conn.execute("DELETE FROM tags WHERE arn = ?", (arn,))
