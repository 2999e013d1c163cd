"""The engine as one object: every room, opened in order and closed in the opposite one."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from lambdatui.engine.api import lambda_api, sts
from lambdatui.engine.callbacks import codepipeline, config
from lambdatui.engine.callbacks.registry import Callbacks
from lambdatui.engine.clock import Clock
from lambdatui.engine.code_links import CodeLinks
from lambdatui.engine.credentials import Credentials
from lambdatui.engine.dispatch import Dispatch
from lambdatui.engine.door import Door
from lambdatui.engine.environments.images.images import Images
from lambdatui.engine.execution import Execution
from lambdatui.engine.http import Exchange, Server, serve
from lambdatui.engine.introspection import Introspection, Leases
from lambdatui.engine.logs import filters, operations
from lambdatui.engine.logs.embedded import EmbeddedMetrics
from lambdatui.engine.logs.expiry import Expiry
from lambdatui.engine.logs.sink import LogSink
from lambdatui.engine.logs.subscriptions import Subscriptions
from lambdatui.engine.metrics import operations as metric_operations
from lambdatui.engine.queue import EventQueue
from lambdatui.engine.runtimes.interpreters import find
from lambdatui.engine.settings import DEFAULT_ACCOUNT, HOST, MAX_REQUEST, EngineOptions
from lambdatui.engine.sources.manager import Sources
from lambdatui.engine.store import Store, StoreUnavailable, functions, versions
from lambdatui.engine.tidying import Tidying
from lambdatui.engine.triggers import neighbours
from lambdatui.engine.triggers.neighbours import Neighbours
from lambdatui.engine.triggers.service import NeighbourService
from lambdatui.engine.triggers.triggers import Triggers
from lambdatui.engine.web.front import Front
from lambdatui.engine.wire.absent import AbsentService
from lambdatui.engine.wire.service import Service

logger = logging.getLogger(__name__)

CLOSING_GRACE = 5.0  # seconds for answers that are under way when the engine stops


class Engine:
    """Composes the rooms. `listen` and `start` open everything, `close` ends it."""

    def __init__(self, settings: EngineOptions, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.started = time.monotonic()
        self.credentials = Credentials.load(folder, settings.session)
        self.clock = Clock(settings.clock)
        self.store = Store.open(folder, memory=settings.memory)
        self.code_links = CodeLinks()
        self.images = Images(folder / "images")
        self.execution = Execution(
            database=self.store.main,
            log_database=self.store.logs,
            blobs=self.store.blobs,
            images=self.images,
            clock=self.clock,
            session=self.credentials.session,
            folder=folder / "run",
            endpoint=lambda: self.url,
            listen_on=self._listen_on,
            isolation=settings.isolation,
            vpc_network=settings.vpc_network == "machine",
            retry_delay=settings.retry_delay,
            session_s=settings.session,
        )
        self.neighbours = Neighbours(
            settings.neighbours, self.clock, lambda: self.url, consume=settings.consume
        )
        self.triggers = Triggers(
            self.neighbours,
            store=self.store,
            queue=self.queue,
            dispatch=self.dispatch,
            sink=self.sink,
            clock=self.clock,
            session=self.credentials.session,
        )
        self.subscriptions = Subscriptions(
            self.store, self.triggers.functions, self.sink, self.queue.activity
        )
        self.log_expiry = Expiry(self.store.logs)
        self.tidying = Tidying(self.store, self.images)
        self.callbacks = Callbacks(self.clock, self.store, lambda: self.url)
        self.queue.outbox.neighbours = self.neighbours
        self.sources = Sources(self)
        self.front = Front(self)
        self.leases = Leases()
        self.introspection = Introspection(self)
        self.url = ""
        self.closing = False
        """Whoever waits for something to change waits no longer."""
        self._services = {service.signs_as: service for service in _services()}
        self._server: Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        return self._server.port if self._server else 0

    @property
    def dispatch(self) -> Dispatch:
        return self.execution.dispatch

    @property
    def queue(self) -> EventQueue:
        return self.execution.queue

    @property
    def sink(self) -> LogSink:
        return self.execution.sink

    async def listen(self) -> None:
        """Takes the port; raises OSError if it is taken."""
        door = Door(self)
        self._server = await serve(
            door,
            HOST,
            self.settings.port,
            max_body=MAX_REQUEST,
            on_too_large=door.too_large,
            sink_for=door.sink_for,
        )
        door.open_at(self._server.port)
        self.url = f"http://{HOST}:{self._server.port}"

    def _listen_on(self, listening: socket.socket) -> Callable[[], None]:
        """Answers in the network of an environment, too, that has none of the machine's."""
        assert self._server is not None
        return self._server.listen_on(listening)

    async def start(self) -> None:
        """Takes up what an earlier engine left."""
        await self.execution.start()
        self.callbacks.start()
        self.sources.start()
        self.subscriptions.start()
        self.sink.followers.append(EmbeddedMetrics(self.execution.metrics).stored)
        self.log_expiry.start()
        lambda_api.resume(self)
        self.tidying.start()
        self._soon(self._meet_interpreters())

    async def _meet_interpreters(self) -> None:
        """Finds out what serves the runtimes of the functions there are: their states tell it."""
        for runtime in versions.runtimes_in_use(self.store.read()):
            await asyncio.to_thread(find, runtime)

    async def close(self) -> None:
        """Lets the answers that are under way go out, then closes every room."""
        self.closing = True
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed(CLOSING_GRACE)
            self._server.abort()
        await self.front.close(CLOSING_GRACE)
        self.clock.close()
        rooms = (
            *(self.sources, self.subscriptions, self.log_expiry, self.tidying, self.callbacks, self.triggers),
            *(self.neighbours, self.execution, self.store),
        )
        for room in rooms:
            try:
                await room.close()
            except Exception:  # the others are closed all the same: the store is the last of them
                logger.exception("%s could not be closed", type(room).__name__)

    def heard(self) -> None:
        """A request came in."""
        self.leases.heard()

    @property
    def idle(self) -> bool:
        """Nothing runs that somebody waits for."""
        busy = self.execution.figures()["environments"]["busy"]
        return not busy and not any(service.busy for service in self._services.values())

    def service(self, name: str) -> Service:
        """The service that signs as `name`."""
        found = self._services.get(name)
        if found is not None:
            return found
        if name not in neighbours.SERVICES:
            return AbsentService(name[:64])
        return self._services.setdefault(name, NeighbourService(name, self.neighbours))

    def describe(self) -> dict[str, Any]:
        """What the status shows beside process and leases."""
        return {
            "account": DEFAULT_ACCOUNT,
            "url": self.url,
            "url_port": self.front.port,
            "functions": functions.count_all(self.store.read()),
            "clock": self.clock.describe(),
            "neighbours": self.neighbours.describe(),
            **self.execution.figures(),
            "debugging": self.debugged(),
        }

    def debugged(self) -> list[dict[str, Any]]:
        """The functions under a debugger, and where each is found."""
        return [
            session.describe(spec.runtime, self.execution.root_of(spec))
            for session in self.dispatch.debugging
            if (spec := self.dispatch.prepared(session.key)) is not None
        ]

    def send_code(self, exchange: Exchange, token: str) -> None:
        """The zip behind a link of GetFunction; whoever holds the link may read it."""
        sha = self.code_links.open(token)
        path = None if sha is None else self.store.blobs.path(sha)
        if exchange.method not in ("GET", "HEAD") or path is None or not path.exists():
            text = b"This link has expired, or never was one.\n"
            exchange.respond(404, (("Content-Type", "text/plain"),), text)
            return
        self._soon(self._send_file(exchange, path))

    async def _send_file(self, exchange: Exchange, path: Path) -> None:
        body = await asyncio.to_thread(path.read_bytes)
        exchange.respond(200, (("Content-Type", "application/zip"),), body)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _services() -> list[Service]:
    failures = (StoreUnavailable,)
    return [
        Service("lambda", lambda_api.MODULES, failures),
        Service("logs", [operations, filters], failures),
        Service("cloudwatch", [metric_operations], failures, signs_as="monitoring"),
        Service("sts", [sts], failures),
        Service("codepipeline", [codepipeline], failures),
        Service("config", [config], failures),
    ]
