"""Rows of function versions, ``$LATEST`` among them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import orjson

LATEST = "$LATEST"
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """One version of a function. ``config`` holds AWS's members: Runtime, Handler, Role, Timeout, …"""

    account: str
    region: str
    name: str
    version: str
    config: dict[str, Any]
    description: str
    code_sha256: str
    code_size: int
    fingerprint: str
    revision_id: str
    modified: str
    state: str = "Active"
    state_reason: str | None = None
    state_code: str | None = None
    update_status: str | None = None
    update_reason: str | None = None
    update_code: str | None = None

    @property
    def arn(self) -> str:
        """The function's ARN, without qualifier."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def number(self) -> int:
        """The version's number; 0 for ``$LATEST``."""
        return _number(self.version)

    @property
    def package(self) -> str:
        """Zip or Image."""
        return str(self.config.get("PackageType", "Zip"))


_COLUMNS = tuple("number" if field.name == "version" else field.name for field in fields(VersionRecord))
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM versions"  # noqa: S608 - our own column names
_UPSERT = f"REPLACE INTO versions ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
_OF_FUNCTION = " WHERE account = ? AND region = ? AND name = ?"


def _number(version: str) -> int:
    return 0 if version == LATEST else int(version)


def _record(row: tuple[Any, ...]) -> VersionRecord:
    account, region, name, number, config, *rest = row
    version = LATEST if number == 0 else str(number)
    return VersionRecord(account, region, name, version, orjson.loads(config), *rest)


def get(conn: sqlite3.Connection, account: str, region: str, name: str, version: str) -> VersionRecord | None:
    """One version by its number or ``$LATEST``."""
    if version != LATEST and not _NUMBER.fullmatch(version):
        return None
    row = conn.execute(f"{_SELECT}{_OF_FUNCTION} AND number = ?", (account, region, name, _number(version)))
    found = row.fetchone()
    return _record(found) if found else None


def get_version(
    conn: sqlite3.Connection, account: str, region: str, name: str, qualifier: str | None = None
) -> VersionRecord | None:
    """What a qualifier names: a version, ``$LATEST`` (also when there is none), an alias's main version."""
    found = get(conn, account, region, name, qualifier or LATEST)
    if found is not None or qualifier is None:
        return found
    row = conn.execute(
        f"SELECT version FROM aliases{_OF_FUNCTION} AND alias = ?",  # noqa: S608
        (account, region, name, qualifier),
    ).fetchone()
    return get(conn, account, region, name, row[0]) if row else None


def put(conn: sqlite3.Connection, record: VersionRecord) -> None:
    """Insert or replace one version."""
    values = [getattr(record, field.name) for field in fields(record)]
    values[3] = _number(record.version)
    values[4] = orjson.dumps(record.config).decode()
    conn.execute(_UPSERT, values)


def delete(conn: sqlite3.Connection, account: str, region: str, name: str, version: str) -> bool:
    """Remove one version; whether there was one."""
    cursor = conn.execute(
        f"DELETE FROM versions{_OF_FUNCTION} AND number = ?",  # noqa: S608
        (account, region, name, _number(version)),
    )
    return cursor.rowcount > 0


def of_function(
    conn: sqlite3.Connection, account: str, region: str, name: str, *, after: int = -1, limit: int = -1
) -> list[VersionRecord]:
    """The versions of a function, ``$LATEST`` first, then ascending; from behind number ``after``."""
    rows = conn.execute(
        f"{_SELECT}{_OF_FUNCTION} AND number > ? ORDER BY number LIMIT ?",
        (account, region, name, after, limit),
    )
    return [_record(row) for row in rows]


def newest(conn: sqlite3.Connection, account: str, region: str, name: str) -> VersionRecord | None:
    """The published version with the highest number."""
    row = conn.execute(
        f"{_SELECT}{_OF_FUNCTION} AND number > 0 ORDER BY number DESC LIMIT 1", (account, region, name)
    ).fetchone()
    return _record(row) if row else None


def latest_of_all(
    conn: sqlite3.Connection, account: str, region: str, *, after: str = "", limit: int = -1
) -> list[VersionRecord]:
    """``$LATEST`` of every function by name, from behind the name ``after``."""
    rows = conn.execute(
        f"{_SELECT} WHERE account = ? AND region = ? AND name > ? AND number = 0 ORDER BY name LIMIT ?",
        (account, region, after, limit),
    )
    return [_record(row) for row in rows]


def all_versions(
    conn: sqlite3.Connection, account: str, region: str, *, after: tuple[str, int] = ("", -1), limit: int = -1
) -> list[VersionRecord]:
    """Every version of every function, by name and number, from behind ``after``."""
    rows = conn.execute(
        f"{_SELECT} WHERE account = ? AND region = ? AND (name, number) > (?, ?)"
        " ORDER BY name, number LIMIT ?",
        (account, region, *after, limit),
    )
    return [_record(row) for row in rows]


def unsettled(conn: sqlite3.Connection) -> Iterator[VersionRecord]:
    """Versions that are Pending or being updated, of all accounts: what a restart has to finish."""
    rows = conn.execute(f"{_SELECT} WHERE state = 'Pending' OR update_status = 'InProgress'").fetchall()
    return (_record(row) for row in rows)


def code_in_use(conn: sqlite3.Connection) -> set[str]:
    """The digests of all packages that a version of a function or of a layer names; of a layer version that
    was deleted only while a function has it."""
    rows = conn.execute(
        "SELECT code_sha256 FROM versions UNION SELECT code_sha256 FROM layers WHERE deleted = 0"
        " OR 'arn:aws:lambda:' || region || ':' || account || ':layer:' || name || ':' || number IN"
        " (SELECT json_extract(one.value, '$.Arn') FROM versions, json_each(config, '$.Layers') AS one)"
    )
    return {row[0] for row in rows}


def runtimes_in_use(conn: sqlite3.Connection) -> set[str]:
    """Every runtime that a version names."""
    rows = conn.execute("SELECT DISTINCT json_extract(config, '$.Runtime') FROM versions")
    return {runtime for (runtime,) in rows if runtime}


def settled(record: VersionRecord, revision_id: str) -> VersionRecord:
    """The record once its creation or update is through; ``revision_id`` is the one it has then."""
    return replace(
        record,
        revision_id=revision_id,
        state="Active",
        state_reason=None,
        state_code=None,
        update_status="Successful",
        update_reason=None,
        update_code=None,
    )
