"""Deliveries to destinations and dead-letter queues: kept with their event's end, tried until they are in."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from lambdatui.engine import destinations
from lambdatui.engine.clock import Clock
from lambdatui.engine.faults import Faults
from lambdatui.engine.lanes import Activity, Lane
from lambdatui.engine.metrics.registry import Metrics
from lambdatui.engine.store import deliveries
from lambdatui.engine.store.database import Database, StoreUnavailable
from lambdatui.engine.store.deliveries import Delivery

if TYPE_CHECKING:
    from lambdatui.engine.triggers.neighbours import Neighbours

logger = logging.getLogger(__name__)

SERVICES = (*destinations.SERVICES, destinations.OTHER)
SIDE_BY_SIDE = 8  # per service: a queue that does not answer holds up no bucket
LONGEST_WAIT_S = 300.0
GONE = "there are no neighbours"


class Undeliverable(Exception):  # noqa: N818 - the state of a delivery
    """No other try can help."""


class _Waiting:
    """The deliveries to one service, as their lane sees them."""

    def __init__(self, outbox: Outbox, service: str) -> None:
        self._outbox = outbox
        self._service = service

    def due(self, now: float, limit: int) -> list[int]:
        return deliveries.due(self._outbox.database.read(), self._service, now, limit)

    def next_due(self, now: float) -> float | None:
        return deliveries.next_due(self._outbox.database.read(), self._service, now)

    def start(self, number: int) -> bool:
        return self._outbox.start_delivery(number)


class Outbox:
    """Sends what the ends of events call for."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        activity: Activity,
        faults: Faults,
        metrics: Metrics,
        hand_over: Callable[[Delivery], Awaitable[None]],
    ) -> None:
        """`hand_over` takes what goes to functions, and ends the delivery in the commit that queues it."""
        self.database = database
        self.neighbours: Neighbours | None = None
        """Who takes all the rest; given by the engine once they are there."""
        self.produce: Callable[[Delivery], Awaitable[bool]] | None = None
        """Takes what goes to Kafka topics; False if there is no mapping any more whose brokers take it."""
        self.delivered: Counter[str] = Counter()
        """How many arrived since the engine started, by kind."""
        self._clock = clock
        self._faults = faults
        self._metrics = metrics
        self._hand_over = hand_over
        self._lanes = {name: Lane(_Waiting(self, name), clock, activity, SIDE_BY_SIDE) for name in SERVICES}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self) -> None:
        """Take up what an earlier engine did not deliver."""
        for lane in self._lanes.values():
            lane.pump()

    async def close(self) -> None:
        """Start nothing more; what is under way is sent again by the next engine."""
        self._closed = True
        for lane in self._lanes.values():
            lane.close()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=1.0)

    def wake(self, service: str) -> None:
        """There is something new for a service."""
        self._lanes[service].wake(self._clock.now())

    async def retry(self, number: int) -> bool:
        """Try a delivery at once, also one that was given up; whether it is there."""
        delivery = deliveries.get(self.database.read(), number)
        now = self._clock.now()
        found = await self.database.write(lambda conn: deliveries.bring_forward(conn, number, now))
        if found and delivery is not None:
            self.wake(delivery.service)
        return found

    async def drop(self, number: int) -> bool:
        """Forget a delivery; whether it was there."""
        return await self.database.write(lambda conn: deliveries.delete(conn, number))

    def due_times(self) -> list[float]:
        """When the next delivery to each service is due, where one waits."""
        conn, now = self.database.read(), self._clock.now()
        return [at for name in SERVICES if (at := deliveries.next_due(conn, name, now)) is not None]

    def start_delivery(self, number: int) -> bool:
        """Send a delivery that its lane counts as running; False if it does not wait any more."""
        delivery = deliveries.get(self.database.read(), number)
        if delivery is None or delivery.failed is not None or delivery.next_at > self._clock.now():
            return False
        task = asyncio.get_running_loop().create_task(self._deliver(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _deliver(self, delivery: Delivery) -> None:
        again: float | None = None
        try:
            again = await self._try(delivery)
        except StoreUnavailable as error:
            logger.warning("a delivery waits: %s", error)
            again = self._clock.now() + 1.0
        except Exception:
            logger.exception("a delivery to %s failed", delivery.target)
            again = self._clock.now() + LONGEST_WAIT_S
        lane = self._lanes[delivery.service]
        lane.ended(delivery.id)
        if again is not None:
            lane.wake(again)

    async def _try(self, delivery: Delivery) -> float | None:
        """Send once and write down what came of it; when to try again, if so."""
        try:
            await self._send(delivery)
        except asyncio.CancelledError:
            raise
        except StoreUnavailable:
            raise
        except Exception as error:
            return await self._missed(delivery, error)
        self.delivered[delivery.kind] += 1
        await self.database.write(lambda conn: deliveries.delete(conn, delivery.id))
        return None

    async def _missed(self, delivery: Delivery, error: Exception) -> float | None:
        now = self._clock.now()
        tries, text = delivery.tries + 1, str(error) or type(error).__name__
        at = now + min(2.0**delivery.tries, LONGEST_WAIT_S)
        if at < delivery.deadline and not isinstance(error, Undeliverable):
            await self.database.write(lambda conn: deliveries.postpone(conn, delivery.id, at, tries, text))
            return at
        metric = "DeadLetterErrors" if delivery.kind == "dlq" else "DestinationDeliveryFailures"
        self._metrics.add(delivery.key, metric, 1)
        logger.warning("%s could not be delivered to %s: %s", delivery.request_id, delivery.target, text)
        await self.database.write(lambda conn: deliveries.give_up(conn, delivery.id, now, tries, text))
        return None

    # -- sending ---------------------------------------------------------------------------------

    async def _send(self, delivery: Delivery) -> None:
        kind = "dlq-refused" if delivery.kind == "dlq" else "destination-denied"
        if self._faults.take(kind, delivery.function) is not None:
            raise Undeliverable(f"refused by the fault switch {kind}")
        if delivery.service == destinations.OTHER:
            raise Undeliverable("This is no target of asynchronous invocations.")
        if delivery.target.endswith(".fifo"):
            raise Undeliverable("FIFO queues and topics are no targets of asynchronous invocations.")
        if delivery.service == "lambda":
            await self._hand_over(delivery)
            return
        if delivery.service == destinations.KAFKA:
            if self.produce is None or not await self.produce(delivery):
                raise Undeliverable("There is no mapping any more whose brokers would take this.")
            return
        if self.neighbours is None:
            raise Undeliverable(GONE)
        _, _, service, region, account, name = delivery.target.split(":", 5)
        client = self.neighbours.client(service, account or delivery.account, region or delivery.region)
        operation, parameters = self._message(delivery, name, self.neighbours)
        answer = await client.call(operation, **parameters)
        if answer.get("FailedEntryCount"):
            raise RuntimeError(answer["Entries"][0].get("ErrorMessage", "EventBridge refused the event"))

    @staticmethod
    def _message(delivery: Delivery, name: str, neighbours: Neighbours) -> tuple[str, dict[str, Any]]:
        """The operation that takes a delivery, and its parameters."""
        if delivery.service == "events":
            return "PutEvents", {"Entries": [destinations.bus_entry(delivery)]}
        if delivery.service == "s3":
            own = delivery.attributes.get(destinations.OBJECT_KEY)
            key = own or destinations.object_key(delivery, str(uuid.uuid4()))
            return "PutObject", {"Bucket": name, "Key": key, "Body": delivery.body}
        more = {"MessageAttributes": delivery.attributes} if delivery.attributes else {}
        if delivery.service == "sns":
            return "Publish", {"TopicArn": delivery.target, "Message": delivery.body.decode(), **more}
        header = {"StringValue": delivery.trace_id or "", "DataType": "String"}
        return "SendMessage", {
            "QueueUrl": neighbours.queue_url(delivery.target),
            "MessageBody": delivery.body.decode(),
            "MessageSystemAttributes": {"AWSTraceHeader": header},
            **more,
        }
