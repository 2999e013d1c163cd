"""Streams: their shards are found, and each is read by a reader of its own, parents before children."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

from lambdatui.engine.sources.batch import Stopped
from lambdatui.engine.sources.poller import Poller
from lambdatui.engine.sources.shard import Gone, ShardReader
from lambdatui.engine.sources.stream_sources import DynamoSource, KinesisSource, Shard, StreamSource
from lambdatui.engine.store import checkpoints, versions
from lambdatui.engine.store.checkpoints import Checkpoint

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 60.0
"""Real seconds between looks at a stream that gave no reason for one: shards come and go seldom."""
PAUSE_S = 1.0
_SOURCES: dict[str, tuple[str, type[StreamSource]]] = {
    "kinesis": ("kinesis", KinesisSource),
    "dynamodb": ("dynamodbstreams", DynamoSource),
}


class StreamPoller(Poller):
    """One mapping of a stream."""

    def __post_init__(self) -> None:
        super().__post_init__()
        service, kind = _SOURCES[self.mapping.kind]
        self._source = kind(self.mapping, self.client(service), self._role)
        self._readers: dict[str, ShardReader] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._look = asyncio.Event()
        self._stream: str | None = None

    async def run(self) -> None:
        try:
            while not self.stopping.is_set():
                self._look.clear()
                told = await self.persistently(self._source.describe)
                if told is None:
                    break
                await self._follow(*told)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._look.wait(), LOOK_EVERY_S)
            if self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()

    def stop(self) -> None:
        super().stop()
        self._look.set()
        for reader in self._readers.values():
            reader.stop()

    def wake(self) -> None:
        super().wake()
        self._look.set()

    def news(self, arn: str) -> None:
        if f"{self.mapping.arn}/".startswith(f"{arn}/"):  # the stream itself, or a consumer of it
            self._retry.set()
            for reader in self._readers.values():
                reader.more.set()

    def describe(self) -> dict[str, Any]:
        shards = {
            name: {"position": reader.checkpoint.position, "open": len(reader.progress)}
            for name, reader in self._readers.items()
        }
        return {**super().describe(), "shards": shards}

    async def backlog(self) -> int | None:
        return sum(len(reader.progress) for reader in self._readers.values())

    def _role(self) -> str:
        conn = self.world.store.read()
        record = versions.get_version(conn, *self.mapping.function, self.mapping.qualifier)
        return "" if record is None else str(record.config.get("Role", ""))

    # -- shards ----------------------------------------------------------------------------------

    async def _follow(self, stream: str, shards: list[Shard]) -> None:
        """Have a reader for every shard that is not read to its end and whose parents are."""
        if stream != self._stream:
            self._stream = stream
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)
            uuid = self.mapping.uuid
            await self.world.store.write(lambda conn: checkpoints.forget(conn, uuid, but=stream))
        known = checkpoints.of_stream(self.world.store.read(), self.mapping.uuid, stream)
        listed = {shard.id for shard in shards}
        unread = {shard.id for shard in shards if not (shard.id in known and known[shard.id].finished)}
        for shard in shards:
            if shard.id in self._readers or shard.id not in unread:
                continue
            if any(parent in unread and parent in listed for parent in shard.parents):
                continue
            found = known.get(shard.id)
            checkpoint = found or self._beginning(shard, first=not known)
            self._begin(ShardReader(self, self._source, checkpoint, fresh=found is None))

    def _beginning(self, shard: Shard, *, first: bool) -> Checkpoint:
        """Where a shard is begun with: as the mapping says; one that came later, from its start."""
        assert self._stream is not None
        position: dict[str, Any] = {"from": self.mapping.document.get("StartingPosition", "TRIM_HORIZON")}
        if not first:
            position = {"from": "TRIM_HORIZON"}
        elif position["from"] == "AT_TIMESTAMP":
            position["at"] = float(self.mapping.document.get("StartingPositionTimestamp", 0))
        return Checkpoint(self.mapping.uuid, self._stream, shard.id, position)

    def _begin(self, reader: ShardReader) -> None:
        self._readers[reader.shard] = reader
        task = asyncio.create_task(self._read(reader))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, reader: ShardReader) -> None:
        """A shard that ended may have children; one that is gone may be back after a while."""
        try:
            await reader.run()
        except Gone as gone:
            logger.info("%s: %s", self.mapping.arn, gone)
            self.note(str(gone))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), PAUSE_S)
        except (Stopped, asyncio.CancelledError):
            pass
        except Exception as error:
            logger.exception("a shard of %s could not be read", self.mapping.arn)
            self.note(str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), PAUSE_S)
        finally:
            self._readers.pop(reader.shard, None)
            self._look.set()
