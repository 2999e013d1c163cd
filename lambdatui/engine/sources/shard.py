"""One shard of a stream: read ahead, shared out over lanes by key, run batch by batch."""

from __future__ import annotations

import asyncio
import contextlib
import time
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lambdatui.engine.sources import failures
from lambdatui.engine.sources.batch import Batches, Stopped
from lambdatui.engine.sources.failures import Failure
from lambdatui.engine.sources.mapping import PAYLOAD_LIMIT
from lambdatui.engine.sources.progress import Progress
from lambdatui.engine.sources.stream_sources import Read, Record, StreamSource
from lambdatui.engine.sources.windows import Tumbling
from lambdatui.engine.store import checkpoints, deliveries
from lambdatui.engine.store.checkpoints import Checkpoint
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.deliveries import Delivery
from lambdatui.engine.triggers.errors import NeighbourError
from lambdatui.engine.triggers.neighbours import BUILT_IN

if TYPE_CHECKING:
    from lambdatui.engine.sources.streams import StreamPoller

ENVELOPE = 1024  # bytes of an event that are no records
TRIMMED = "TrimmedDataAccessException"
LONGEST_IDLE_S = 5.0
TOLD_IDLE_S = 60.0
"""Real seconds between reads of an empty shard; longer where the neighbour says when there is something."""


class Gone(Exception):  # noqa: N818 - a state of the stream
    """The shard cannot be read any more: the stream has to be looked at again."""


