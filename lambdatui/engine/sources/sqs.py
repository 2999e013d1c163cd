"""Queues: messages are received, run in batches, and deleted when their batch went well.

What is not deleted comes back by the queue's own visibility time-out, and by its redrive policy goes to its
dead-letter queue in the end: nothing here counts attempts.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Any

from lambdatui.engine.dispatch import Outcome
from lambdatui.engine.sources import queue_records
from lambdatui.engine.sources.pace import Pace
from lambdatui.engine.sources.poller import Poller
from lambdatui.engine.sources.queue_records import Message
from lambdatui.engine.triggers.errors import NeighbourError
from lambdatui.engine.wire.errors import ApiError

logger = logging.getLogger(__name__)

LONG_POLL_S, PATIENT_POLL_S = 20, 300
"""A poll waits so long; the second of neighbours of our own, which wake it whatever happens: each poll costs
some milliseconds, and a hundred idle queues have a hundred of them under way."""
AT_ONCE = 10  # messages of one ReceiveMessage, at most
SHORTEST_BACK_OFF_S, LONGEST_BACK_OFF_S = 1.0, 60.0
DELETE_TRIES = 5
SPARED = (
    "This queue is AWS's own, and whoever reads it takes its messages away: nothing is read. Start the engine"
    " with --consume if functions here may have them."
)


class QueuePoller(Poller):
    """One mapping of a queue. One long poll at a time: what it brings is shared out over free places."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._sqs = self.client("sqs")
        self._url = self.world.neighbours.queue_url(self.mapping.arn)
        self._poll: asyncio.Task[list[Message] | None] | None = None
        self._held: list[Message] = []
        self._running: set[asyncio.Task[None]] = set()
        self._free = asyncio.Event()
        self._pace = Pace(self.mapping.concurrency, self.mapping.pollers)
        self._groups: Counter[str] = Counter()
        self._back_off = 0.0
        self._blocked_until = 0.0

    async def run(self) -> None:
        if self.world.neighbours.spared:
            self.trouble = SPARED
            self.note(SPARED)
            await self.stopping.wait()
            return
        try:
            while not self.stopping.is_set():
                await self._room()
                if await self._gather():
                    self._start_batches()
            await self._end()
        except asyncio.CancelledError:
            for task in (self._poll, *self._running):
                if task is not None:
                    task.cancel()
            raise

    def stop(self) -> None:
        super().stop()
        self._free.set()
        self.world.neighbours.end_polls(self.mapping.arn)

    async def backlog(self) -> int | None:
        answer = await self._sqs.call(
            "GetQueueAttributes", QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def describe(self) -> dict[str, Any]:
        blocked = {"backing_off_until": self._blocked_until or None}
        return {**super().describe(), **self._pace.describe(), **blocked}

    async def _end(self) -> None:
        """A poll that is still under way may bring messages: they are run, as they are taken already."""
        if self._poll is not None:
            late = await self._poll
            self._poll = None
            self._take(late or [])
        self._start_batches()
        while self._running:
            await asyncio.wait(self._running)

    # -- receiving -------------------------------------------------------------------------------

    async def _room(self) -> None:
        """Wait until another batch may run: messages that cannot be run are better left in the queue."""
        while not self.stopping.is_set():
            wait = self._blocked_until - self.clock.now()
            if wait > 0:
                await self._until_free(wait)
                continue
            self._blocked_until = 0.0
            wait = self._pace.wait(len(self._running), self.clock.now())
            if not wait:
                return
            await self._until_free(wait)

    async def _until_free(self, seconds: float) -> None:
        """So long on the engine's clock, or until a batch is over or the mapping stopped."""
        timer = self.clock.call_later(seconds, self._free.set)
        self._free.clear()
        try:
            await self._free.wait()
        finally:
            timer.cancel()

    async def _gather(self) -> bool:
        """Receive until a batch is full, too large for more, or its window over; whether there is any."""
        size, window = self.mapping.batch_size, self.mapping.window_s
        over = asyncio.Event()
        timer = None
        try:
            while not over.is_set() and not self.stopping.is_set():
                if len(self._held) >= size or queue_records.fitting(self._held, size) < len(self._held):
                    return True
                if self._held and window == 0:
                    return True
                if self._held and timer is None:
                    timer = self.clock.call_later(window, over.set)
                await self._more(over)
            return bool(self._held)
        finally:
            if timer is not None:
                timer.cancel()

    async def _more(self, over: asyncio.Event) -> None:
        """Wait for the poll that is under way, but no longer than the window; it goes on without us."""
        if self._poll is None:
            self._poll = asyncio.create_task(self.persistently(self._receive))
        waiting = asyncio.create_task(over.wait())
        try:
            await asyncio.wait({self._poll, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if self._poll.done():
            received, self._poll = self._poll.result(), None
            self._take(received or [])

    def _wanted(self) -> int:
        """How many messages there is room for."""
        if self.mapping.fifo:
            return self.mapping.batch_size
        places = max(1, self._pace.batches - len(self._running))
        return max(1, min(AT_ONCE, self.mapping.batch_size * places - len(self._held)))

    async def _receive(self) -> list[Message]:
        patience = PATIENT_POLL_S if self.world.neighbours.ours else 0
        answer = await self._sqs.call(
            "ReceiveMessage",
            timeout_s=max(LONG_POLL_S, patience) + 10,
            patience_s=patience,
            QueueUrl=self._url,
            MaxNumberOfMessages=self._wanted(),
            WaitTimeSeconds=LONG_POLL_S,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [queue_records.message(self.mapping, one) for one in answer.get("Messages", ())]

    def _take(self, received: Sequence[Message]) -> None:
        """Hold what passes the filters. What does not is deleted, as on AWS."""
        self.count(polled=len(received))
        self._pace.took(sum(len(one.body) for one in received), self.clock.now())
        self.saw((one.record, one.body) for one in received)
        received = [one for one in received if not self._groups[one.group or ""]]
        passing = [one for one in received if self.mapping.filters.accepts(one.record)]
        self._held += passing
        if len(passing) < len(received):
            kept = {one.id for one in passing}
            others = [one for one in received if one.id not in kept]
            self.count(filtered_out=len(others))
            self._soon(self._delete(others))

    # -- running ---------------------------------------------------------------------------------

    def _start_batches(self) -> None:
        """Begin with what is held. What fills no batch beside a full one waits for a window of its own."""
        cut = list(queue_records.batches(self._held, self.mapping.batch_size))
        self._held = (
            cut.pop() if len(cut) > 1 and self.mapping.window_s and not self.stopping.is_set() else []
        )
        for batch in cut:
            self._soon(self._run(batch))

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guard(work))
        self._running.add(task)
        self.world.activity.begin()
        task.add_done_callback(self._over)

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            logger.exception("a batch of %s could not be settled", self.mapping.arn)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.world.activity.end()
        self._free.set()

    async def _run(self, batch: Sequence[Message]) -> None:
        groups = {one.group for one in batch if one.group is not None} if self.mapping.fifo else set()
        self._groups.update(groups)
        self.counts.records_in_flight += len(batch)
        try:
            trace_id = next((one.trace_id for one in batch if one.trace_id), None)
            outcome = await self.invoke(queue_records.event(batch), len(batch), trace_id)
        finally:
            self.counts.records_in_flight -= len(batch)
            self._groups.subtract(groups)  # before the deletion, at which the queue gives what comes next
            self._groups += Counter()
        if done := self._done(batch, outcome):
            await self._delete(done)

    def _done(self, batch: Sequence[Message], outcome: Outcome | ApiError) -> Sequence[Message]:
        """The messages that went well."""
        if isinstance(outcome, ApiError):
            self._hold_back()
            return ()
        self._back_off = 0.0
        if outcome.function_error is not None:
            return ()
        if not self.mapping.partial:
            return batch
        failed = self.failures(outcome.payload, [one.id for one in batch])
        if failed is None:
            self.counts.failed_batches += 1
            self.note("The function's answer names no items of its batch: the whole batch failed.")
            return ()
        return [one for one in batch if one.id not in failed]

    def _hold_back(self) -> None:
        """The function could not be run: the messages stay invisible, and no others are taken for a while."""
        self._back_off = min(max(self._back_off * 2, SHORTEST_BACK_OFF_S), LONGEST_BACK_OFF_S)
        self._blocked_until = max(self._blocked_until, self.clock.now() + self._back_off)

    async def _delete(self, messages: Sequence[Message]) -> None:
        for begin in range(0, len(messages), AT_ONCE):
            await self._delete_some(messages[begin : begin + AT_ONCE])

    async def _delete_some(self, messages: Sequence[Message]) -> None:
        """What cannot be deleted comes back: delivery is at least once."""
        entries = [{"Id": str(number), "ReceiptHandle": one.receipt} for number, one in enumerate(messages)]
        for attempt in range(DELETE_TRIES):
            try:
                answer = await self._sqs.call("DeleteMessageBatch", QueueUrl=self._url, Entries=entries)
            except NeighbourError as error:
                self.note(f"Messages could not be deleted: {error.message or error.code}")
                if not error.unreachable:
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), 0.2 * 2**attempt)
            else:
                self.count(deleted=len(answer.get("Successful", ())))
                return
