"""Looks inside a local engine: what its own API under ``/_lambdatui/`` tells, as records.

``service.inspection`` is None for a target without such an API.
"""

from __future__ import annotations

from lambdatui.model.inspection import FollowedEvent
from lambdatui.service.connection import Connection
from lambdatui.service.inspection.asking import Asker
from lambdatui.service.inspection.environments import Environments
from lambdatui.service.inspection.faults import Faults
from lambdatui.service.inspection.queue import Queue
from lambdatui.service.inspection.sources import Sources


class Inspection:
    """Everything that can be seen of an engine, part by part."""

    def __init__(self, connection: Connection) -> None:
        asker = Asker(connection)
        self.environments = Environments(asker)
        self.faults = Faults(asker)
        self.queue = Queue(asker)
        self.sources = Sources(asker)

    async def event(self, request_id: str, *, since: str = "", wait_s: float = 0.0) -> FollowedEvent:
        """The asynchronous event behind a 202: how it goes, or how it ended. NotFound when it is long over.

        With the ``stamp`` of the last answer as ``since`` it answers once something changed, at the latest
        after ``wait_s`` (up to 8 s).
        """
        return await self.queue.event(request_id, since=since, wait_s=wait_s)
