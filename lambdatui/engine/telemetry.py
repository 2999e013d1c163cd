"""The Telemetry API and its older sister, the Logs API: events of an environment for who subscribed to them.

Who is in an environment learns what happens in it: batches of events are posted to a listener of its own.
Between invocations everything in an environment stands still, and so does what is sent to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import orjson

from lambdatui.engine.logs import records
from lambdatui.engine.logs.report import event
from lambdatui.engine.triggers.upstream import Endpoint, send

OLD_KINDS = frozenset(
    f"platform.{name}"
    for name in (
        *("start", "end", "report", "runtimeDone", "extension", "fault"),
        *("logsSubscription", "logsDropped"),
    )
)
"""What subscribers of the Logs API hear of the platform."""

BACKLOG = 1000  # events before the first subscription that are kept for it
ATTEMPTS = 5
FIRST_PAUSE_S = 0.05
ANSWER_WITHIN_S = 3.0
SLOW = "Some logs were dropped because the downstream consumer is slower than the logs production rate"

Dial = Callable[[int], Awaitable[socket.socket]]
"""Connects to a port on which somebody in the environment listens."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What was asked for, checked."""

    api: str
    """telemetry or logs"""
    version: str
    types: tuple[str, ...]
    tcp: bool
    port: int
    target: str = "/"
    host: str = ""
    """As the subscriber calls it."""
    method: str = "POST"
    max_items: int = 10_000
    max_bytes: int = 262_144
    timeout_s: float = 1.0

    def wants(self, kind: str, one: dict[str, Any]) -> bool:
        """Whether an event is for it."""
        if kind not in self.types:
            return False
        if kind != "platform":
            return True
        return one["type"] in OLD_KINDS if self.api == "logs" else one["type"] != "platform.end"


class Telemetry:
    """One generation of an environment's processes, and who among them listens."""

    def __init__(self, log_json: bool) -> None:
        self._log_json = log_json
        self._backlog: deque[tuple[str, dict[str, Any]]] | None = deque(maxlen=BACKLOG)
        self._subscribers: dict[str, Subscriber] = {}

    def line(self, kind: str, message: str) -> None:
        """A process wrote a line; `kind` is function or extension."""
        text = message.removesuffix("\n")
        record: Any = text
        if self._log_json and kind == "function" and text.startswith("{"):
            with contextlib.suppress(orjson.JSONDecodeError):
                record = orjson.loads(text)
        self.put(kind, event(kind, record))

    def put(self, kind: str, one: dict[str, Any]) -> None:
        """Something happened."""
        if self._backlog is not None:
            self._backlog.append((kind, one))
        for subscriber in self._subscribers.values():
            subscriber.put(kind, one)

    def older(self, name: str, record: dict[str, Any]) -> None:
        """Something that only the Logs API tells."""
        self.put("platform", event(name, record))

    def api_of(self, name: str) -> str | None:
        """Which API an extension has subscribed by, if it has."""
        subscriber = self._subscribers.get(name)
        return subscriber.subscription.api if subscriber is not None else None

    @property
    def open(self) -> bool:
        """Whether one can still subscribe."""
        return self._backlog is not None

    def subscribe(self, name: str, subscription: Subscription, dial: Dial) -> None:
        """From now on, and for what was before; a second subscription replaces the first."""
        former = self._subscribers.pop(name, None)
        if former is not None:
            former.end()
        subscriber = self._subscribers[name] = Subscriber(subscription, dial)
        for kind, one in () if former is not None else self._backlog or ():
            subscriber.put(kind, one)

    def close(self) -> bool:
        """Nobody can subscribe any more; whether somebody has."""
        self._backlog = None
        return bool(self._subscribers)

    def hold(self, hold: bool) -> None:
        """The environment stands still, or goes on."""
        for subscriber in self._subscribers.values():
            subscriber.hold(hold)

    async def flush(self, within_s: float) -> None:
        """Send what there is."""
        flushing = [subscriber.flush() for subscriber in self._subscribers.values()]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await asyncio.gather(*flushing)

    def end(self) -> None:
        """Its processes are gone."""
        for subscriber in self._subscribers.values():
            subscriber.end()


