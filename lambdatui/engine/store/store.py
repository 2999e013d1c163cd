"""The engine's data folder as one object."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from lambdatui.engine.store.blobs import Blobs
from lambdatui.engine.store.database import Database, StoreUnavailable
from lambdatui.engine.store.usage import CodeUsage

T = TypeVar("T")
Watcher = Callable[[str, str, str], None]


class Store:
    """``main`` for what must not be lost, ``logs`` for what is written often, ``blobs`` for code."""

    def __init__(self, main: Database, logs: Database, blobs: Blobs) -> None:
        self.main = main
        self.logs = logs
        self.blobs = blobs
        self.code_usage = CodeUsage()
        self._watchers: dict[str, list[Watcher]] = {}

    @classmethod
    def open(cls, folder: Path, *, memory: bool = False) -> Store:
        """Open the store in ``folder``; with ``memory`` nothing in it is meant to last, nor synced."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            blobs = Blobs(folder / "code")
        except OSError as error:
            raise StoreUnavailable(f"{folder} cannot be written: {error.strerror or error}.") from error
        main = Database.open(folder / "lambda.db", "lambda", "OFF" if memory else "FULL")
        try:
            logs = Database.open(folder / "logs.db", "logs", "OFF" if memory else "NORMAL")
        except StoreUnavailable:
            main.shut()
            raise
        return cls(main, logs, blobs)

    def read(self) -> sqlite3.Connection:
        """The loop's read connection to the main database."""
        return self.main.read()

    async def write(self, change: Callable[[sqlite3.Connection], T], size: int = 0) -> T:
        """One change of the main database, committed when this returns."""
        return await self.main.write(change, size)

    def watch(self, kind: str, watcher: Watcher) -> None:
        """Have ``watcher(account, region, name)`` called whenever something of this kind has changed."""
        self._watchers.setdefault(kind, []).append(watcher)

    def watched(self, kind: str) -> bool:
        """Whether anybody looks after this kind."""
        return kind in self._watchers

    def announce(self, kind: str, account: str, region: str, name: str) -> None:
        """Say that something of this kind has changed and is committed."""
        for watcher in self._watchers.get(kind, ()):
            watcher(account, region, name)

    def announce_all(self, account: str, region: str, name: str) -> None:
        """Say that everything that hangs on a function, or on one of its qualifiers, may have gone."""
        for kind in self._watchers:
            self.announce(kind, account, region, name)

    async def close(self) -> None:
        """Finish all writing and let go of every file."""
        await self.main.close()
        await self.logs.close()
