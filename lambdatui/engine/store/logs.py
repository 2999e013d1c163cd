"""Rows of log groups, streams and events."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Place = tuple[str, str, str, str]
"""Account, region, group, stream."""

Line = tuple[str, str, str, str, int, str]
"""Account, region, group, stream, time in milliseconds, message."""

_INSERT = "INSERT INTO log_events (group_id, stream_id, at, ingested, message) VALUES "
_INSERTS = {count: _INSERT + ", ".join(["(?, ?, ?, ?, ?)"] * count) for count in (200, 20, 1)}
"""Many rows by one statement: it runs without the interpreter's lock, which single rows would take and give
back one by one, at the cost of the event loop."""


COLUMNS = 5  # of one row


@dataclass(slots=True)
class _Taken:
    """What a batch brings of one stream."""

    group: int
    stream: int
    first: int
    last: int
    size: int = 0


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A log group as it is stored; times in milliseconds."""

    id: int
    name: str
    created: int
    retention: int | None
    bytes: int


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A log stream, and when its events were; times in milliseconds."""

    id: int
    name: str
    created: int
    first: int | None
    last: int | None
    ingested: int | None
    bytes: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of a log; times in milliseconds."""

    id: int
    stream: str
    at: int
    ingested: int
    message: str


def now_ms() -> int:
    return int(time.time() * 1000)


def append(conn: sqlite3.Connection, lines: Sequence[Line]) -> None:
    """Write lines in their order; groups and streams that are not there are made."""
    now = now_ms()
    streams: dict[Place, _Taken] = {}
    values: list[int | str] = []
    for line in lines:
        taken = streams.get(line[:4])
        at, message = line[4], line[5]
        if taken is None:
            account, region, group, stream = line[:4]
            group_id = ensure_group(conn, account, region, group, now)
            taken = streams[line[:4]] = _Taken(group_id, ensure_stream(conn, group_id, stream, now), at, at)
        if at > taken.last:
            taken.last = at
        elif at < taken.first:
            taken.first = at
        taken.size += len(message)
        values += (taken.group, taken.stream, at, now, message)
    start = 0
    for count, insert in _INSERTS.items():
        size = count * COLUMNS
        while len(values) - start >= size:
            conn.execute(insert, values[start : start + size])
            start += size
    conn.executemany(
        "UPDATE log_streams SET first = min(coalesce(first, ?), ?), last = max(coalesce(last, ?), ?),"
        " ingested = ?, bytes = bytes + ? WHERE id = ?",
        [(one.first, one.first, one.last, one.last, now, one.size, one.stream) for one in streams.values()],
    )


def ensure_group(conn: sqlite3.Connection, account: str, region: str, name: str, now: int) -> int:
    """The group's number; it is made if it is not there."""
    found = group_id(conn, account, region, name)
    if found is None:
        create_group(conn, account, region, name, now)
        found = group_id(conn, account, region, name)
        assert found is not None
    return found


def ensure_stream(conn: sqlite3.Connection, group: int, name: str, now: int) -> int:
    """The stream's number; it is made if it is not there."""
    found = stream_id(conn, group, name)
    if found is None:
        create_stream(conn, group, name, now)
        found = stream_id(conn, group, name)
        assert found is not None
    return found


def create_group(conn: sqlite3.Connection, account: str, region: str, name: str, now: int) -> None:
    """Make a group; an IntegrityError if there is one."""
    conn.execute(
        "INSERT INTO log_groups (account, region, name, created) VALUES (?, ?, ?, ?)",
        (account, region, name, now),
    )


def create_stream(conn: sqlite3.Connection, group: int, name: str, now: int) -> None:
    """Make a stream; an IntegrityError if there is one."""
    conn.execute("INSERT INTO log_streams (group_id, name, created) VALUES (?, ?, ?)", (group, name, now))


def group_id(conn: sqlite3.Connection, account: str, region: str, name: str) -> int | None:
    sql = "SELECT id FROM log_groups WHERE account = ? AND region = ? AND name = ?"
    row = conn.execute(sql, (account, region, name)).fetchone()
    return int(row[0]) if row else None


def stream_id(conn: sqlite3.Connection, group: int, name: str) -> int | None:
    row = conn.execute("SELECT id FROM log_streams WHERE group_id = ? AND name = ?", (group, name)).fetchone()
    return int(row[0]) if row else None


def delete_group(conn: sqlite3.Connection, group: int) -> None:
    conn.execute("DELETE FROM log_groups WHERE id = ?", (group,))


