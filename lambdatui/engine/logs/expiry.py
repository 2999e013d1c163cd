"""What a log group's retention does not cover any more is deleted: at start, every hour, and on a change."""

from __future__ import annotations

import logging

from lambdatui.engine.regular import Regular
from lambdatui.engine.store import logs
from lambdatui.engine.store.database import Database, StoreUnavailable

logger = logging.getLogger(__name__)

EVERY_S = 3600.0
AT_ONCE = 10_000
"""So many events in one commit: others write in between."""


class Expiry(Regular):
    """Logs live in real time, and so does their end."""

    def __init__(self, database: Database) -> None:
        super().__init__(self._sweep, EVERY_S)
        self._database = database

    async def sweep(self) -> None:
        """Delete now what is over."""
        gone = AT_ONCE
        while gone == AT_ONCE:
            gone = await self._database.write(lambda conn: logs.forget_expired(conn, AT_ONCE))

    async def _sweep(self) -> None:
        try:
            await self.sweep()
        except StoreUnavailable as error:
            logger.warning("old log events could not be deleted: %s", error)
