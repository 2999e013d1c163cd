"""Rows of asynchronous events: accepted and not done, or given up and kept for a while."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Any

import orjson

KEPT = 1000  # events that were given up, the newest ones

Key = tuple[str, str, str]


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
    attempts: int = 0
    postponements: int = 0
    failed: float | None = None
    condition: str | None = None
    response: bytes | None = None
    executed_version: str | None = None
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """The function it is for."""
        return self.account, self.region, self.function


_NEW = (
    "id, account, region, function, qualifier, request_id, payload, client_context, trace_id, tenant_id,"
    " accepted, next_at"
)
_ALL = f"{_NEW}, attempts, postponements, failed, condition, response, executed_version, history"
_LEAN = _ALL.replace("payload", "x''").replace("response", "NULL")
_INSERT = f"INSERT INTO events ({_NEW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_WAIT = "failed IS NULL"
_WERE_TRIED = "failed IS NULL AND history != '[]'"
_OF_LANE = "account = ? AND region = ? AND function = ? AND failed IS NULL"


def insert(conn: sqlite3.Connection, new: Iterable[EventRecord]) -> None:
    """Keep events under the numbers that they have."""
    conn.executemany(
        _INSERT,
        (
            (
                event.id,
                event.account,
                event.region,
                event.function,
                event.qualifier,
                event.request_id,
                event.payload,
                event.client_context,
                event.trace_id,
                event.tenant_id,
                event.accepted,
                event.next_at,
            )
            for event in new
        ),
    )


def last_number(conn: sqlite3.Connection) -> int:
    """The highest number that an event ever had."""
    row = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return int(row[0]) if row else 0


def get(conn: sqlite3.Connection, number: int) -> EventRecord | None:
    """One event with its payload."""
    row = conn.execute(f"SELECT {_ALL} FROM events WHERE id = ?", (number,)).fetchone()  # noqa: S608
    return _record(row) if row else None


def _record(row: tuple[Any, ...]) -> EventRecord:
    values = list(row)
    values[-1] = orjson.loads(values[-1])
    return EventRecord(*values)


def functions(conn: sqlite3.Connection) -> list[Key]:
    """The functions for which events wait. Jumps from one to the next: the backlog's size does not matter."""
    found: list[Key] = []
    last: Key = ("", "", "")
    while True:
        row = conn.execute(
            "SELECT account, region, function FROM events"
            " WHERE failed IS NULL AND (account, region, function, next_at) > (?, ?, ?, ?)"
            " ORDER BY account, region, function, next_at LIMIT 1",
            (*last, inf),  # behind all that wait for the last one, which are not looked at
        ).fetchone()
        if row is None:
            return found
        last = (row[0], row[1], row[2])
        found.append(last)


def due(conn: sqlite3.Connection, key: Key, now: float, limit: int) -> list[int]:
    """The numbers of a function's events that are due, those that have waited longest first."""
    sql = f"SELECT id FROM events WHERE {_OF_LANE} AND next_at <= ? ORDER BY next_at, id LIMIT ?"  # noqa: S608
    return [number for (number,) in conn.execute(sql, (*key, now, limit))]


def next_due(conn: sqlite3.Connection, key: Key, now: float) -> float | None:
    """When the next event of a function becomes due that is not due yet."""
    sql = f"SELECT next_at FROM events WHERE {_OF_LANE} AND next_at > ? ORDER BY next_at LIMIT 1"  # noqa: S608
    row = conn.execute(sql, (*key, now)).fetchone()
    return row[0] if row else None


def latest(conn: sqlite3.Connection) -> float | None:
    """The latest time that an event tells of: when the newest was accepted, or the last one given up."""
    row = conn.execute(
        "SELECT max(at) FROM (SELECT (SELECT accepted FROM events ORDER BY id DESC LIMIT 1) AS at"
        " UNION ALL SELECT (SELECT max(failed) FROM events WHERE failed IS NOT NULL))"
    ).fetchone()
    return row[0] if row else None


