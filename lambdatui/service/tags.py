"""Tags of a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lambdatui.service.clean import clean, clean_line
from lambdatui.service.connection import Connection


class Tags:
    """What TagResource, UntagResource and ListTags offer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of(self, arn: str) -> dict[str, str]:
        """The tags, by name."""
        raw = await self._connection.call("lambda", "list_tags", Resource=arn)
        return {clean_line(key): clean(value) for key, value in sorted((raw.get("Tags") or {}).items())}

    async def put(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags, or give those that are there another value."""
        await self._connection.call("lambda", "tag_resource", Resource=arn, Tags=dict(tags))

    async def remove(self, arn: str, keys: Sequence[str]) -> None:
        """Take tags away."""
        await self._connection.call("lambda", "untag_resource", Resource=arn, TagKeys=list(keys))
