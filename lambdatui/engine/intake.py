"""Events on their way into the queue: what comes while the store is busy is kept together, in one commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lambdatui.engine.store import events
from lambdatui.engine.store.database import BATCH_BYTES, BATCH_ROWS, Database
from lambdatui.engine.store.events import EventRecord

Kept = Callable[[Exception | None], None]


class Intake:
    """Keeps events, then says so; first to the queue, then to the caller."""

    def __init__(self, database: Database, accepted: Callable[[EventRecord], None]) -> None:
        self._database = database
        self._accepted = accepted
        self._coming: list[tuple[EventRecord, Kept]] = []
        self._task: asyncio.Task[None] | None = None

    def take(self, event: EventRecord, kept: Kept) -> None:
        """Keep an event; `kept` is called once, with an error if it could not be."""
        self._coming.append((event, kept))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._keep())

    async def _keep(self) -> None:
        try:
            while self._coming:
                batch, size = self._next()
                try:
                    await self._database.write(
                        lambda conn, batch=batch: events.insert(conn, (event for event, _ in batch)),  # type: ignore[misc]
                        size,
                    )
                except Exception as error:
                    for _, kept in batch:
                        kept(error)
                else:
                    for event, kept in batch:
                        kept(None)
                        self._accepted(event)
                await self._gather()
        finally:
            self._task = None

    async def _gather(self) -> None:
        """Who was just answered may have more to send: one commit is to keep what comes of that, not two."""
        before = -1
        while before < len(self._coming) < BATCH_ROWS:
            before = len(self._coming)
            await asyncio.sleep(0)  # to the end of this round of the event loop,
            await asyncio.sleep(0)  # and of one that listened to everybody

    def _next(self) -> tuple[list[tuple[EventRecord, Kept]], int]:
        """What goes into the next commit, and about how many bytes that is."""
        count = size = 0
        for event, _ in self._coming[:BATCH_ROWS]:
            count, size = count + 1, size + len(event.payload)
            if size >= BATCH_BYTES:
                break
        batch, self._coming = self._coming[:count], self._coming[count:]
        return batch, size
