"""Log lines on their way into the store: batched, in order, never in the way of an invocation."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from lambdatui.engine.store import logs as log_rows
from lambdatui.engine.store.database import Database

logger = logging.getLogger(__name__)

EVERY_S = 0.05
AT_LINES = 2000
BATCH_BYTES = 4 << 20
CONGESTED_BYTES = 16 << 20


class LogSink:
    """Takes lines of any stream and writes them together: 2000 at once, fewer after 50 ms."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.followers: list[Callable[[Sequence[log_rows.Line]], None]] = []
        """Given every batch once it is stored."""
        self._lines: list[log_rows.Line] = []
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._relieved: list[Callable[[], None]] = []
        self._in_hand = self._stored = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def congested(self) -> bool:
        """Lines come faster than they can be stored: who makes them should wait for `when_relieved`."""
        return self._bytes > CONGESTED_BYTES

    def when_relieved(self, call: Callable[[], None]) -> None:
        """Call once lines may flow again."""
        self._relieved.append(call)

    def take(self, place: log_rows.Place, ts_ms: int, messages: Iterable[str]) -> None:
        """Take events of one stream; what is empty is none."""
        lines = self._lines
        for message in messages:
            if message:
                lines.append((*place, ts_ms, message))
                self._bytes += len(message)
        if self._writing is None and (self._timer is None or len(lines) >= AT_LINES) and lines:
            self._write_soon()

    def follow(self, lines: Sequence[log_rows.Line]) -> None:
        """Lines are stored, by this sink or by somebody else."""
        for follower in self.followers:
            try:
                follower(lines)
            except Exception:  # the lines are stored: who waits for that must hear of it
                logger.exception("%d log lines could not be followed", len(lines))

    async def flush(self) -> None:
        """Return once every line taken so far is stored."""
        taken = self._stored + self._in_hand + len(self._lines)
        if self._stored < taken:
            stored = asyncio.get_running_loop().create_future()
            self._waiting.append((taken, stored))
            self._write()
            await stored

    async def close(self) -> None:
        """Store what is left."""
        await self.flush()
        if self._timer is not None:
            self._timer.cancel()

    def _write_soon(self) -> None:
        """Small batches would keep the writer, and with it everybody, busy for nothing."""
        if len(self._lines) >= AT_LINES or self._waiting:
            self._write()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EVERY_S, self._write)

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._writing is None and self._lines:
            self._writing = asyncio.get_running_loop().create_task(self._store())

    async def _store(self) -> None:
        batch, size = self._take()
        self._in_hand = len(batch)
        try:
            await self._database.write(partial(log_rows.append, lines=batch), size)
        except Exception:
            logger.exception("%d log lines could not be stored", len(batch))
        self._writing, self._in_hand = None, 0
        self._stored += len(batch)
        self.follow(batch)
        self._tell()
        if self._lines:
            self._write_soon()

    def _tell(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._stored:
            _, future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
        if self._relieved and not self.congested:
            calls, self._relieved = self._relieved, []
            for call in calls:
                call()

    def _take(self) -> tuple[list[log_rows.Line], int]:
        """The next batch, capped by bytes."""
        if self._bytes < BATCH_BYTES:
            batch, size = self._lines, self._bytes
            self._lines, self._bytes = [], 0
            return batch, size
        size = count = 0
        for count, line in enumerate(self._lines, 1):  # noqa: B007
            size += len(line[5])
            if size >= BATCH_BYTES:
                break
        batch, self._lines = self._lines[:count], self._lines[count:]
        self._bytes -= size
        return batch, size
