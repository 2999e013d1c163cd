"""Rows of deliveries: what events came to, on its way to destinations and dead-letter queues."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, fields, replace
from typing import Any

import orjson

KEPT = 1000  # deliveries that were given up, the newest ones


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one target."""

    id: int
    service: str
    kind: str
    """``destination`` or ``dlq``."""
    target: str
    account: str
    region: str
    function: str
    qualifier: str | None
    request_id: str
    condition: str
    body: bytes
    trace_id: str | None
    made: float
    deadline: float
    next_at: float
    tries: int = 0
    error: str | None = None
    failed: float | None = None
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """The function whose event it was."""
        return self.account, self.region, self.function


_COLUMNS = ", ".join(one.name for one in fields(Delivery))
_LEAN = _COLUMNS.replace("body", "x''")
_NEW = [one.name for one in fields(Delivery)][1:]


def insert(conn: sqlite3.Connection, delivery: Delivery) -> int:
    """Keep a delivery; its number (the record's own does not matter)."""
    values = [getattr(delivery, name) for name in _NEW]
    values[-1] = orjson.dumps(delivery.attributes).decode()
    sql = f"INSERT INTO deliveries ({', '.join(_NEW)}) VALUES ({', '.join('?' * len(_NEW))})"  # noqa: S608
    number = conn.execute(sql, values).lastrowid
    assert number is not None
    return number


def get(conn: sqlite3.Connection, number: int) -> Delivery | None:
    """One delivery with its message."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM deliveries WHERE id = ?", (number,)).fetchone()  # noqa: S608
    return _record(row) if row else None


def _record(row: tuple[Any, ...]) -> Delivery:
    return replace(Delivery(*row), attributes=orjson.loads(row[-1]))


def due(conn: sqlite3.Connection, service: str, now: float, limit: int) -> list[int]:
    """The numbers of a service's deliveries that are due, those that have waited longest first."""
    rows = conn.execute(
        "SELECT id FROM deliveries WHERE service = ? AND failed IS NULL AND next_at <= ?"
        " ORDER BY next_at, id LIMIT ?",
        (service, now, limit),
    )
    return [number for (number,) in rows]


def next_due(conn: sqlite3.Connection, service: str, now: float) -> float | None:
    """When the next delivery of a service becomes due that is not due yet."""
    row = conn.execute(
        "SELECT next_at FROM deliveries WHERE service = ? AND failed IS NULL AND next_at > ?"
        " ORDER BY next_at LIMIT 1",
        (service, now),
    ).fetchone()
    return row[0] if row else None


def page(conn: sqlite3.Connection, *, failed: bool, after: int, limit: int) -> list[tuple[Delivery, int]]:
    """Deliveries by number, from behind `after`, on their way or given up; their bodies by size only."""
    rows = conn.execute(
        f"SELECT length(body), {_LEAN} FROM deliveries"  # noqa: S608
        f" WHERE id > ? AND failed IS {'NOT ' if failed else ''}NULL ORDER BY id LIMIT ?",
        (after, limit),
    )
    return [(_record(row[1:]), row[0]) for row in rows]


def counts(conn: sqlite3.Connection) -> list[tuple[str, str, str, str, int, int]]:
    """Per function and kind: how many are on their way, and how many were given up."""
    return conn.execute(
        "SELECT account, region, function, kind, sum(failed IS NULL), sum(failed IS NOT NULL)"
        " FROM deliveries GROUP BY account, region, function, kind"
    ).fetchall()


def postpone(conn: sqlite3.Connection, number: int, next_at: float, tries: int, error: str) -> None:
    """A try failed: another one follows."""
    conn.execute(
        "UPDATE deliveries SET next_at = ?, tries = ?, error = ? WHERE id = ?",
        (next_at, tries, error, number),
    )


def give_up(conn: sqlite3.Connection, number: int, now: float, tries: int, error: str) -> None:
    """No try is left; the delivery stays for a while, the oldest of its kind makes room."""
    conn.execute(
        "UPDATE deliveries SET failed = ?, tries = ?, error = ? WHERE id = ?", (now, tries, error, number)
    )
    conn.execute(
        "DELETE FROM deliveries WHERE failed IS NOT NULL AND (failed, id) <= (SELECT failed, id"
        " FROM deliveries WHERE failed IS NOT NULL ORDER BY failed DESC, id DESC LIMIT 1 OFFSET ?)",
        (KEPT,),
    )


def bring_forward(conn: sqlite3.Connection, number: int, now: float) -> bool:
    """Try once more, now, also what was given up; whether it was there."""
    sql = "UPDATE deliveries SET next_at = ?, failed = NULL WHERE id = ?"
    return conn.execute(sql, (now, number)).rowcount > 0


def delete(conn: sqlite3.Connection, number: int) -> bool:
    """The delivery is done with; whether it was there."""
    return conn.execute("DELETE FROM deliveries WHERE id = ?", (number,)).rowcount > 0
