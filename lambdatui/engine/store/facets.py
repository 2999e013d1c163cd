"""Documents that hang on a function and a qualifier: concurrency, policies, URLs, event invoke configs, …

They go when their function goes. ``qualifier`` is ``$LATEST``, a version, an alias, or ``""`` for what
belongs to the function as such.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Facet:
    """One such document and whose it is."""

    account: str
    region: str
    name: str
    kind: str
    qualifier: str
    document: dict[str, Any]


_SELECT = "SELECT account, region, name, kind, qualifier, document FROM facets"
_KEY = " WHERE account = ? AND region = ? AND name = ? AND kind = ?"


def _facet(row: tuple[Any, ...]) -> Facet:
    account, region, name, kind, qualifier, document = row
    return Facet(account, region, name, kind, qualifier, orjson.loads(document))


def get(
    conn: sqlite3.Connection, account: str, region: str, name: str, kind: str, qualifier: str = ""
) -> dict[str, Any] | None:
    """The document, if there is one."""
    sql = f"SELECT document FROM facets{_KEY} AND qualifier = ?"  # noqa: S608
    row = conn.execute(sql, (account, region, name, kind, qualifier)).fetchone()
    return orjson.loads(row[0]) if row else None


def put(conn: sqlite3.Connection, facet: Facet) -> None:
    """Insert or replace a document."""
    document = orjson.dumps(facet.document).decode()
    key = (facet.account, facet.region, facet.name, facet.kind, facet.qualifier)
    conn.execute("REPLACE INTO facets VALUES (?, ?, ?, ?, ?, ?)", (*key, document))


def delete(
    conn: sqlite3.Connection, account: str, region: str, name: str, kind: str, qualifier: str = ""
) -> bool:
    """Remove a document; whether there was one."""
    sql = f"DELETE FROM facets{_KEY} AND qualifier = ?"  # noqa: S608
    return conn.execute(sql, (account, region, name, kind, qualifier)).rowcount > 0


def delete_qualifier(conn: sqlite3.Connection, account: str, region: str, name: str, qualifier: str) -> None:
    """Remove everything that hangs on a version or alias that is gone."""
    sql = "DELETE FROM facets WHERE account = ? AND region = ? AND name = ? AND qualifier = ?"
    conn.execute(sql, (account, region, name, qualifier))


def of_function(conn: sqlite3.Connection, account: str, region: str, name: str, kind: str) -> list[Facet]:
    """The documents of one kind of a function, by qualifier."""
    rows = conn.execute(f"{_SELECT}{_KEY} ORDER BY qualifier", (account, region, name, kind))
    return [_facet(row) for row in rows]


def of_kind(
    conn: sqlite3.Connection, kind: str, account: str | None = None, region: str | None = None
) -> list[Facet]:
    """The documents of one kind, of all functions; of every account and region where none is named."""
    rows = conn.execute(
        f"{_SELECT} WHERE kind = ? AND (? IS NULL OR account = ?) AND (? IS NULL OR region = ?)"
        " ORDER BY account, region, name, qualifier",
        (kind, account, account, region, region),
    )
    return [_facet(row) for row in rows]
