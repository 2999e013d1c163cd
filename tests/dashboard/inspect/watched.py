"""What a test changes by hand, and whoever looks hears of it."""

from __future__ import annotations

import asyncio

from tests.dashboard.fake_account import Gates


class Watched:
    """Answers once there is something new, as an engine does."""

    def __init__(self, gates: Gates) -> None:
        self.gates = gates
        self.version = 1
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """Have whoever looks look again."""
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, since: str) -> str:
        await self.gates.pass_through("look")
        while since == str(self.version):
            await self._changed.wait()
            await self.gates.pass_through("look")
        return str(self.version)
