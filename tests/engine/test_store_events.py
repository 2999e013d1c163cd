"""Rows of events: what is told of a long backlog costs as much as of a short one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from lambdatui.engine.store import events, migrations
from lambdatui.engine.store.events import EventRecord

ROWS = 5000
STEP = 100


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    """Two functions: a long backlog of one, three events of the other in three states."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrations.migrate(connection, "lambda")
    backlog = [event(number, "busy") for number in range(1, ROWS + 1)]
    fresh, tried, failed = (event(ROWS + number, "other") for number in (1, 2, 3))
    events.insert(connection, [*backlog, fresh, tried, failed])
    events.postpone(connection, replace(tried, next_at=9.0, history=[{"outcome": "throttle"}]))
    events.give_up(connection, replace(failed, failed=3.0, history=[{"outcome": "function error"}]))
    yield connection
    connection.close()


def event(number: int, function: str) -> EventRecord:
    what = (f"id-{number}", b"x" * 500, None, None, None)
    return EventRecord(number, "0", "r", function, None, *what, accepted=1.0, next_at=2.0)


def steps(conn: sqlite3.Connection, ask: Callable[[], Any]) -> int:
    """About how many instructions SQLite needs for an answer."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += STEP
        return 0

    conn.set_progress_handler(count, STEP)
    ask()
    conn.set_progress_handler(None, STEP)
    return taken


def test_what_waits_and_what_was_tried(conn: sqlite3.Connection) -> None:
    assert events.waiting(conn) == (ROWS + 2, 1)
    assert events.counts(conn) == [("0", "r", "busy", ROWS, 0, 0), ("0", "r", "other", 1, 1, 1)]
    assert events.functions(conn) == [("0", "r", "busy"), ("0", "r", "other")]


def test_functions_are_found_without_a_walk_through_what_waits_for_them(conn: sqlite3.Connection) -> None:
    assert steps(conn, lambda: events.functions(conn)) < ROWS


def test_a_backlog_is_counted_without_a_look_at_its_rows(conn: sqlite3.Connection) -> None:
    """What lies behind the payloads would have to be fetched page by page."""
    taken: list[str] = []
    conn.set_trace_callback(taken.append)
    events.waiting(conn)
    events.counts(conn)
    conn.set_trace_callback(None)
    assert len(taken) == 5
    rows = "SELECT rootpage FROM sqlite_master WHERE name = 'events'"
    ((table,),) = conn.execute(rows).fetchall()
    for sql in taken:
        code = conn.execute(f"EXPLAIN {sql}").fetchall()
        opened = {row[2] for row in code if row[1] == "OpenRead" and row[3] == table}
        read = {row[2] for row in code if row[1] == "Column"}
        assert bool(opened & read) == ("failed IS NOT NULL" in sql), sql  # few are kept of those
