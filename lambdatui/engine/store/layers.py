"""Rows of layer versions."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """One version of a layer. A deleted one is kept for the functions that use it."""

    account: str
    region: str
    name: str
    number: int
    code_sha256: str
    code_size: int
    document: dict[str, Any]
    policy: dict[str, Any] | None = None
    deleted: bool = False

    @property
    def layer_arn(self) -> str:
        """The layer's ARN, without version."""
        return f"arn:aws:lambda:{self.region}:{self.account}:layer:{self.name}"

    @property
    def arn(self) -> str:
        """This version's ARN."""
        return f"{self.layer_arn}:{self.number}"


_SELECT = (
    "SELECT account, region, name, number, code_sha256, code_size, document, policy, deleted FROM layers"
)
_OF_LAYER = " WHERE account = ? AND region = ? AND name = ?"


def _record(row: tuple[Any, ...]) -> LayerRecord:
    account, region, name, number, sha, size, document, policy, deleted = row
    return LayerRecord(
        account,
        region,
        name,
        number,
        sha,
        size,
        orjson.loads(document),
        orjson.loads(policy) if policy else None,
        bool(deleted),
    )


def get(
    conn: sqlite3.Connection, account: str, region: str, name: str, number: int, *, deleted: bool = False
) -> LayerRecord | None:
    """One layer version; with ``deleted`` also one that was deleted."""
    sql = f"{_SELECT}{_OF_LAYER} AND number = ? AND deleted <= ?"
    row = conn.execute(sql, (account, region, name, number, deleted)).fetchone()
    return _record(row) if row else None


def by_arn(conn: sqlite3.Connection, arn: str, *, deleted: bool = False) -> LayerRecord | None:
    """The layer version of an ARN ``arn:aws:lambda:{region}:{account}:layer:{name}:{number}``."""
    parts = arn.split(":")
    if len(parts) != 8 or not parts[7].isdigit():
        return None
    return get(conn, parts[4], parts[3], parts[6], int(parts[7]), deleted=deleted)


def put(conn: sqlite3.Connection, record: LayerRecord) -> None:
    """Insert or replace one layer version."""
    conn.execute(
        "REPLACE INTO layers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.account,
            record.region,
            record.name,
            record.number,
            record.code_sha256,
            record.code_size,
            orjson.dumps(record.document).decode(),
            orjson.dumps(record.policy).decode() if record.policy else None,
            record.deleted,
        ),
    )


def next_number(conn: sqlite3.Connection, account: str, region: str, name: str) -> int:
    """The next version's number; deleted versions count."""
    sql = f"SELECT coalesce(max(number), 0) + 1 FROM layers{_OF_LAYER}"  # noqa: S608
    return int(conn.execute(sql, (account, region, name)).fetchone()[0])


def versions(conn: sqlite3.Connection, account: str, region: str, name: str) -> list[LayerRecord]:
    """The versions of a layer, newest first."""
    sql = f"{_SELECT}{_OF_LAYER} AND deleted = 0 ORDER BY number DESC"
    return [_record(row) for row in conn.execute(sql, (account, region, name))]


def all_versions(conn: sqlite3.Connection, account: str, region: str) -> list[LayerRecord]:
    """Every layer version by name, the newest of each name first."""
    sql = f"{_SELECT} WHERE account = ? AND region = ? AND deleted = 0 ORDER BY name, number DESC"
    return [_record(row) for row in conn.execute(sql, (account, region))]
