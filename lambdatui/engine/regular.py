"""What is done again and again while the engine runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable


class Regular:
    """Does it at once and then every so often. What goes wrong is for the work itself to catch."""

    def __init__(self, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        self._work = work
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await self._work()
            await asyncio.sleep(self._every_s)
