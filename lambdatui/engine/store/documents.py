"""Documents that stand by themselves: event source mappings, code signing configs, capacity providers, …"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Document:
    """One document. ``owner`` is what its kind wants to be looked up by."""

    account: str
    region: str
    kind: str
    id: str
    owner: str
    document: dict[str, Any]


_SELECT = "SELECT account, region, kind, id, owner, document FROM documents"
_KEY = " WHERE account = ? AND region = ? AND kind = ?"


def _document(row: tuple[Any, ...]) -> Document:
    *head, document = row
    account, region, kind, id_, owner = head
    return Document(account, region, kind, id_, owner, orjson.loads(document))


def get(conn: sqlite3.Connection, account: str, region: str, kind: str, id: str) -> Document | None:  # noqa: A002
    """One document."""
    row = conn.execute(f"{_SELECT}{_KEY} AND id = ?", (account, region, kind, id)).fetchone()
    return _document(row) if row else None


def put(conn: sqlite3.Connection, entry: Document) -> None:
    """Insert or replace a document."""
    values = (entry.account, entry.region, entry.kind, entry.id, entry.owner)
    conn.execute(
        "REPLACE INTO documents VALUES (?, ?, ?, ?, ?, ?)", (*values, orjson.dumps(entry.document).decode())
    )


def delete(conn: sqlite3.Connection, account: str, region: str, kind: str, id: str) -> bool:  # noqa: A002
    """Remove a document; whether there was one."""
    sql = f"DELETE FROM documents{_KEY} AND id = ?"  # noqa: S608
    return conn.execute(sql, (account, region, kind, id)).rowcount > 0


def of_kind(
    conn: sqlite3.Connection,
    account: str,
    region: str,
    kind: str,
    *,
    owner: str | None = None,
    after: str = "",
    limit: int = -1,
) -> list[Document]:
    """The documents of a kind by id, from behind ``after``; those of one owner only, when one is named."""
    rows = conn.execute(
        f"{_SELECT}{_KEY} AND id > ? AND (? IS NULL OR owner = ?) ORDER BY id LIMIT ?",
        (account, region, kind, after, owner, owner, limit),
    )
    return [_document(row) for row in rows]


def everywhere(conn: sqlite3.Connection, kind: str) -> list[Document]:
    """The documents of a kind of all accounts and regions."""
    rows = conn.execute(f"{_SELECT} WHERE kind = ? ORDER BY account, region, id", (kind,))
    return [_document(row) for row in rows]
