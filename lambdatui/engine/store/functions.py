"""Rows of functions: that a name is taken, and the last version number it gave out."""

from __future__ import annotations

import sqlite3


def exists(conn: sqlite3.Connection, account: str, region: str, name: str) -> bool:
    """Whether there is such a function."""
    sql = "SELECT 1 FROM functions WHERE account = ? AND region = ? AND name = ?"
    return conn.execute(sql, (account, region, name)).fetchone() is not None


def insert(conn: sqlite3.Connection, account: str, region: str, name: str) -> None:
    """Take a name; an IntegrityError when it is taken."""
    conn.execute("INSERT INTO functions (account, region, name) VALUES (?, ?, ?)", (account, region, name))


def delete(conn: sqlite3.Connection, account: str, region: str, name: str) -> bool:
    """Remove a function with its versions, aliases and facets; whether there was one."""
    sql = "DELETE FROM functions WHERE account = ? AND region = ? AND name = ?"
    return conn.execute(sql, (account, region, name)).rowcount > 0


def next_number(conn: sqlite3.Connection, account: str, region: str, name: str) -> int:
    """Give out the next version number; none is ever given twice."""
    sql = (
        "UPDATE functions SET numbered = numbered + 1 WHERE account = ? AND region = ? AND name = ?"
        " RETURNING numbered"
    )
    (number,) = conn.execute(sql, (account, region, name)).fetchone()
    return int(number)


def count(conn: sqlite3.Connection, account: str, region: str) -> int:
    """How many functions there are."""
    sql = "SELECT count(*) FROM functions WHERE account = ? AND region = ?"
    return int(conn.execute(sql, (account, region)).fetchone()[0])


def count_all(conn: sqlite3.Connection) -> int:
    """How many functions there are in all accounts and regions."""
    return int(conn.execute("SELECT count(*) FROM functions").fetchone()[0])


def code_bytes(conn: sqlite3.Connection, account: str, region: str) -> int:
    """What all versions and layer versions count towards the code storage quota."""
    total = 0
    for table, still in (("versions", "1"), ("layers", "deleted = 0")):
        sql = f"SELECT coalesce(sum(code_size), 0) FROM {table} WHERE account = ? AND region = ? AND {still}"  # noqa: S608
        total += int(conn.execute(sql, (account, region)).fetchone()[0])
    return total


def referenced_code(conn: sqlite3.Connection) -> set[str]:
    """The digest of every zip that a version or a layer names."""
    sql = "SELECT code_sha256 FROM versions UNION SELECT code_sha256 FROM layers"
    return {row[0] for row in conn.execute(sql)}
