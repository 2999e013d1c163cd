"""The layers of an account: what there is, who uses it; publish another version, delete one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import crc32

from lambdatui.model.layers import LayerPolicy, LayersView, LayerVersion
from lambdatui.service import parse
from lambdatui.service.clean import clean_line
from lambdatui.service.code import ZIP_LIMIT
from lambdatui.service.connection import Connection
from lambdatui.service.errors import NotFound, TooLarge
from lambdatui.service.packing import pack
from lambdatui.service.policies import statements_of
from lambdatui.service.together import together

SIZES_AT_ONCE = 20
"""Versions whose sizes are asked for between two answers: lists do not tell them."""
ASKING = 4
AWS_S, LOCAL_S = 60.0, 0.5
"""How often the lists are asked for anew."""


class Catalog:
    """ListLayers, ListLayerVersions, GetLayerVersion, GetLayerVersionPolicy, and what functions use."""

    def __init__(
        self, connection: Connection, *, local: bool, stamp: Callable[[], object | None] = lambda: None
    ) -> None:
        """``stamp`` differs from an earlier one when something may have changed; None: nobody tells."""
        self._connection = connection
        self._every_s = LOCAL_S if local else AWS_S
        self._stamp = stamp
        self._stamped: object | None = None
        self._versions: tuple[LayerVersion, ...] | None = None
        self._asked = 0.0
        self._sizes: dict[str, int] = {}

    async def view(self, *, since: str = "", wait_s: float = 0.0) -> LayersView:
        """All versions; without ``since`` they are asked for anew. While sizes are missing each answer knows
        more of them."""
        known = self._versions if since else None
        if known is None:
            known = await self._look()
        elif missing := [one for one in known if one.own and one.arn not in self._sizes]:
            await self._ask_sizes(missing[:SIZES_AT_ONCE])
        else:
            await asyncio.sleep(min(wait_s, self._every_s))
            if self._due():
                known = await self._look()
        versions = tuple(replace(one, size=self._sizes.get(one.arn)) for one in known)
        return LayersView(f"{crc32(repr(versions).encode()):x}", versions)

    async def policy(self, version: LayerVersion) -> LayerPolicy:
        """Who else may use a version; nobody, when it has no policy."""
        try:
            raw = await self._connection.call(
                "lambda",
                "get_layer_version_policy",
                LayerName=_layer(version.arn),
                VersionNumber=version.number,
            )
        except NotFound:
            return LayerPolicy(version.arn, ())
        return LayerPolicy(version.arn, statements_of(raw.get("Policy", ""), ""))

    async def publish(
        self, name: str, source: Path, *, description: str = "", runtimes: Sequence[str] = ()
    ) -> LayerVersion:
        """Make a new version of a layer, or its first one, from a folder or a zip."""
        package = await asyncio.to_thread(pack, source)
        if len(package) > ZIP_LIMIT:
            raise TooLarge("The zip is over 50 MB: Lambda takes such layers only from S3.")
        optional = {"Description": description, "CompatibleRuntimes": list(runtimes)}
        raw = await self._connection.call(
            "lambda",
            "publish_layer_version",
            LayerName=name,
            Content={"ZipFile": package},
            **{member: value for member, value in optional.items() if value},
        )
        return _version(raw, name, newest=True)

    async def delete(self, version: LayerVersion) -> None:
        """Delete a version: functions that have it keep it, others cannot get it any more."""
        await self._connection.call(
            "lambda", "delete_layer_version", LayerName=_layer(version.arn), VersionNumber=version.number
        )

    # -- looking ------------------------------------------------------------------------------

    def _due(self) -> bool:
        stamp = self._stamp()
        return stamp != self._stamped if stamp is not None else time.monotonic() - self._asked > self._every_s

    async def _look(self) -> tuple[LayerVersion, ...]:
        self._stamped, self._asked = self._stamp(), time.monotonic()
        users, lists = await asyncio.gather(self._users(), self._lists())
        own = [replace(one, users=tuple(users.pop(one.arn, ()))) for one in lists]
        others = [_somebodys(arn, tuple(names)) for arn, names in sorted(users.items())]
        self._versions = (*own, *others)
        return self._versions

    async def _users(self) -> dict[str, list[str]]:
        """Who has which version; notes the sizes on the way."""
        found: dict[str, list[str]] = {}
        async for page in self._connection.pages("lambda", "list_functions", FunctionVersion="ALL"):
            for raw in page.get("Functions", ()):
                version = parse.version(raw)
                who = version.function if version.is_latest else f"{version.function}:{version.number}"
                for layer in version.layers:
                    found.setdefault(layer.arn, []).append(who)
                    self._sizes[layer.arn] = layer.size
        return found

    async def _lists(self) -> list[LayerVersion]:
        names = [
            clean_line(raw["LayerName"])
            async for page in self._connection.pages("lambda", "list_layers")
            for raw in page.get("Layers", ())
        ]
        turn = asyncio.Semaphore(ASKING)

        async def one(name: str) -> list[LayerVersion]:
            async with turn:
                found = [raw async for raw in self._of(name)]
            newest = max((int(raw["Version"]) for raw in found), default=0)
            return [_version(raw, name, newest=int(raw["Version"]) == newest) for raw in found]

        return [version for versions in await together(map(one, sorted(names))) for version in versions]

    async def _of(self, name: str) -> AsyncIterator[Mapping[str, Any]]:
        async for page in self._connection.pages("lambda", "list_layer_versions", LayerName=name):
            for raw in page.get("LayerVersions", ()):
                yield raw

    async def _ask_sizes(self, versions: Sequence[LayerVersion]) -> None:
        turn = asyncio.Semaphore(ASKING)

        async def one(version: LayerVersion) -> None:
            async with turn:
                try:
                    raw = await self._connection.call(
                        "lambda", "get_layer_version", LayerName=version.name, VersionNumber=version.number
                    )
                except NotFound:  # it was deleted meanwhile
                    raw = {}
            self._sizes[version.arn] = int((raw.get("Content") or {}).get("CodeSize", 0))

        await together(map(one, versions))


def _layer(arn: str) -> str:
    """The ARN of the layer of a version."""
    return arn.rpartition(":")[0]


def _version(raw: Mapping[str, Any], name: str, *, newest: bool) -> LayerVersion:
    return LayerVersion(
        arn=clean_line(raw["LayerVersionArn"]),
        name=name,
        number=int(raw["Version"]),
        newest=newest,
        published=_moment(raw.get("CreatedDate")),
        description=clean_line(raw.get("Description", "")),
        runtimes=tuple(map(clean_line, raw.get("CompatibleRuntimes") or ())),
        architectures=tuple(map(clean_line, raw.get("CompatibleArchitectures") or ())),
        license=clean_line(raw.get("LicenseInfo", "")),
    )


def _somebodys(arn: str, users: tuple[str, ...]) -> LayerVersion:
    """A version that functions have and no list shows: another account's, or one that was deleted."""
    layer, _, number = arn.rpartition(":")
    name = layer.rpartition(":")[2]
    return LayerVersion(arn, name, int(number) if number.isdecimal() else 0, own=False, users=users)


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text).replace("+0000", "+00:00"))
    except ValueError:
        return None
