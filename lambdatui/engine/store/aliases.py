"""Rows of aliases."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class AliasRecord:
    """A name for a version. ``weights`` gives a second version a share of the invocations."""

    account: str
    region: str
    name: str
    alias: str
    version: str
    description: str
    weights: dict[str, float]
    revision_id: str


_SELECT = "SELECT account, region, name, alias, version, description, weights, revision_id FROM aliases"
_OF_FUNCTION = " WHERE account = ? AND region = ? AND name = ?"


def _record(row: tuple[Any, ...]) -> AliasRecord:
    account, region, name, alias, version, description, weights, revision_id = row
    return AliasRecord(account, region, name, alias, version, description, orjson.loads(weights), revision_id)


def get(conn: sqlite3.Connection, account: str, region: str, name: str, alias: str) -> AliasRecord | None:
    """One alias of a function."""
    row = conn.execute(f"{_SELECT}{_OF_FUNCTION} AND alias = ?", (account, region, name, alias)).fetchone()
    return _record(row) if row else None


def put(conn: sqlite3.Connection, record: AliasRecord) -> None:
    """Insert or replace one alias."""
    conn.execute(
        "REPLACE INTO aliases VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.account,
            record.region,
            record.name,
            record.alias,
            record.version,
            record.description,
            orjson.dumps(record.weights).decode(),
            record.revision_id,
        ),
    )


def delete(conn: sqlite3.Connection, account: str, region: str, name: str, alias: str) -> bool:
    """Remove one alias; whether there was one."""
    sql = f"DELETE FROM aliases{_OF_FUNCTION} AND alias = ?"  # noqa: S608
    return conn.execute(sql, (account, region, name, alias)).rowcount > 0


def of_function(
    conn: sqlite3.Connection,
    account: str,
    region: str,
    name: str,
    *,
    version: str | None = None,
    after: str = "",
    limit: int = -1,
) -> list[AliasRecord]:
    """Aliases of a function by name, from behind ``after``; those whose main version is ``version``."""
    rows = conn.execute(
        f"{_SELECT}{_OF_FUNCTION} AND alias > ? AND (? IS NULL OR version = ?) ORDER BY alias LIMIT ?",
        (account, region, name, after, version, version, limit),
    )
    return [_record(row) for row in rows]


def naming(conn: sqlite3.Connection, account: str, region: str, name: str, version: str) -> list[str]:
    """The aliases that send anything to a version, by name."""
    records = of_function(conn, account, region, name)
    return [record.alias for record in records if version == record.version or version in record.weights]