class ShardReader:
    """Reads a shard from where it was left to its end, or until the mapping is stopped."""

    def __init__(
        self, poller: StreamPoller, source: StreamSource, checkpoint: Checkpoint, *, fresh: bool
    ) -> None:
        """`fresh`: nothing of the checkpoint is kept yet."""
        self.poller = poller
        self.source = source
        self.checkpoint = checkpoint
        self.mapping = poller.mapping
        self.retries = self.mapping.number("MaximumRetryAttempts", -1)
        self.progress = Progress()
        self.more = asyncio.Event()
        length = self.mapping.number("TumblingWindowInSeconds", 0)
        self.tumbling = Tumbling(length, checkpoint.tumbling) if length else None
        factor = 1 if length else max(1, self.mapping.number("ParallelizationFactor", 1))
        self._lanes = [Lane(self) for _ in range(factor)]
        self._fresh = fresh
        self._space = asyncio.Event()

    @property
    def shard(self) -> str:
        return self.checkpoint.shard

    async def run(self) -> None:
        """Raises Gone."""
        if self._fresh:
            await self.keep()
        tasks = [asyncio.create_task(lane.run()) for lane in self._lanes]
        try:
            reading = asyncio.create_task(self._read_all())
            tasks.append(reading)
            await self._until_over(tasks, reading)
        except Gone:
            self.checkpoint = replace(self.checkpoint, position=self.source.without_iterator(self.checkpoint))
            await self.keep()
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_over(self, tasks: list[asyncio.Task[None]], reading: asyncio.Task[None]) -> None:
        """The shard's end, or the stop: lanes end by themselves when nothing comes any more."""
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
        if reading.done() and not self.poller.stopping.is_set():
            self.checkpoint = replace(self.checkpoint, finished=True)
            await self.keep()

    def stop(self) -> None:
        """Read no more; lanes end what they run."""
        self.more.set()
        self._space.set()
        for lane in self._lanes:
            lane.wake()

    # -- reading ---------------------------------------------------------------------------------

    async def _read_all(self) -> None:
        """Until the shard is over or the mapping stopped; then the lanes get no more."""
        try:
            iterator: str | None = await self._iterator()
            await self._remember(iterator)
            idle = self.source.idle_s
            while iterator is not None and not self.poller.stopping.is_set():
                await self._room()
                self.more.clear()
                read = await self._read(iterator)
                if read is None:
                    break
                iterator = read.iterator
                if read.records:
                    idle = self.source.idle_s
                    await self._share(read.records)
                elif iterator is not None:
                    await self._rest(idle)
                    idle = min(idle * 2, LONGEST_IDLE_S)
        finally:
            for lane in self._lanes:
                lane.finish()

    async def _rest(self, seconds: float) -> None:
        if self.poller.world.neighbours.mode == BUILT_IN:
            seconds = TOLD_IDLE_S
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.more.wait(), seconds)

    async def _iterator(self) -> str:
        found = await self.poller.persistently(self._ask_iterator)
        if found is None:
            raise Stopped
        return found

    async def _remember(self, iterator: str | None) -> None:
        """The end of a shard as it was when the mapping began: later ones would pass over records."""
        position = self.checkpoint.position
        if position.get("from") == "LATEST" and "iterator" not in position:
            began = {"iterator": iterator, "at": self.poller.clock.now()}
            self.checkpoint = replace(self.checkpoint, position={**position, **began})
            await self.keep()

    async def _ask_iterator(self) -> str:
        try:
            return await self.source.iterator(self.shard, self.checkpoint.position)
        except NeighbourError as error:
            if error.code != TRIMMED:
                raise self._judged(error) from error
        self.poller.note("Records that were not read yet are not in the stream any more.")
        self.checkpoint = replace(self.checkpoint, position={"from": "TRIM_HORIZON"})
        return await self.source.iterator(self.shard, self.checkpoint.position)

    async def _read(self, iterator: str) -> Read | None:
        async def ask() -> Read:
            try:
                return await self.source.read(self.shard, iterator)
            except NeighbourError as error:
                raise self._judged(error) from error

        return await self.poller.persistently(ask)

    @staticmethod
    def _judged(error: NeighbourError) -> Exception:
        """An expired iterator, a shard or stream that is not there: begin again from the checkpoint."""
        return (
            error if error.unreachable or error.status == 429 or "Throughput" in error.code else Gone(error)
        )

    async def _share(self, records: Sequence[Record]) -> None:
        """Give every record that passes the filters to its lane."""
        self.poller.count(polled=len(records))
        self.poller.saw((one.shown, one.body) for one in records)
        self.progress.read(record.sequence for record in records)
        passing = [one for one in records if self.mapping.filters.accepts(one.shown)]
        for one in passing:
            self._lanes[zlib.crc32(one.key.encode()) % len(self._lanes)].put(one)
        if len(passing) < len(records):
            kept = {one.sequence for one in passing}
            self.poller.count(filtered_out=len(records) - len(passing))
            await self.done([one for one in records if one.sequence not in kept])
        if not passing:
            self.poller.said("OK")

    async def _room(self) -> None:
        """Wait while so much is read and not done that more would only fill the memory."""
        most = 2 * self.mapping.batch_size * len(self._lanes) + 1000
        while len(self.progress) >= most and not self.poller.stopping.is_set():
            self._space.clear()
            await self._space.wait()

    # -- batches ---------------------------------------------------------------------------------

    @property
    def horizon(self) -> float:
        """What arrived before is not in the stream any more, by the clock of whoever keeps the stream."""
        world = self.poller.world
        now = world.clock.now() if world.neighbours.mode == BUILT_IN else time.time()
        return now - self.source.retention_s

    def begins(self, batch: Sequence[Record]) -> None:
        """Note how old what is run now is."""
        age = max(0.0, self.poller.clock.now() - batch[-1].arrived) * 1000
        self.poller.counts.iterator_age_ms = age
        self.poller.world.metrics.add(self.mapping.function, "IteratorAge", age, self.mapping.qualifier)

    def event(self, batch: Sequence[Record]) -> bytes:
        return b'{"Records":[' + b",".join(one.body for one in batch) + b"]}"

    def window(self, *, final: bool, early: bool) -> bytes:
        assert self.tumbling is not None
        return self.tumbling.members(self.shard, self.mapping.arn, final=final, early=early)

    def failed(self, payload: bytes, batch: Sequence[Record]) -> set[str] | None:
        return self.poller.failures(payload, [one.sequence for one in batch])

    def told(self, batch: Sequence[Record], failure: Failure, event: bytes, now: float) -> Sequence[Delivery]:
        return failures.of_stream(self.source, self.shard, batch, failure, event, now)

    # -- progress --------------------------------------------------------------------------------

    async def done(self, records: Sequence[Record], messages: Sequence[Delivery] = ()) -> None:
        """Records are done with, well or badly; what is sent about them is kept in the same commit."""
        if self.progress.done(one.sequence for one in records) or messages or self.tumbling:
            if self.progress.after is not None:
                self.checkpoint = replace(self.checkpoint, position={"after": self.progress.after})
            await self.keep(messages)
        self._space.set()

    async def keep(self, messages: Sequence[Delivery] = ()) -> None:
        if self.tumbling is not None:
            self.checkpoint = replace(self.checkpoint, tumbling=self.tumbling.keep())
        kept = self.checkpoint

        def change(conn: Connection) -> None:
            checkpoints.put(conn, kept)
            for one in messages:
                deliveries.insert(conn, one)

        await self.poller.world.store.write(change)
        for one in messages:
            self.poller.world.outbox.wake(one.service)


