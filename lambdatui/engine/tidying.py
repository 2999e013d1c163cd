"""Code and images that nothing names any more are deleted: at the start, and every hour after it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection

from lambdatui.engine.environments.images.images import Images
from lambdatui.engine.store import Store, versions

logger = logging.getLogger(__name__)

EVERY_S = 3600.0


class Tidying:
    """What was named an hour ago is spared: something that began then may still run by it."""

    def __init__(self, store: Store, images: Images) -> None:
        self._store = store
        self._images = images
        self._spared: Collection[str] = ()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Nothing runs yet: now nothing is spared."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> None:
        """Delete what neither this look nor the one before finds named."""
        named = versions.code_in_use(self._store.read())
        kept, self._spared = named.union(self._spared), named
        await asyncio.to_thread(self._store.blobs.collect, kept)
        await asyncio.to_thread(self._images.collect, kept)

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                logger.exception("old code could not be deleted")
            await asyncio.sleep(EVERY_S)
