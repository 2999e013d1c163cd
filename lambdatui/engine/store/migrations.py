"""Numbered steps that bring a database to the present schema.

The steps of a database are the files ``schema/{database}/{number}_{what}.sql``, run in order, once each; a
step that has been released is never edited, a change is a new file. The number of the last one that ran is
kept in the database itself.
"""

from __future__ import annotations

import sqlite3
from importlib import resources


class SchemaTooNew(Exception):  # noqa: N818
    """The database was written by a newer lambdatui."""


def steps(schema: str) -> list[tuple[int, str]]:
    """Number and SQL text of every step of a database, in order."""
    folder = resources.files(__package__) / "schema" / schema
    if not folder.is_dir():
        return []
    files = sorted((entry.name, entry) for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name.split("_", 1)[0]), entry.read_text(encoding="utf-8")) for name, entry in files]


def migrate(connection: sqlite3.Connection, schema: str) -> None:
    """Run the steps that the database has not seen; refuse one that has seen more than we know."""
    known = steps(schema)
    (present,) = connection.execute("PRAGMA user_version").fetchone()
    newest = known[-1][0] if known else 0
    if present > newest:
        raise SchemaTooNew(
            f"was written by a newer lambdatui (schema {present}, this one knows {newest}): "
            "update lambdatui or choose another data folder."
        )
    for number, script in known:
        if number > present:
            _run(connection, number, script)


def _run(connection: sqlite3.Connection, number: int, script: str) -> None:
    """One step and its number in one transaction: a crash in between leaves no half step."""
    try:
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\n;PRAGMA user_version={number};\nCOMMIT;")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
