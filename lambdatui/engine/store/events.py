"""Rows of asynchronous events: accepted, not done yet."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event. Its request id stays the same over all attempts."""

    id: int
    account: str
    region: str
    function: str
    qualifier: str | None
    request_id: str
    payload: bytes
    client_context: str | None
    trace_id: str | None
    tenant_id: str | None
    accepted: float
    next_at: float
    attempts: int
    postponements: int
    history: list[dict[str, Any]]


_NEW = (
    "account, region, function, qualifier, request_id, payload, client_context, trace_id, tenant_id,"
    " accepted, next_at"
)


def insert(
    conn: sqlite3.Connection,
    account: str,
    region: str,
    function: str,
    qualifier: str | None,
    request_id: str,
    payload: bytes,
    client_context: str | None,
    trace_id: str | None,
    tenant_id: str | None,
    now: float,
) -> int:
    """Keep an event, due at once; its number."""
    values = (account, region, function, qualifier, request_id, payload, client_context, trace_id, tenant_id)
    sql = f"INSERT INTO events ({_NEW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
    number = conn.execute(sql, (*values, now, now)).lastrowid
    assert number is not None
    return number


def get(conn: sqlite3.Connection, number: int) -> EventRecord | None:
    """One event with its payload."""
    row = conn.execute(
        f"SELECT id, {_NEW}, attempts, postponements, history FROM events WHERE id = ?",  # noqa: S608
        (number,),
    ).fetchone()
    if row is None:
        return None
    values = list(row)
    values[-1] = orjson.loads(values[-1])
    return EventRecord(*values)


def due(conn: sqlite3.Connection) -> list[tuple[float, int]]:
    """When each waiting event is due, and its number."""
    return [
        (at, number) for at, number in conn.execute("SELECT next_at, id FROM events ORDER BY next_at, id")
    ]


def postpone(
    conn: sqlite3.Connection,
    number: int,
    next_at: float,
    attempts: int,
    postponements: int,
    history: list[dict[str, Any]],
) -> None:
    """An attempt ended without success: try again later."""
    conn.execute(
        "UPDATE events SET next_at = ?, attempts = ?, postponements = ?, history = ? WHERE id = ?",
        (next_at, attempts, postponements, orjson.dumps(history).decode(), number),
    )


def delete(conn: sqlite3.Connection, number: int) -> None:
    """The event is done with."""
    conn.execute("DELETE FROM events WHERE id = ?", (number,))