def delete_stream(conn: sqlite3.Connection, stream: int) -> None:
    conn.execute("DELETE FROM log_streams WHERE id = ?", (stream,))


def set_retention(conn: sqlite3.Connection, group: int, days: int | None) -> None:
    conn.execute("UPDATE log_groups SET retention = ? WHERE id = ?", (days, group))


def forget_expired(conn: sqlite3.Connection, limit: int) -> int:
    """Delete events that their group's retention does not cover any more, so many at most; how many."""
    kept = "SELECT id, ? - retention * 86400000 FROM log_groups WHERE retention IS NOT NULL"
    old = "SELECT id FROM log_events WHERE group_id = ? AND at < ? LIMIT ?"
    gone = 0
    for group, before in conn.execute(kept, (now_ms(),)).fetchall():
        sql = f"DELETE FROM log_events WHERE id IN ({old})"  # noqa: S608
        gone += conn.execute(sql, (group, before, limit - gone)).rowcount
    return gone


def groups(
    conn: sqlite3.Connection,
    account: str,
    region: str,
    *,
    prefix: str = "",
    containing: str = "",
    after: str = "",
    limit: int = 50,
) -> list[GroupRecord]:
    """Groups by name, from behind `after`."""
    sql = (
        "SELECT id, name, created, retention,"
        " (SELECT coalesce(sum(bytes), 0) FROM log_streams WHERE group_id = log_groups.id)"
        " FROM log_groups WHERE account = ? AND region = ? AND name > ? AND name >= ?"
        " AND substr(name, 1, ?) = ? AND instr(lower(name), lower(?)) > 0 ORDER BY name LIMIT ?"
    )
    given = (account, region, after, prefix, len(prefix), prefix, containing, limit)
    return [GroupRecord(*row) for row in conn.execute(sql, given)]


def streams(
    conn: sqlite3.Connection,
    group: int,
    *,
    prefix: str = "",
    by_time: bool = False,
    descending: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> list[StreamRecord]:
    """Streams of a group, by name or by their last event."""
    direction = "DESC" if descending else "ASC"
    order = f"coalesce(last, 0) {direction}, name {direction}" if by_time else f"name {direction}"
    columns = "id, name, created, first, last, ingested, bytes"
    where = "group_id = ? AND substr(name, 1, ?) = ?"
    sql = f"SELECT {columns} FROM log_streams WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
    rows = conn.execute(sql, (group, len(prefix), prefix, limit, offset))
    return [StreamRecord(*row) for row in rows]


def stream_events(
    conn: sqlite3.Connection,
    stream: int,
    *,
    start: int | None,
    end: int | None,
    after: tuple[int, int] | None = None,
    before: tuple[int, int] | None = None,
    newest_first: bool = False,
    limit: int = 10000,
) -> list[EventRow]:
    """Events of one stream by time, between `start` (included) and `end` (not); cursors are (time, id)."""
    sql = "SELECT id, '', at, e.ingested, message FROM log_events AS e WHERE stream_id = ?"
    given: list[int] = [stream]
    sql += _between(given, start, end, after)
    if before is not None:
        sql += " AND (e.at, e.id) < (?, ?)"
        given += before
    direction = "DESC" if newest_first else "ASC"
    sql += f" ORDER BY at {direction}, id {direction} LIMIT ?"
    return [EventRow(*row) for row in conn.execute(sql, (*given, limit))]


def group_events(
    conn: sqlite3.Connection,
    group: int,
    *,
    start: int | None,
    end: int | None,
    after: tuple[int, int] | None = None,
) -> Iterable[EventRow]:
    """Events of all streams of a group, interleaved by time."""
    sql = (
        "SELECT e.id, s.name, e.at, e.ingested, e.message FROM log_events AS e"
        " JOIN log_streams AS s ON s.id = e.stream_id WHERE e.group_id = ?"
    )
    given: list[int] = [group]
    sql += _between(given, start, end, after)
    sql += " ORDER BY e.at, e.id"
    return (EventRow(*row) for row in conn.execute(sql, given))


def _between(given: list[int], start: int | None, end: int | None, after: tuple[int, int] | None) -> str:
    sql = ""
    if start is not None:
        sql += " AND e.at >= ?"
        given.append(start)
    if end is not None:
        sql += " AND e.at < ?"
        given.append(end)
    if after is not None:
        sql += " AND (e.at, e.id) > (?, ?)"
        given += after
    return sql
