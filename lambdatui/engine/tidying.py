"""Code and images that nothing names any more are deleted: at the start, and every hour after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

from lambdatui.engine.environments.images.images import Images
from lambdatui.engine.regular import Regular
from lambdatui.engine.store import Store, versions

logger = logging.getLogger(__name__)

EVERY_S = 3600.0


class Tidying(Regular):
    """What was named an hour ago is spared: something that began then may still run by it."""

    def __init__(self, store: Store, images: Images) -> None:
        super().__init__(self._look, EVERY_S)
        self._store = store
        self._images = images
        self._spared: Collection[str] = ()  # at the start nothing runs yet

    async def look(self) -> None:
        """Delete what neither this look nor the one before finds named."""
        named = versions.code_in_use(self._store.read())
        kept, self._spared = named.union(self._spared), named
        await asyncio.to_thread(self._store.blobs.collect, kept)
        await asyncio.to_thread(self._images.collect, kept)

    async def _look(self) -> None:
        try:
            await self.look()
        except Exception:
            logger.exception("old code could not be deleted")
