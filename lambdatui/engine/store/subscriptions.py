"""Rows of subscription filters."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subscription:
    """A log group's events that match a pattern go to a function."""

    account: str
    region: str
    group: str
    name: str
    pattern: str
    destination: str
    distribution: str
    created: int


_SELECT = (
    "SELECT g.account, g.region, g.name, s.name, s.pattern, s.destination, s.distribution, s.created"
    " FROM subscriptions AS s JOIN log_groups AS g ON g.id = s.group_id"
)


def put(conn: sqlite3.Connection, group: int, subscription: Subscription) -> None:
    """Insert a subscription, or change the one of its name."""
    conn.execute(
        "INSERT INTO subscriptions (group_id, name, pattern, destination, distribution, created)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (group_id, name) DO UPDATE SET"
        " pattern = excluded.pattern, destination = excluded.destination,"
        " distribution = excluded.distribution",
        (
            *(group, subscription.name, subscription.pattern, subscription.destination),
            *(subscription.distribution, subscription.created),
        ),
    )


def delete(conn: sqlite3.Connection, group: int, name: str) -> bool:
    """Remove a subscription; whether it was there."""
    sql = "DELETE FROM subscriptions WHERE group_id = ? AND name = ?"
    return conn.execute(sql, (group, name)).rowcount > 0


def of_group(conn: sqlite3.Connection, group: int) -> list[Subscription]:
    """The subscriptions of a group, by name."""
    rows = conn.execute(f"{_SELECT} WHERE s.group_id = ? ORDER BY s.name", (group,))
    return [Subscription(*row) for row in rows]


def every(conn: sqlite3.Connection) -> list[Subscription]:
    """All subscriptions there are."""
    return [Subscription(*row) for row in conn.execute(f"{_SELECT} ORDER BY s.id")]