class Subscriber:
    """Collects events into batches and sends one after the other."""

    def __init__(self, subscription: Subscription, dial: Dial) -> None:
        self.subscription = subscription
        self._dial = dial
        self._events: list[bytes] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0  # when the batch is to be sent
        self._ready: deque[list[bytes]] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._going = asyncio.Event()
        self._going.set()
        self._tcp: asyncio.StreamWriter | None = None
        self._ended = False

    def put(self, kind: str, one: dict[str, Any]) -> None:
        """An event, if it is wanted."""
        if self._ended or not self.subscription.wants(kind, one):
            return
        if (
            self.subscription.version == "2022-07-01"
            and isinstance(one["record"], dict)
            and kind != "platform"
        ):
            one = {**one, "record": orjson.dumps(one["record"]).decode()}
        data = orjson.dumps(one)
        if not self._events:
            self._due = asyncio.get_running_loop().time() + self.subscription.timeout_s
        self._events.append(data)
        self._size += len(data)
        full = len(self._events) >= self.subscription.max_items or self._size >= self.subscription.max_bytes
        if full:
            self._post()
        elif self._timer is None and self._going.is_set():
            self._wait()

    def hold(self, hold: bool) -> None:
        """Whoever listens stands still, or goes on."""
        if not hold:
            self._going.set()
            if self._events and self._timer is None:
                self._wait()
            return
        self._going.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def flush(self) -> None:
        """Send what there is, and return when it has arrived or is lost."""
        self._post()
        if self._sending is not None:
            await asyncio.shield(self._sending)

    def end(self) -> None:
        """Nobody listens any more."""
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        if self._sending is not None:
            self._sending.cancel()
        if self._tcp is not None:
            self._tcp.close()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_at(self._due, self._post)

    def _post(self) -> None:
        """The batch is complete."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._events:
            return
        batch, size = self._events, self._size
        self._events, self._size = [], 0
        if len(self._ready) >= 4:
            self._dropped(batch, size, SLOW)
            return
        self._ready.append(batch)
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._send_all())

    def _dropped(self, batch: list[bytes], size: int, reason: str) -> None:
        record = records.logs_dropped(size, len(batch), reason)
        self.put("platform", event("platform.logsDropped", record))

    async def _send_all(self) -> None:
        try:
            while self._ready:
                batch = self._ready.popleft()
                problem = await self._deliver(batch)
                if problem:
                    self._dropped(batch, sum(map(len, batch)), f"could not send events: {problem}")
        finally:
            self._sending = None

    async def _deliver(self, batch: list[bytes]) -> str:
        """Try a few times; what stands in the way, if it did not arrive."""
        pause, problem, attempt = FIRST_PAUSE_S, "", 0
        while attempt < ATTEMPTS:
            await self._going.wait()
            attempt += 1
            try:
                problem = await self._patiently(self._send(batch))
                if not problem:
                    return ""
            except (OSError, TimeoutError) as failure:
                problem = str(failure) or "no answer"
                self._tcp = None
            await asyncio.sleep(pause)
            pause *= 2
        return problem

    async def _patiently(self, sending: Coroutine[None, None, str]) -> str:
        """Wait for the answer, but not while who has to give it stands still."""
        task = asyncio.ensure_future(sending)
        try:
            while True:
                done, _ = await asyncio.wait((task,), timeout=ANSWER_WITHIN_S)
                if done:
                    return task.result()
                if self._going.is_set():
                    raise TimeoutError
                await self._going.wait()
        finally:
            task.cancel()

    async def _send(self, batch: list[bytes]) -> str:
        wanted = self.subscription
        if wanted.tcp:
            if self._tcp is None:
                _, self._tcp = await asyncio.open_connection(sock=await self._dial(wanted.port))
            self._tcp.write(b"".join(one + b"\n" for one in batch))
            await self._tcp.drain()
            return ""
        body = b"[" + b",".join(batch) + b"]"
        headers = [
            ("Host", wanted.host),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
        ]
        endpoint, dialled = Endpoint(wanted.host, wanted.port), await self._dial(wanted.port)
        answer = await send(endpoint, wanted.method, wanted.target, headers, body, dialled)
        return "" if answer.status < 300 else f"HTTP {answer.status}"
