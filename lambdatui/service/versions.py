"""Versions of a function and the aliases that point at them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from lambdatui.model import Alias, FunctionState, Version
from lambdatui.service import parse
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Conflict, NotFound, ServiceError

_READY_S = 60.0

VersionList = list[Version]  # inside the class, list is the method
AliasList = list[Alias]


class Versions:
    """What PublishVersion and the alias operations offer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, name: str) -> VersionList:
        """``$LATEST`` first, then from the newest to the oldest."""
        found = [
            parse.version(raw)
            async for page in self._connection.pages("lambda", "list_versions_by_function", FunctionName=name)
            for raw in page.get("Versions", ())
        ]
        return sorted(found, key=_age)

    async def aliases(self, name: str) -> AliasList:
        """Every alias, by name."""
        return [
            parse.alias(raw, name)
            async for page in self._connection.pages("lambda", "list_aliases", FunctionName=name)
            for raw in page.get("Aliases", ())
        ]

    async def publish(self, name: str, *, description: str = "", revision_id: str | None = None) -> Version:
        """Freeze ``$LATEST`` as a new version and wait until it is Active. When nothing changed since
        the last one, Lambda answers that one."""
        params = _given(Description=description or None, RevisionId=revision_id)
        raw = await self._connection.call("lambda", "publish_version", FunctionName=name, **params)
        made = parse.version(raw)
        wait_s = 0.05
        try:
            async with asyncio.timeout(_READY_S):
                while made.state is FunctionState.PENDING:
                    await asyncio.sleep(wait_s)
                    wait_s = min(wait_s * 1.5, 2.0)
                    made = await self._get(name, made.number)
        except TimeoutError:
            raise Conflict(f"Version {made.number} of {name} is still not Active.") from None
        if made.state is FunctionState.FAILED:
            raise ServiceError(f"Version {made.number} of {name} failed: {made.state_reason}")
        return made

    async def put_alias(
        self,
        name: str,
        alias: str,
        *,
        version: str,
        routing: Mapping[str, float] | None = None,
        description: str | None = None,
        revision_id: str | None = None,
    ) -> Alias:
        """Point an alias at a version, made if need be. ``routing`` names the other version and its share;
        with ``revision_id`` only an alias that nobody changed since is moved."""
        params: dict[str, Any] = {
            "FunctionName": name,
            "Name": alias,
            "FunctionVersion": version,
            "RoutingConfig": {"AdditionalVersionWeights": dict(routing or {})},
            **_given(Description=description),
        }
        there = revision_id is not None or await self._has_alias(name, alias)
        raw = await self._connection.call(
            "lambda",
            "update_alias" if there else "create_alias",
            **params,
            **_given(RevisionId=revision_id),
        )
        return parse.alias(raw, name)

    async def delete_alias(self, name: str, alias: str) -> None:
        """Delete an alias; the version stays."""
        await self._connection.call("lambda", "delete_alias", FunctionName=name, Name=alias)

    async def delete(self, name: str, number: str) -> None:
        """Delete one published version."""
        await self._connection.call("lambda", "delete_function", FunctionName=name, Qualifier=number)

    async def _has_alias(self, name: str, alias: str) -> bool:
        """Asked before it is written, so that no change which failed is told of an alias that is made."""
        try:
            await self._connection.call("lambda", "get_alias", FunctionName=name, Name=alias)
        except NotFound:
            return False
        return True

    async def _get(self, name: str, number: str) -> Version:
        raw = await self._connection.call(
            "lambda", "get_function_configuration", FunctionName=name, Qualifier=number
        )
        return parse.version(raw)


def _age(version: Version) -> int:
    """Sorts $LATEST before all numbers, and high numbers before low ones."""
    return -int(version.number) if version.number.isdecimal() else -(10**12)


def _given(**params: Any) -> dict[str, Any]:
    return {key: value for key, value in params.items() if value is not None}
