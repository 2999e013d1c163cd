"""A batch of a stream: tried until it is done with, however that ends. Its shard waits for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from typing import Protocol

from lambdatui.engine.context import new_request_id
from lambdatui.engine.dispatch import Outcome
from lambdatui.engine.sources.failures import EXHAUSTED, TOO_OLD, Failure
from lambdatui.engine.sources.mapping import Mapping
from lambdatui.engine.sources.poller import Poller, Stuck
from lambdatui.engine.sources.stream_sources import Record
from lambdatui.engine.sources.windows import Tumbling
from lambdatui.engine.store.deliveries import Delivery
from lambdatui.engine.wire.errors import ApiError

FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S = 0.5, 60.0


class Stopped(Exception):  # noqa: N818 - not a defect
    """The mapping is being stopped: what was not done is read again later."""


class Reader(Protocol):
    """A shard or a partition: records come from it in order, and it keeps how far they are done."""

    @property
    def poller(self) -> Poller: ...
    @property
    def mapping(self) -> Mapping: ...
    @property
    def shard(self) -> str:
        """Its name."""

    @property
    def tumbling(self) -> Tumbling | None: ...
    @property
    def retries(self) -> int:
        """How often a batch that failed is run again; -1 for as long as it takes."""

    @property
    def horizon(self) -> float:
        """Records that arrived before are not kept by their source any more."""

    def begins(self, batch: Sequence[Record]) -> None:
        """A batch is about to run."""

    def event(self, batch: Sequence[Record]) -> bytes:
        """What the function is given, but for a window."""

    def failed(self, payload: bytes, batch: Sequence[Record]) -> set[str] | None:
        """The sequences of records that an answer names; None if it fails the whole batch."""

    def told(self, batch: Sequence[Record], failure: Failure, event: bytes, now: float) -> Sequence[Delivery]:
        """What the on-failure destination is sent about records that are given up."""

    def window(self, *, final: bool, early: bool) -> bytes:
        """The members of a tumbling window."""

    async def done(self, records: Sequence[Record], messages: Sequence[Delivery] = ()) -> None:
        """Records are done with, well or badly; what is sent about them is kept first."""

    async def keep(self) -> None:
        """Keep the window."""


class Batches:
    """Settles the batches of one lane."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._poller = reader.poller
        self._mapping = reader.mapping
        self._clock = reader.poller.clock
        self._retries = reader.retries
        self._age_s = self._mapping.number("MaximumRecordAgeInSeconds", -1)
        self._bisects = bool(self._mapping.document.get("BisectBatchOnFunctionError"))

    async def settle(self, batch: Sequence[Record]) -> None:
        """Run a batch until its records are done or given up. Raises Stopped."""
        with self._at_work():
            try:
                await self._settle(batch, 0)
            finally:
                self._poller.stuck.pop(self, None)

    async def close_window(self) -> None:
        """The last run of a tumbling window; what goes wrong in it is tried again as often as a batch."""
        with self._at_work():
            await self._close_window()

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        """Counts as work that is not over, but for the pauses in it."""
        self._poller.world.activity.begin()
        try:
            yield
        finally:
            self._poller.world.activity.end()

    async def _settle(self, batch: Sequence[Record], invokes: int) -> None:
        refusals = 0
        request_id = new_request_id()
        while batch := await self._without_old(batch, invokes, request_id):
            request_id = new_request_id()
            outcome = await self._run(batch, request_id)
            if isinstance(outcome, ApiError):
                refusals += 1
                await self._hold(batch, refusals)
                continue
            done = await self._judge(batch, outcome)
            if done == len(batch):
                return
            if self._bisects and not done and len(batch) > 1:
                middle = len(batch) // 2
                await self._settle(batch[:middle], invokes)
                batch = batch[middle:]
                continue
            invokes, batch = invokes + 1, batch[done:]
            if 0 <= self._retries < invokes:
                await self.give_up(batch, Failure(EXHAUSTED, request_id, invokes, outcome))
                return
            await self._hold(batch, invokes)

    async def _hold(self, batch: Sequence[Record], tries: int) -> None:
        """Pause before the next try. Nothing behind the batch is run until then: it is shown as stuck."""
        first, error = batch[0], self._poller.counts.last_error
        self._poller.stuck[self] = Stuck(
            self._reader.shard, first.sequence, len(batch), tries, error, first.shown
        )
        await self._pause(tries)

    async def _close_window(self) -> None:
        tumbling = self._reader.tumbling
        assert tumbling is not None
        invokes = 0
        while True:
            outcome = await self._run((), new_request_id(), final=True)
            if isinstance(outcome, Outcome):
                invokes += 1
                if outcome.function_error is None or 0 <= self._retries < invokes:
                    break
            await self._pause(invokes)
        tumbling.close()
        await self._reader.keep()

    # -- running ---------------------------------------------------------------------------------

    async def _run(
        self, batch: Sequence[Record], request_id: str, *, final: bool = False, early: bool = False
    ) -> Outcome | ApiError:
        if self._poller.stopping.is_set():
            raise Stopped
        counts = self._poller.counts
        if batch:
            self._reader.begins(batch)
        counts.records_in_flight += len(batch)
        try:
            event = self._event(batch, final=final, early=early)
            return await self._poller.invoke(event, len(batch), request_id=request_id)
        finally:
            counts.records_in_flight -= len(batch)

    def _event(self, batch: Sequence[Record], *, final: bool = False, early: bool = False) -> bytes:
        records = self._reader.event(batch)
        tumbling = self._reader.tumbling
        if tumbling is None:
            return records
        if batch:
            tumbling.open(tumbling.of(batch[0]))
        return records[:-1] + b"," + self._reader.window(final=final, early=early) + b"}"

    async def _judge(self, batch: Sequence[Record], outcome: Outcome) -> int:
        """How many of the first records are done now."""
        done = self._good(batch, outcome)
        if done < len(batch):
            self._poller.said("PROBLEM: Function call failed")
        if not done:
            return 0
        early = False
        if self._reader.tumbling is not None and done == len(batch):
            early = not self._reader.tumbling.took(outcome.payload)
        await self._reader.done(batch[:done])
        if early:
            await self._end_early()
        if done == len(batch):
            self._poller.said("OK")
        return done

    async def _end_early(self) -> None:
        """A state that is too large ends its window."""
        tumbling = self._reader.tumbling
        assert tumbling is not None
        tumbling.state = {}
        await self._run((), new_request_id(), final=True, early=True)
        tumbling.close()
        await self._reader.keep()

    def _good(self, batch: Sequence[Record], outcome: Outcome) -> int:
        if outcome.function_error is not None:
            return 0
        if not self._mapping.partial:
            return len(batch)
        failed = self._reader.failed(outcome.payload, batch)
        if failed is None:
            self._poller.note("The function's answer names no items of its batch: the whole batch failed.")
            return 0
        first = next((number for number, one in enumerate(batch) if one.sequence in failed), len(batch))
        if first < len(batch):
            self._poller.note(f"The function says that record {batch[first].sequence} failed.")
        return first

    # -- giving up -------------------------------------------------------------------------------

    async def _without_old(self, batch: Sequence[Record], invokes: int, request_id: str) -> Sequence[Record]:
        """The records that are young enough; the others are given up, and leave room for them."""
        oldest = self._reader.horizon
        if self._age_s >= 0:
            oldest = max(oldest, self._clock.now() - self._age_s)
        old = [one for one in batch if one.arrived < oldest]
        if not old:
            return batch
        await self.give_up(old, Failure(TOO_OLD, request_id, max(1, invokes), None))
        return [one for one in batch if one.arrived >= oldest]

    async def give_up(self, batch: Sequence[Record], failure: Failure) -> None:
        """Be done with records that did not go well: their failure is told, and what follows may run."""
        messages = self._reader.told(batch, failure, self._event(batch), self._clock.now())
        self._poller.count(dropped=len(batch))
        self._poller.note(f"{len(batch)} records were given up: {failure.condition}.")
        await self._reader.done(batch, messages)

    async def _pause(self, tries: int) -> None:
        """Back off on the engine's clock; the stop of the mapping ends it."""
        seconds = min(FIRST_BACK_OFF_S * 2.0 ** min(max(tries - 1, 0), 20), LONGEST_BACK_OFF_S)
        activity, over = self._poller.world.activity, asyncio.Event()

        def come() -> None:
            if not over.is_set():
                activity.begin()
                over.set()

        timer = self._clock.call_later(seconds, come)
        stopped = asyncio.create_task(self._poller.stopping.wait())
        stopped.add_done_callback(lambda _: come())
        activity.end()
        try:
            await over.wait()
        finally:
            come()
            timer.cancel()
            stopped.cancel()
        if self._poller.stopping.is_set():
            raise Stopped
