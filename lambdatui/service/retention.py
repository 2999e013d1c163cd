"""How long log groups keep what is written to them."""

from __future__ import annotations

from lambdatui.service.connection import Connection
from lambdatui.service.errors import NotFound

DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""What CloudWatch Logs takes."""


class Retention:
    """PutRetentionPolicy and DeleteRetentionPolicy."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, group: str, days: int | None) -> None:
        """Keep what is logged for so many days; None keeps it for ever. A group that is not there yet (the
        function never ran) is made, so that the days hold from its first line on."""
        if days is None:
            try:
                await self._connection.call("logs", "delete_retention_policy", logGroupName=group)
            except NotFound:
                return  # what is not there keeps nothing
            return
        try:
            await self._put(group, days)
        except NotFound:
            await self._connection.call("logs", "create_log_group", logGroupName=group)
            await self._put(group, days)

    async def _put(self, group: str, days: int) -> None:
        await self._connection.call("logs", "put_retention_policy", logGroupName=group, retentionInDays=days)

    async def delete(self, group: str) -> None:
        """Delete a log group with all that is in it; one that is not there is no failure."""
        try:
            await self._connection.call("logs", "delete_log_group", logGroupName=group)
        except NotFound:
            return