def waiting(conn: sqlite3.Connection) -> tuple[int, int]:
    """How many events are not done, and how many of them were attempted before."""
    (number,) = conn.execute(f"SELECT count(*) FROM events WHERE {_WAIT}").fetchone()  # noqa: S608
    (tried,) = conn.execute(f"SELECT count(*) FROM events WHERE {_WERE_TRIED}").fetchone()  # noqa: S608
    return int(number), int(tried)


def find(conn: sqlite3.Connection, request_id: str) -> EventRecord | None:
    """The event of a request, newest first: who asks has most often just sent it."""
    sql = f"SELECT {_ALL} FROM events WHERE request_id = ? ORDER BY id DESC LIMIT 1"  # noqa: S608
    row = conn.execute(sql, (request_id,)).fetchone()
    return _record(row) if row else None


def page(
    conn: sqlite3.Connection, *, failed: bool, function: str | None, after: int, limit: int
) -> list[tuple[EventRecord, int]]:
    """Events by number, from behind `after`, that wait or were given up; their payloads by size only."""
    rows = conn.execute(
        f"SELECT length(payload), {_LEAN} FROM events"  # noqa: S608
        f" WHERE id > ? AND failed IS {'NOT ' if failed else ''}NULL"
        " AND (? IS NULL OR function = ?) ORDER BY id LIMIT ?",
        (after, function, function, limit),
    )
    return [(_record(row[1:]), row[0]) for row in rows]


def counts(conn: sqlite3.Connection) -> list[tuple[str, str, str, int, int, int]]:
    """Per function: events that wait for their first attempt, for another one, and that were given up."""
    wait, tried, failed = (
        {
            (account, region, name): int(number)
            for account, region, name, number in conn.execute(
                f"SELECT account, region, function, count(*) FROM events WHERE {condition}"  # noqa: S608
                " GROUP BY account, region, function"
            )
        }
        for condition in (_WAIT, _WERE_TRIED, "failed IS NOT NULL")
    )
    return [
        (*key, wait.get(key, 0) - tried.get(key, 0), tried.get(key, 0), failed.get(key, 0))
        for key in sorted(wait.keys() | failed.keys())
    ]


def postpone(conn: sqlite3.Connection, event: EventRecord) -> None:
    """An attempt ended without success: try again when the record says."""
    _update(conn, event)


def give_up(conn: sqlite3.Connection, event: EventRecord) -> None:
    """No attempt is left; the event stays for a while, the oldest of its kind makes room."""
    _update(conn, event)
    conn.execute(
        "DELETE FROM events WHERE failed IS NOT NULL AND (failed, id) <= (SELECT failed, id FROM events"
        " WHERE failed IS NOT NULL ORDER BY failed DESC, id DESC LIMIT 1 OFFSET ?)",
        (KEPT,),
    )


def _update(conn: sqlite3.Connection, event: EventRecord) -> None:
    conn.execute(
        "UPDATE events SET next_at = ?, attempts = ?, postponements = ?, failed = ?, condition = ?,"
        " response = ?, executed_version = ?, history = ? WHERE id = ?",
        (
            event.next_at,
            event.attempts,
            event.postponements,
            event.failed,
            event.condition,
            event.response,
            event.executed_version,
            orjson.dumps(event.history).decode(),
            event.id,
        ),
    )


def bring_forward(conn: sqlite3.Connection, number: int, now: float) -> bool:
    """Make a waiting event due now; whether it waits."""
    sql = "UPDATE events SET next_at = min(next_at, ?) WHERE id = ? AND failed IS NULL"
    return conn.execute(sql, (now, number)).rowcount > 0


def delete(conn: sqlite3.Connection, number: int) -> bool:
    """The event is done with; whether it was there."""
    return conn.execute("DELETE FROM events WHERE id = ?", (number,)).rowcount > 0
