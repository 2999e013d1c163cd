"""The database: group commit, savepoints, sentences for broken disks, and nothing lost to kill -9."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from lambdatui.engine.store import Database, StoreUnavailable


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.open(tmp_path / "lambda.db", "lambda")
    yield database
    await database.close()


def tag(arn: str, text: str = "{}") -> Callable[[sqlite3.Connection], int]:
    return lambda conn: conn.execute("INSERT INTO tags VALUES (?, ?)", (arn, text)).rowcount


def arns(conn: sqlite3.Connection) -> list[str]:
    return [row[0] for row in conn.execute("SELECT arn FROM tags ORDER BY arn")]


async def test_a_write_is_readable_when_it_returns(database: Database) -> None:
    assert await database.write(tag("a")) == 1
    assert arns(database.read()) == ["a"]
    assert await database.scan(arns) == ["a"]


async def test_a_failing_change_undoes_only_itself(database: Database) -> None:
    def half(conn: sqlite3.Connection) -> None:
        conn.execute("INSERT INTO tags VALUES ('half', '{}')")
        raise LookupError("no")

    results: tuple[object, ...] = await asyncio.gather(
        database.write(tag("a")),
        database.write(half),
        database.write(tag("a")),
        database.write(tag("b")),
        return_exceptions=True,
    )
    assert results[0] == results[3] == 1
    assert isinstance(results[1], LookupError)
    assert isinstance(results[2], sqlite3.IntegrityError)
    assert arns(database.read()) == ["a", "b"]


async def test_a_cancelled_caller_does_not_stop_the_writer(database: Database) -> None:
    task = asyncio.create_task(database.write(tag("a")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await database.write(tag("b"))
    assert arns(database.read()) == ["a", "b"]


async def test_the_read_connection_cannot_write(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.read().execute("DELETE FROM tags")


async def test_a_full_disk_is_a_sentence_and_recovers(database: Database) -> None:
    def limit(conn: sqlite3.Connection) -> None:
        (pages,) = conn.execute("PRAGMA page_count").fetchone()
        conn.execute(f"PRAGMA max_page_count={pages + 1}")

    await database.write(limit)
    with pytest.raises(StoreUnavailable, match="disk is full"):
        await database.write(tag("big", "x" * 1_000_000))
    await database.write(lambda conn: conn.execute("PRAGMA max_page_count=1000000"))
    await database.write(tag("small"))
    assert arns(database.read()) == ["small"]


async def test_a_newer_schema_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "lambda.db"
    await Database.open(path, "lambda").close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=9999")
    connection.close()
    with pytest.raises(StoreUnavailable, match=r"newer lambdatui .*update lambdatui"):
        Database.open(path, "lambda")


async def test_what_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "lambda.db"
    path.write_bytes(b"not a database, only a text that is long enough to have a header" * 20)
    with pytest.raises(StoreUnavailable, match="not a database"):
        Database.open(path, "lambda")
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        Database.open(tmp_path / "nowhere" / "lambda.db", "lambda")


async def test_without_a_path_nothing_stays() -> None:
    database = Database.open(None, "lambda")
    await database.write(tag("a"))
    assert arns(database.read()) == ["a"]
    await database.close()
    assert not database.path.parent.exists()
    with pytest.raises(StoreUnavailable, match="closed"):
        await database.write(tag("b"))


async def test_closing_keeps_what_was_asked_for_and_the_file_is_private(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "lambda.db", "lambda")
    writes = [asyncio.create_task(database.write(tag(f"{n:03}"))) for n in range(700)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*writes)
    again = Database.open(tmp_path / "lambda.db", "lambda")
    assert len(arns(again.read())) == 700
    await again.close()
    assert (tmp_path / "lambda.db").stat().st_mode & 0o777 == 0o600


WRITER = """
import asyncio, sys
from pathlib import Path
from lambdatui.engine.store import Database

async def main():
    database = Database.open(Path(sys.argv[1]), "lambda")
    async def one(n):
        def change(conn):
            conn.execute("INSERT INTO tags VALUES (?, '1')", (f"{n}-left",))
            conn.execute("INSERT INTO tags VALUES (?, '1')", (f"{n}-right",))
        await database.write(change)
        print(n, flush=True)
    for start in range(0, 10**9, 32):
        await asyncio.gather(*[one(start + n) for n in range(32)])

asyncio.run(main())
"""


@pytest.mark.parametrize("round_", range(3))
async def test_kill_9_loses_nothing_that_was_answered(tmp_path: Path, round_: int) -> None:
    path = tmp_path / "lambda.db"
    writer = subprocess.Popen(  # noqa: ASYNC220 - the point is a process that can be killed
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, env=os.environ.copy(), text=True
    )
    assert writer.stdout is not None
    answered = [writer.stdout.readline() for _ in range(200 + 57 * round_)]
    writer.send_signal(signal.SIGKILL)
    answered += writer.stdout.readlines()
    writer.wait(10)
    writer.stdout.close()
    whole = {line.strip() for line in answered if line.endswith("\n")}
    database = Database.open(path, "lambda")
    found = set(arns(database.read()))
    await database.close()
    assert {f"{n}-{side}" for n in whole for side in ("left", "right")} <= found
    assert len(found) % 2 == 0
    assert len(whole) >= 200
