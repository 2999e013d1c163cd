"""Functions whose events wait until they are resumed, whatever their account and region.

A pause outlives the engine, as the queue does: a restart must not run what somebody wanted to look at first.
"""

from __future__ import annotations

from lambdatui.engine.store import documents
from lambdatui.engine.store.database import Database
from lambdatui.engine.store.documents import Document

KIND = "pause"


class Pauses:
    """Their names."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    @property
    def names(self) -> list[str]:
        """In order."""
        return sorted(self._names)

    def load(self) -> None:
        """Take up those of an earlier engine."""
        self._names = {one.id for one in documents.everywhere(self._database.read(), KIND)}

    async def begin(self, name: str) -> None:
        """Returns when the pause is kept; it holds at once."""
        self._names.add(name)
        pause = Document("", "", KIND, name, "", {})
        await self._database.write(lambda conn: documents.put(conn, pause))

    async def end(self, name: str) -> None:
        """Returns when nothing is left of it."""
        await self._database.write(lambda conn: documents.delete(conn, "", "", KIND, name))
        self._names.discard(name)
