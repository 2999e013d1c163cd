"""One poller for every enabled mapping, from the moment it is enabled until what it began is over."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdatui.engine.sources import kafka_failures
from lambdatui.engine.sources.kafka import KafkaPoller
from lambdatui.engine.sources.mapping import Mapping
from lambdatui.engine.sources.poller import Poller, World
from lambdatui.engine.sources.sqs import QueuePoller
from lambdatui.engine.sources.streams import StreamPoller
from lambdatui.engine.store import documents
from lambdatui.engine.store.database import Connection, StoreUnavailable
from lambdatui.engine.store.deliveries import Delivery
from lambdatui.engine.triggers.frames import Frame
from lambdatui.engine.triggers.process import ChildProcess

if TYPE_CHECKING:
    from lambdatui.engine.engine import Engine

logger = logging.getLogger(__name__)

KIND = "mapping"
LOST = "PROBLEM: The services beside Lambda ended; what the source held is lost."
_POLLERS: dict[str, type[Poller]] = {
    "sqs": QueuePoller,
    "kinesis": StreamPoller,
    "dynamodb": StreamPoller,
    "kafka": KafkaPoller,
}


class Sources:
    """Follows the store's mappings."""

    def __init__(self, engine: Engine) -> None:
        self._store = engine.store
        self._world = World(
            clock=engine.clock,
            store=engine.store,
            dispatch=engine.dispatch,
            neighbours=engine.neighbours,
            activity=engine.queue.activity,
            metrics=engine.execution.metrics,
            outbox=engine.queue.outbox,
            faults=engine.execution.faults,
            kafka=dict(engine.settings.kafka),
        )
        engine.queue.outbox.produce = self._produce
        self._pollers: dict[str, Poller] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._saying: set[asyncio.Task[None]] = set()
        self._closed = False
        self._hear_others = engine.neighbours.hear
        engine.neighbours.hear = self._hear
        engine.neighbours.on_death(self._lost)
        engine.neighbours.on_restart(self._back)

    def start(self) -> None:
        """Take up every enabled mapping, and follow what becomes of them."""
        self._store.watch(KIND, self._changed)
        for entry in documents.everywhere(self._store.read(), KIND):
            self._changed(entry.account, entry.region, entry.id)

    async def close(self) -> None:
        """Begin nothing more. What is under way was not settled, and is read again by the next engine."""
        self._closed = True
        tasks = [*self._tasks.values(), *self._saying]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1.0)

    async def released(self, uuid: str) -> None:
        """Wait until what a mapping that is not enabled any more had begun is over."""
        task = self._tasks.get(uuid)
        poller = self._pollers.get(uuid)
        if task is not None and poller is not None and poller.stopping.is_set():
            await asyncio.wait([task])

    def poller(self, uuid: str) -> Poller | None:
        """The poller of an enabled mapping."""
        return self._pollers.get(uuid)

    async def _produce(self, delivery: Delivery) -> bool:
        """Send what a mapping gave up to a topic of its brokers; False if there is no such mapping any more.

        One that is switched off, or not at work yet, may be later: an error, after which it is tried again.
        """
        uuid = str(delivery.attributes.get(kafka_failures.MAPPING))
        poller = self._pollers.get(uuid)
        if isinstance(poller, KafkaPoller):
            await poller.produce(delivery)
            return True
        if documents.get(self._store.read(), delivery.account, delivery.region, KIND, uuid) is None:
            return False
        raise LookupError(f"The mapping {uuid} does not read its brokers now.")

    # -- following the store ---------------------------------------------------------------------

    def _changed(self, account: str, region: str, uuid: str) -> None:
        entry = documents.get(self._store.read(), account, region, KIND, uuid)
        enabled = entry is not None and entry.document["State"] == "Enabled"
        running = self._pollers.get(uuid)
        if running is not None and not enabled:
            running.stop()
        elif running is None and entry is not None and enabled and not self._closed:
            self._begin(Mapping.of(entry))

    def _begin(self, mapping: Mapping) -> None:
        kind = _POLLERS.get(mapping.kind)
        if kind is None:
            return
        try:
            poller = kind(self._world, mapping, lambda result: self._say(mapping, result))
        except Exception:
            logger.exception("%s cannot be polled", mapping.uuid)
            return
        self._pollers[mapping.uuid] = poller
        task = asyncio.create_task(self._poll(poller))
        self._tasks[mapping.uuid] = task
        task.add_done_callback(lambda _: self._ended(mapping))

    async def _poll(self, poller: Poller) -> None:
        try:
            await poller.run()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            logger.exception("the poller of %s failed", poller.mapping.uuid)
            self._say(poller.mapping, f"PROBLEM: {error}")

    def _ended(self, mapping: Mapping) -> None:
        self._pollers.pop(mapping.uuid, None)
        self._tasks.pop(mapping.uuid, None)

    # -- the neighbours --------------------------------------------------------------------------

    def _hear(self, frame: Frame, child: ChildProcess) -> None:
        if frame["kind"] != "records":
            self._hear_others(frame, child)
            return
        for poller in self._pollers.values():
            poller.news(frame["stream"])

    def _lost(self) -> None:
        for poller in self._pollers.values():
            poller.trouble = LOST.removeprefix("PROBLEM: ")
            poller.said(LOST)

    def _back(self) -> None:
        for poller in self._pollers.values():
            poller.wake()

    # -- what mappings show ----------------------------------------------------------------------

    def _say(self, mapping: Mapping, result: str) -> None:
        """Keep a LastProcessingResult, where a mapping has one and it is another."""
        if self._closed:
            return
        task = asyncio.create_task(self._keep(mapping, result))
        self._saying.add(task)
        task.add_done_callback(self._saying.discard)

    async def _keep(self, mapping: Mapping, result: str) -> None:
        key = (mapping.account, mapping.region, KIND, mapping.uuid)

        def change(conn: Connection) -> None:
            entry = documents.get(conn, *key)
            if entry is None or entry.document.get("LastProcessingResult", result) == result:
                return
            documents.put(conn, replace(entry, document={**entry.document, "LastProcessingResult": result}))

        try:
            await self._store.write(change)
        except StoreUnavailable as error:
            logger.warning("the state of %s could not be kept: %s", mapping.uuid, error)

    # -- the engine's own API --------------------------------------------------------------------

    def stamp(self) -> str:
        """Differs when a mapping or what its poller does may have changed; what waits in a source is not
        asked for."""
        entries = documents.everywhere(self._store.read(), KIND)
        work = [poller.describe() for poller in self._pollers.values()]
        return f"{hash(repr(([entry.document for entry in entries], work))):x}"

    async def describe(self) -> list[dict[str, Any]]:
        """Every mapping, with what its poller does."""
        entries = documents.everywhere(self._store.read(), KIND)
        return [await self._shown(Mapping.of(entry)) for entry in entries]

    async def _shown(self, mapping: Mapping) -> dict[str, Any]:
        poller = self._pollers.get(mapping.uuid)
        return {
            "uuid": mapping.uuid,
            "account": mapping.account,
            "region": mapping.region,
            "kind": mapping.kind,
            "source": mapping.arn or ",".join(mapping.document.get("Topics", ())),
            "function": mapping.document["FunctionArn"],
            "state": mapping.document["State"],
            "reason": mapping.document.get("StateTransitionReason"),
            "last_result": mapping.document.get("LastProcessingResult"),
            "batch_size": mapping.document.get("BatchSize"),
            "window_s": mapping.document.get("MaximumBatchingWindowInSeconds", 0),
            "filters": [
                one["Pattern"] for one in mapping.document.get("FilterCriteria", {}).get("Filters", ())
            ],
            "poller": None if poller is None else poller.describe(),
            "backlog": None if poller is None else await _backlog(poller),
        }


async def _backlog(poller: Poller) -> int | None:
    """How much waits, unless the source does not say."""
    if poller.trouble is not None:
        return None
    try:
        async with asyncio.timeout(2.0):
            return await poller.backlog()
    except Exception as error:
        logger.debug("the backlog of %s is not known: %s", poller.mapping.arn, error)
        return None
