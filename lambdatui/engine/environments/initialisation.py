"""INIT of an environment: extensions register, the runtime starts, all of them ask for their first event."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from lambdatui.engine.environments.chronicle import Chronicle
from lambdatui.engine.environments.crew import Crew
from lambdatui.engine.environments.extensions import Extension, Extensions
from lambdatui.engine.environments.launching import Process
from lambdatui.engine.environments.spec import RunSpec
from lambdatui.engine.environments.standby import Standby
from lambdatui.engine.faults import Faults
from lambdatui.engine.telemetry import Telemetry

if TYPE_CHECKING:
    from lambdatui.engine.environments.environment import Environment


BUDGET_S = 10.0
PROVISIONED_BUDGET_S = 130.0
"""What is provisioned has this, or its function's timeout if that is more."""


class Owner(Protocol):
    """Whose INIT it is."""

    def init_done(self, took_ms: float) -> None:
        """Everybody waits for the first event."""

    def init_failed(self, error_type: str, payload: bytes | None, reason: str) -> None:
        """What the runtime posted about it, or else the reason in words."""


class Initialisation:
    """One INIT after the other: the first one has a budget, others run inside of an invocation."""

    def __init__(self, spec: RunSpec, crew: Crew, chronicle: Chronicle, faults: Faults) -> None:
        self.running = False
        self.suppressed = False
        """It runs inside an invocation."""
        self.standby: Standby | None = None
        """What was started ahead of time, for the first one."""
        self.spec = spec
        self._crew = crew
        self._chronicle = chronicle
        self._faults = faults
        self._slowed = False  # a fault switch did it once
        self._runtime_ready = False

    def budget_s(self, provisioned: bool) -> float:
        """How long the first one may take."""
        return max(PROVISIONED_BUDGET_S, self.spec.timeout_s) if provisioned else BUDGET_S

    @property
    def registering(self) -> bool:
        """Whether extensions that come with the runtime may still appear."""
        return self.running and not self._runtime_ready

    # -- what extensions ask ---------------------------------------------------------------------

    @property
    def sandbox(self) -> str:
        """The address that listeners inside have."""
        return self._crew.sandbox

    async def dial(self, port: int) -> socket.socket:
        """A connection to one of those listeners."""
        return await self._crew.dial(port)

    @property
    def telemetry(self) -> Telemetry | None:
        """Where they subscribe."""
        return self._chronicle.telemetry

    def open_extensions(self) -> Extensions | None:
        """Those that are registered; the first internal one may come until the runtime is initialised."""
        if self._crew.extensions is None and self.registering:
            self._crew.extensions = Extensions((), self.changed)
        return self._crew.extensions

    def extension_subscribed(self, what: str, name: str, types: tuple[str, ...]) -> None:
        """One of them wants telemetry, or logs."""
        self._chronicle.subscribed(what, name, types)

    # -- its course ------------------------------------------------------------------------------

    def begin(self, suppressed: bool) -> None:
        """INIT starts; `launch` follows."""
        self.suppressed = suppressed
        self.running = True
        self._runtime_ready = False
        self._chronicle.init_started("invoke" if suppressed else "init")

    def launch(
        self,
        environment: Environment,
        runtime_exited: Callable[[Process], None],
        extension_exited: Callable[[Extension], None],
    ) -> None:
        """Start all processes: the runtime follows when the extensions have registered."""

        def start_runtime() -> None:
            standby, self.standby = self.standby, None
            self._crew.start_runtime(environment, standby, runtime_exited)

        def changed() -> None:
            extensions = self._crew.extensions
            if self._crew.leaving or extensions is None:
                return
            if not self.running:
                environment.extension_returned()
                return
            if self._crew.processes.runtime is None and extensions.registered:
                start_runtime()
            self._look(environment)

        self.changed = changed
        if not self.spec.extensions:
            start_runtime()
            return
        refused = self._crew.start_extensions(environment, changed, extension_exited)
        if refused is not None:
            self.fail(environment, refused[0], None, refused[1])

    def runtime_ready(self, owner: Owner) -> None:
        """The runtime asks for its first event."""
        slow = None if self._slowed else self._faults.take("slow-init", self.spec.name)
        if slow is not None:
            self._slowed = True
            asyncio.get_running_loop().call_later(slow.seconds, self._ready, owner)
        else:
            self._ready(owner)

    def _ready(self, owner: Owner) -> None:
        if not self.running:
            return
        if not self._runtime_ready:
            self._runtime_ready = True
            self._chronicle.init_runtime_done("success")
            if self._crew.extensions is not None:
                self._crew.extensions.open = False
        self._look(owner)

    def _look(self, owner: Owner) -> None:
        """INIT ends when the runtime and all extensions have asked for an event."""
        if self._runtime_ready and not self._crew.busy:
            self.running = False
            self._crew.report_extensions()
            took = self._chronicle.init_reported("success")
            self._chronicle.subscriptions_closed()
            owner.init_done(took)

    def fail(
        self, owner: Owner, error_type: str, payload: bytes | None, reason: str = "", status: str = "error"
    ) -> None:
        """It cannot go on."""
        if self.running:
            self.running = False
            self._chronicle.log.drain()
            self._chronicle.init_runtime_done(status, error_type)
            self._crew.report_extensions()
            self._chronicle.init_reported(status, None if status == "timeout" else error_type)
            owner.init_failed(error_type, payload, reason)

    def break_off(self) -> None:
        """The time of the invocation that it runs inside of is over."""
        if self.running:
            self.running = False
            self._crew.report_extensions()
            self._chronicle.init_reported("timeout")
