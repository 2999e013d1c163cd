"""Rows of metrics: series, and what each observed within a minute."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from lambdatui.engine.metrics.sketch import Distribution

Dimensions = tuple[tuple[str, str], ...]
"""Names and values, by name."""

OLDEST_S, AHEAD_S = 14 * 86_400, 2 * 3600
"""How far from now the time of a metric that is sent may be."""
KEPT_S = 15 * 86_400
"""As long as CloudWatch keeps single minutes."""


@dataclass(frozen=True, slots=True)
class Series:
    """One metric with one set of dimensions."""

    account: str
    region: str
    namespace: str
    metric: str
    dimensions: Dimensions = ()
    unit: str = "None"

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from all others."""
        return (self.account, self.region, self.namespace, self.metric, _written(self.dimensions))


@dataclass(frozen=True, slots=True)
class SeriesRecord:
    """A series as it is listed."""

    id: int
    namespace: str
    metric: str
    dimensions: Dimensions


_UPSERT = (
    "INSERT INTO metric_series (account, region, namespace, metric, dimensions, unit, newest)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET newest = max(newest, excluded.newest)"
    " RETURNING id"
)
_MINUTES = "SELECT count, sum, least, most, sketch FROM metric_minutes WHERE series_id = ?"
_ID = (
    "SELECT id, unit FROM metric_series"
    " WHERE account = ? AND region = ? AND namespace = ? AND metric = ? AND dimensions = ?"
)


def record(conn: sqlite3.Connection, observed: Iterable[tuple[int, Series, Distribution]]) -> None:
    """Add what was observed within minutes to what is known of them."""
    for at, series, distribution in observed:
        number = conn.execute(_UPSERT, (*series.key, series.unit, at)).fetchone()[0]
        known = conn.execute(f"{_MINUTES} AND at = ?", (number, at)).fetchone()
        if known is not None:
            distribution.merge(Distribution.unpack(*known))
        conn.execute(
            "REPLACE INTO metric_minutes VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(number, at, distribution.count, distribution.sum),
                *(distribution.least, distribution.most, distribution.pack()),
            ),
        )


def minutes(
    conn: sqlite3.Connection, series: Series, start: int, end: int
) -> tuple[str | None, list[tuple[int, Distribution]]]:
    """Its unit, and its minutes between `start` (included) and `end` (not), the oldest first."""
    found = conn.execute(_ID, series.key).fetchone()
    if found is None:
        return None, []
    sql = (
        "SELECT at, count, sum, least, most, sketch FROM metric_minutes"
        " WHERE series_id = ? AND at >= ? AND at < ? ORDER BY at"
    )
    rows = conn.execute(sql, (found[0], start, end))
    return found[1], [(row[0], Distribution.unpack(*row[1:])) for row in rows]


def listed(
    conn: sqlite3.Connection,
    account: str,
    region: str,
    *,
    namespace: str | None = None,
    metric: str | None = None,
    active_since: int = 0,
    after: int = 0,
) -> Iterator[SeriesRecord]:
    """Series by number, from behind `after`."""
    sql = (
        "SELECT id, namespace, metric, dimensions FROM metric_series WHERE account = ? AND region = ?"
        " AND (? IS NULL OR namespace = ?) AND (? IS NULL OR metric = ?) AND newest >= ? AND id > ?"
        " ORDER BY id"
    )
    given = (account, region, namespace, namespace, metric, metric, active_since, after)
    for number, space, name, dimensions in conn.execute(sql, given):
        yield SeriesRecord(number, space, name, _read(dimensions))


def forget_before(conn: sqlite3.Connection, at: int) -> None:
    """Delete the minutes before a time, and the series that have none left."""
    old: Sequence[tuple[int]] = conn.execute("SELECT id FROM metric_series").fetchall()
    for (number,) in old:
        conn.execute("DELETE FROM metric_minutes WHERE series_id = ? AND at < ?", (number, at))
    conn.execute("DELETE FROM metric_series WHERE newest < ?", (at,))


def _written(dimensions: Dimensions) -> str:
    return orjson.dumps(dimensions).decode()


def _read(text: str) -> Dimensions:
    return tuple((name, value) for name, value in orjson.loads(text))
