"""One SQLite database: a writer thread that commits in groups, and connections that only read.

Every change runs in the writer thread inside a savepoint of the current batch, so one failing change leaves
its neighbours alone, and ``write`` returns only after the batch is committed: what was answered survives a
``kill -9``. Readers never wait for the writer (write-ahead log).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Literal, TypeVar

from lambdatui.engine.store.migrations import SchemaTooNew, migrate

__all__ = ["Change", "Connection", "Database", "Durability", "StoreUnavailable"]

T = TypeVar("T")
Change = Callable[[Connection], T]
Durability = Literal["FULL", "NORMAL", "OFF"]

BATCH_ROWS = 512  # one commit for so many changes at most,
BATCH_BYTES = 4 << 20  # or so many bytes of them: a batch of large events must not hold up small ones

_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk is full: free some space in {folder} and try again.",
    sqlite3.SQLITE_READONLY: "{path} cannot be written: check the permissions of {folder}.",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened: check the permissions of {folder}.",
    sqlite3.SQLITE_PERM: "{path} cannot be opened: check the permissions of {folder}.",
    sqlite3.SQLITE_IOERR: "Reading or writing {path} failed: the disk may be full or broken.",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged. Move it away to start afresh.",
    sqlite3.SQLITE_NOTADB: "{path} is not a database of lambdatui. Move it away to start afresh.",
    sqlite3.SQLITE_BUSY: "{path} is in use by another program.",
}


class StoreUnavailable(Exception):  # noqa: N818 - read as a sentence: "except StoreUnavailable"
    """The store cannot be read or written; the text says why and what to do."""


@dataclass(slots=True)
class _Job:
    change: Change[Any]
    size: int
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        if self.future.done():  # its caller was cancelled; the change is committed all the same
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Database:
    """A database file with one writer thread. Open with ``Database.open``, end with ``close``."""

    def __init__(self, path: Path, durability: Durability, throwaway: Path | None) -> None:
        self.path = path
        self._throwaway = throwaway
        self._durability = durability
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._writer = self._connect(durability)
        self._reader: Connection | None = None
        self._scanner: Connection | None = None
        self._scans = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"scan-{path.stem}")
        self._thread = threading.Thread(target=self._run, name=f"write-{path.stem}", daemon=True)

    @classmethod
    def open(cls, path: Path | None, schema: str, durability: Durability = "FULL") -> Database:
        """Open (or make) the database of ``schema`` at ``path``; without a path in a throw-away folder."""
        throwaway = None
        if path is None:
            throwaway = Path(tempfile.mkdtemp(prefix="lambdatui-"))
            path, durability = throwaway / f"{schema}.db", "OFF"
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            database = cls(path, durability, throwaway)
            migrate(database._writer, schema)
            database._reader = database._connect(durability, read_only=True)
        except SchemaTooNew as error:
            raise StoreUnavailable(f"{path} {error}") from error
        except OSError as error:
            raise StoreUnavailable(f"{path} cannot be opened: {error.strerror or error}.") from error
        except sqlite3.Error as error:
            raise _translated(error, path) from error
        database._thread.start()
        return database

    def _connect(self, durability: Durability, *, read_only: bool = False) -> Connection:
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=5, cached_statements=256
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={durability}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA journal_size_limit=16777216")
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        return connection

    async def write(self, change: Change[T], size: int = 0) -> T:
        """Run ``change`` in the writer thread and return its result once it is committed.

        What ``change`` raises undoes its own statements only and is raised here. ``size`` is about how many
        bytes it writes, where that is much.
        """
        if self._closed:
            raise StoreUnavailable(f"{self.path} is closed.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(change, size, future, loop))
        return await future

    def read(self) -> Connection:
        """The event loop's own connection: for small indexed reads only, never for writing."""
        if self._reader is None:
            raise StoreUnavailable(f"{self.path} is closed.")
        return self._reader

    async def scan(self, query: Change[T]) -> T:
        """Run a long read in a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._scans, self._scan, query)

    def _scan(self, query: Change[T]) -> T:
        if self._scanner is None:
            self._scanner = self._connect(self._durability, read_only=True)
        try:
            return query(self._scanner)
        except sqlite3.Error as error:
            raise _translated(error, self.path) from error

    async def close(self) -> None:
        """Commit what was asked for so far, fold the log into the database, and let go of the files."""
        await asyncio.get_running_loop().run_in_executor(None, self.shut)

    def shut(self) -> None:
        """``close`` for those without an event loop; blocks until all is written."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        self._scans.shutdown()
        for connection in (self._reader, self._scanner):
            if connection is not None:
                connection.close()
        self._reader = self._scanner = None
        with contextlib.suppress(sqlite3.Error):  # a full disk: the log is read at the next start
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._writer.close()
        if self._throwaway is not None:
            shutil.rmtree(self._throwaway, ignore_errors=True)

    # ------------------------------------------------------------------ the writer thread

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            batch, last = self._gather(job)
            self._commit(batch)
            _tell(batch)
            if last:
                return

    def _gather(self, job: _Job) -> tuple[list[_Job], bool]:
        """The job and what waits behind it, up to the limits; and whether the end was reached."""
        batch, size = [job], job.size
        while len(batch) < BATCH_ROWS and size < BATCH_BYTES:
            try:
                following = self._jobs.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return batch, True
            batch.append(following)
            size += following.size
        return batch, False

    def _commit(self, batch: list[_Job]) -> None:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for job in batch:
                self._apply(job)
            self._writer.execute("COMMIT")
        except Exception as error:
            if self._writer.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._writer.execute("ROLLBACK")
            cause = _translated(error, self.path)
            for job in batch:
                job.error = job.error or cause

    def _apply(self, job: _Job) -> None:
        self._writer.execute("SAVEPOINT change")
        try:
            job.result = job.change(self._writer)
        except Exception as error:
            if not self._writer.in_transaction:  # SQLite gave up the whole batch (disk full, I/O error)
                raise
            self._writer.execute("ROLLBACK TO change")
            job.error = _translated(error, self.path)
        self._writer.execute("RELEASE change")


def _tell(batch: list[_Job]) -> None:
    """Answer a whole batch with one wake-up of each loop that asked."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        with contextlib.suppress(RuntimeError):  # that loop has ended: nobody waits any more
            loop.call_soon_threadsafe(_settle, jobs)


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()


def _translated(error: Exception, path: Path) -> Exception:
    """A fault of the disk or the file as a sentence; any other error as it is."""
    code = getattr(error, "sqlite_errorcode", None)
    sentence = _SENTENCES.get(code & 0xFF) if code is not None else None
    return StoreUnavailable(sentence.format(path=path, folder=path.parent)) if sentence else error