class Lane:
    """Records of one shard that have to stay in order, and their batches, one at a time."""

    def __init__(self, reader: ShardReader) -> None:
        self._reader = reader
        self._batches = Batches(reader)
        self._waiting: list[Record] = []
        self._finished = False
        self._changed = asyncio.Event()

    def put(self, record: Record) -> None:
        self._waiting.append(record)
        self._changed.set()

    def finish(self) -> None:
        """Nothing more will come."""
        self._finished = True
        self._changed.set()

    def wake(self) -> None:
        self._changed.set()

    async def run(self) -> None:
        stopping = self._reader.poller.stopping
        with contextlib.suppress(Stopped):
            while not stopping.is_set():
                batch = await self._next()
                if batch:
                    await self._batches.settle(batch)
                elif self._finished and not self._window_is_open():
                    return

    def _window_is_open(self) -> bool:
        tumbling = self._reader.tumbling
        return tumbling is not None and tumbling.start is not None

    async def _next(self) -> list[Record]:
        """The next batch: full, or as large as it got within its window; none if there is nothing to do."""
        clock = self._reader.poller.clock
        over = clock.now() + self._reader.mapping.window_s
        began = False
        while not self._reader.poller.stopping.is_set():
            if self._waiting and not began:
                began, over = True, clock.now() + self._reader.mapping.window_s
            cut = self._cut()
            full = cut < len(self._waiting) or cut >= self._reader.mapping.batch_size
            if cut and (full or clock.now() >= over or self._finished):
                batch, self._waiting = self._waiting[:cut], self._waiting[cut:]
                await self._close_before(batch[0])
                return batch
            if not cut and (await self._close_in_time() or (self._finished and not self._window_is_open())):
                return []
            await self._wait(over if cut else None)
        return []

    def _cut(self) -> int:
        """How many of the waiting records make the next batch."""
        size, tumbling = ENVELOPE, self._reader.tumbling
        limit = min(self._reader.mapping.batch_size, len(self._waiting))
        for number, one in enumerate(self._waiting[:limit]):
            size += len(one.body) + 1
            other = tumbling is not None and tumbling.of(one) != tumbling.of(self._waiting[0])
            if number and (size > PAYLOAD_LIMIT or other):
                return number
        return limit

    async def _close_before(self, record: Record) -> None:
        """A record of a later window ends the one that is open."""
        tumbling = self._reader.tumbling
        if tumbling is not None and tumbling.start is not None and tumbling.of(record) > tumbling.start:
            await self._batches.close_window()

    async def _close_in_time(self) -> bool:
        """The clock ends a window too; whether it did now."""
        tumbling = self._reader.tumbling
        if tumbling is None or tumbling.end is None or self._reader.poller.clock.now() < tumbling.end:
            return False
        await self._batches.close_window()
        return True

    async def _wait(self, until: float | None) -> None:
        tumbling = self._reader.tumbling
        if until is None and tumbling is not None:
            until = tumbling.end
        self._changed.clear()
        timer = None
        if until is not None:
            timer = self._reader.poller.clock.call_at(until, self._changed.set)
        try:
            await self._changed.wait()
        finally:
            if timer is not None:
                timer.cancel()
