"""The extensions of one environment: who they are, what they registered for, who is still busy."""

from __future__ import annotations

import enum
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import orjson

from lambdatui.engine.environments.invocation import InvokeRequest
from lambdatui.engine.environments.launching import Process
from lambdatui.engine.http import Exchange

INVOKE, SHUTDOWN = "INVOKE", "SHUTDOWN"
MOST = 10

_JSON = ("Content-Type", "application/json")


class Stage(enum.Enum):
    """How far an extension is, by AWS's own names."""

    STARTED = "Started"
    REGISTERED = "Registered"
    READY = "Ready"
    RUNNING = "Running"
    INIT_ERROR = "InitError"
    EXIT_ERROR = "ExitError"
    LAUNCH_ERROR = "LaunchError"


@dataclass(eq=False)
class Extension:
    """An external one is a program of a layer, an internal one a part of the runtime process."""

    name: str
    external: bool
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    events: tuple[str, ...] = ()
    stage: Stage = Stage.STARTED
    error_type: str | None = None
    """What it called the reason of its failure."""
    process: Process | None = None
    waiting: Exchange | None = None
    """Its request for the next event."""

    @property
    def fatal(self) -> str:
        """What its end is called."""
        named = {
            Stage.INIT_ERROR: "InitError",
            Stage.EXIT_ERROR: "ExitError",
            Stage.LAUNCH_ERROR: "LaunchError",
        }
        return f"Extension.{named.get(self.stage, 'Crash')}"

    def give(self, body: dict[str, object]) -> None:
        """Answer its request for the next event."""
        exchange, self.waiting = self.waiting, None
        if exchange is not None:
            self.stage = Stage.RUNNING
            headers = (_JSON, ("Lambda-Extension-Event-Identifier", str(uuid.uuid4())))
            exchange.respond(200, headers, orjson.dumps(body))


class Extensions:
    """Everybody who is registered, or has to be before the runtime starts."""

    def __init__(self, names: Iterable[str], changed: Callable[[], None]) -> None:
        self._changed = changed
        self._known = {name: Extension(name, external=True) for name in names}
        self.open = True
        """Whether one may still register: until the runtime is initialised."""
        self.leaving: dict[str, object] | None = None
        """The last event, once the environment shuts down."""

    def __iter__(self) -> Iterator[Extension]:
        return iter(self._known.values())

    def __len__(self) -> int:
        return len(self._known)

    @property
    def external(self) -> list[Extension]:
        """Those with a process of their own."""
        return [one for one in self if one.external]

    def named(self, name: str) -> Extension | None:
        return self._known.get(name)

    def identified(self, identifier: str) -> Extension | None:
        return next((one for one in self if one.id == identifier and one.stage is not Stage.STARTED), None)

    @property
    def registered(self) -> bool:
        """All who have a program of their own have registered."""
        return all(one.stage is not Stage.STARTED for one in self if one.external)

    @property
    def busy(self) -> bool:
        """Somebody has not asked for the next event since the last one."""
        return any(one.waiting is None for one in self)

    # -- what they do ------------------------------------------------------------------------------

    def register(self, extension: Extension, events: Iterable[str]) -> None:
        """An extension says what it wants to hear of."""
        self._known[extension.name] = extension
        extension.events = tuple(dict.fromkeys(events))
        extension.stage = Stage.REGISTERED
        self._changed()

    def wait(self, extension: Extension, exchange: Exchange) -> None:
        """An extension asks for the next event: it is done with the last one."""
        extension.waiting = exchange
        extension.stage = Stage.READY
        exchange.on_gone = lambda: self._gone(extension, exchange)
        if self.leaving is not None and SHUTDOWN in extension.events:
            extension.give(self.leaving)
        else:
            self._changed()

    def _gone(self, extension: Extension, exchange: Exchange) -> None:
        """Its connection broke while it waited; it may come back with another."""
        if extension.waiting is exchange:
            extension.waiting = None

    # -- what happens to them ----------------------------------------------------------------------

    def invoke(self, invocation: InvokeRequest, deadline_ms: int) -> None:
        """Tell those who want to know."""
        for one in self:
            if INVOKE in one.events:
                one.give(
                    {
                        "eventType": INVOKE,
                        "deadlineMs": deadline_ms,
                        "requestId": invocation.request_id,
                        "invokedFunctionArn": invocation.arn,
                        "tracing": {"type": "X-Amzn-Trace-Id", "value": invocation.trace_id},
                    }
                )

    def shut_down(self, reason: str, within_s: float) -> None:
        """Tell those who want to know that this is the end, now or when they ask."""
        deadline_ms = int((time.time() + within_s) * 1000)
        self.leaving = {"eventType": SHUTDOWN, "shutdownReason": reason, "deadlineMs": deadline_ms}
        for one in self:
            if SHUTDOWN in one.events:
                one.give(self.leaving)
