"""One execution environment: its life from INIT over any number of invocations to its end.

The environment outlives its processes. After a timeout or a crash they are gone, and the next invocation
starts others inside itself, with the same /tmp and the same log stream, as on Lambda.
"""

from __future__ import annotations

import asyncio
import signal
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from lambdatui.engine import extensions_api
from lambdatui.engine.environments import farewell
from lambdatui.engine.environments.chronicle import Chronicle
from lambdatui.engine.environments.crew import Crew
from lambdatui.engine.environments.deadline import Deadline
from lambdatui.engine.environments.extensions import Extension
from lambdatui.engine.environments.initialisation import Initialisation
from lambdatui.engine.environments.invocation import (
    InvokeRequest,
    broke,
    ended_with,
    exit_reason,
    exited,
    timed_out,
    too_large,
    without_program,
)
from lambdatui.engine.environments.isolation.rooms import Room
from lambdatui.engine.environments.launching import Process
from lambdatui.engine.environments.ledger import BEGAN, BUSY, FROZEN, IDLE, KILLED, now
from lambdatui.engine.environments.memory import MB
from lambdatui.engine.environments.site import Owner, Site, State
from lambdatui.engine.environments.spec import RunSpec
from lambdatui.engine.environments.streaming import StreamEnd, Upload, truncated
from lambdatui.engine.environments.turns import Turns
from lambdatui.engine.http import Exchange
from lambdatui.engine.runtime_api import MAX_RESPONSE, RuntimeApi

if TYPE_CHECKING:
    from lambdatui.engine.environments.pool import Group

__all__ = ["Environment", "Site", "State"]

OVERTAKEN_S = 0.005  # the news of an exit may overtake the answer that was posted just before it


class Environment:
    """Runs invocations of one version of one function, one after the other."""

    def __init__(
        self,
        spec: RunSpec,
        site: Site,
        owner: Owner,
        tenant_id: str | None = None,
        *,
        provisioned: bool = False,
    ) -> None:
        self.id = uuid.uuid4().hex
        self.spec = spec
        self.tenant_id = tenant_id
        self.group: Group
        """Given and kept by the owner."""
        self.provisioned = provisioned
        """Made ahead of the invocations that it will take."""
        self.state = State.STARTING
        self.retired = False
        """Not to be used again: its function was changed or is gone."""
        self.made_at = time.time()
        self.idle_since = 0.0
        """On the engine's clock; kept by the owner."""
        self.invocations = 0
        self.folder = site.folder / self.id
        self.api = RuntimeApi()
        self.current: InvokeRequest | None = None
        self.life = site.ledger.born(self)
        self.held = False
        """Stands still by hand: takes nothing until it is let go."""
        self._site = site
        self._faults = site.faults
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._chronicle = Chronicle(site, spec, self.id, self.made_at, self.initialization)
        self._log = self._chronicle.log
        self._crew = Crew(spec, site, self._chronicle)
        self._processes = self._crew.processes
        self._init = Initialisation(spec, self._crew, self._chronicle, site.faults)
        self._turns = Turns(spec, self._chronicle, self._processes)
        self._deadline = Deadline()
        self._wear: asyncio.TimerHandle | None = None
        self._upload: Upload | None = None  # the streamed response of the current invocation

    @property
    def initialization(self) -> str:
        """AWS_LAMBDA_INITIALIZATION_TYPE"""
        return "provisioned-concurrency" if self.provisioned else "on-demand"

    @property
    def stream(self) -> str:
        """The name of its log stream."""
        return self._log.stream

    @property
    def room(self) -> Room | None:
        """What it has to itself of the machine, if it has."""
        return self._processes.room

    @property
    def returning(self) -> bool:
        """Its invocation is answered, and its runtime is about to ask for another."""
        return self.state is State.BUSY and self.current is None

    @property
    def initialised(self) -> bool:
        """Its runtime lives; one that failed to start or has ended is started again by an invocation."""
        return self._processes.runtime is not None

    @property
    def memory(self) -> tuple[int, int]:
        """The bytes that its runtime holds now, and the most it ever held."""
        return self._processes.memory

    # -- what its owner asks of it ---------------------------------------------------------------

    async def start(self, invocation: InvokeRequest | None) -> None:
        """Begin INIT; the invocation follows by itself."""
        self.current = invocation
        self._init.standby = await self._crew.move_in(self)
        self.api.owner = self
        if self.spec.debug_port is None:
            self._wear = self._loop.call_later(self._site.fresh_s(self.spec), self._owner.worn, self)
        if self.state is not State.ENDED:
            self._launch()

    def invoke(self, invocation: InvokeRequest) -> None:
        """Run an invocation; the environment must be idle."""
        assert self.state is State.IDLE
        self.current = invocation
        self.state = State.BUSY
        if self._site.freezer is not None:
            self._site.freezer.wake(self)
        self._begin()
        if self._crew.leaving:  # it broke down while it was idle
            self._crew.then(lambda: self._launch(suppressed=True))
        elif not self.initialised:
            self._launch(suppressed=True)
        else:
            self._chronicle.started(invocation)
            self._deliver()

    def end(self) -> None:
        """Shut down; without extensions the processes are killed at once."""
        if self.state is State.ENDED:
            return
        self.state = State.ENDED
        if self.current is not None:
            if self._turns.current is None:
                self._begin()
            self._finish(exited(self.current.request_id, exit_reason(signal.SIGKILL)), final=True)
        self._turns.break_off("error", "Runtime.ExitError")
        self._leave(farewell.SPINDOWN, self._close)

    def _close(self) -> None:
        self._deadline.close()
        if self._wear is not None:
            self._wear.cancel()
        self._site.ledger.over(self.life, self.invocations, self._processes.memory[1] // MB)
        if self._site.freezer is not None:
            self._site.freezer.forget(self)
        self._crew.move_out(self)

    # -- INIT ------------------------------------------------------------------------------------

    def _launch(self, *, suppressed: bool = False) -> None:
        """Start all processes, and a budget unless they start inside of an invocation."""
        self.api.reset()
        self._init.begin(suppressed)
        if not suppressed:
            if self.spec.program.notice:
                self._log.write(f"[lambdatui] {self.spec.program.notice}\n")
            self._log.begin(self.current is not None and self.current.tail)
            if self.spec.debug_port is None:
                self._deadline.set(self._init.budget_s(self.provisioned), self._init_overran)
        problem = self.spec.program.problem
        if problem is not None:
            request_id = self.current.request_id if self.current is not None else ""
            self._init.fail(self, problem[0], without_program(request_id, problem))
        else:
            self._init.launch(self, self._exited, self._extension_exited)

    def runtime_ready(self) -> None:
        """The runtime asks for an event: INIT is over, or the last invocation is."""
        if self._crew.leaving:
            return
        if self._init.running:
            self._init.runtime_ready(self)
        elif self.current is not None:
            self._deliver()
        elif self._turns.current is not None:
            self._turns.runtime_returned()
            self.extension_returned()
        elif self.state is State.BUSY:
            self._rest()

    def runtime_init_failed(self, error_type: str, payload: bytes) -> None:
        """The function could not be loaded: after a second try its invocation gets the reason."""
        self._init.fail(self, error_type, payload)

    def _init_overran(self) -> None:
        """The budget was not enough."""
        self._init.fail(self, "Sandbox.Timedout", None, status="timeout")

    def init_done(self, took_ms: float) -> None:
        """INIT is over: the invocation that waits for it is next."""
        if not self._init.suppressed:
            self._turns.init_ms = self.life.init_ms = took_ms
            self._deadline.clear()
            self._owner.initialised(self)
            if self.current is None:
                self._rest()
                return
            self.state = State.BUSY
            self._begin()
        if self.current is not None:
            self._chronicle.started(self.current)
            self._deliver()

    def init_failed(self, error_type: str, payload: bytes | None, reason: str) -> None:
        """INIT failed. It is tried once more, inside of the invocation if there is one."""
        if not self._init.suppressed:
            self.state = State.BUSY
            self._owner.initialised(self)
            self._leave(farewell.FAILURE, self._init_again)
            return
        if self.current is not None:
            body = payload if payload is not None else broke(error_type, self.current.request_id, reason)[1]
            self._finish((error_type, body), final=True)
        self._leave(farewell.FAILURE, self._rest)

    def _init_again(self) -> None:
        """Inside of the invocation, under its timeout."""
        if self.current is None:
            self._rest()
        else:
            self._begin()
            self._launch(suppressed=True)

    # -- extensions ------------------------------------------------------------------------------

    def other_call(self, exchange: Exchange) -> bool:
        """Something else than the Runtime API was asked for; whether it is answered."""
        return extensions_api.handle(self._init, exchange)

    def extension_returned(self) -> None:
        """INVOKE ends when the runtime and all extensions have asked for the next event."""
        turn = self._turns.current
        if turn is not None and turn.runtime_done and not self._crew.busy:
            self._turns.break_off(turn.status, turn.error_type)
            self._rest()

    def _extension_exited(self, extension: Extension) -> None:
        """An extension is gone, which is the end for all of them."""
        process = extension.process
        if process is None or self._crew.leaving or self.state is State.ENDED:
            return
        kind, reason = extension.fatal, ended_with(process.status)
        self._processes.look_for_memory()
        if self._init.running:
            self._init.fail(self, kind, None, reason)
            return
        if self.current is not None:
            self._finish(broke(kind, self.current.request_id, reason), final=True)
        self._turns.break_off("error", kind)
        self._leave(farewell.FAILURE, self._rest_if_busy)

    # -- INVOKE ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        """From here on the invocation's time counts."""
        assert self.current is not None
        turn = self._turns.begin(self.current)
        self.invocations += 1
        self.life.marks.append((BEGAN + turn.begun, BUSY))
        room = self._processes.room
        if room is not None:
            room.share_cpu(self.spec)
        over = self._faults.armed and self._faults.take("timeout", self.spec.name)
        self._deadline.set(0.0 if over else self.spec.timeout_s, self._timed_out)

    def _deliver(self) -> None:
        """Hand the event to the runtime, if it waits for one, and to the extensions."""
        turn = self._turns.current
        assert turn is not None
        if not self.api.waiting or turn.delivered:
            return
        turn.delivered = True
        self._processes.watch()
        if self._faults.armed and self._processes.hindered(self._faults):
            return
        if self._crew.extensions is not None:
            self._crew.extensions.invoke(turn.invocation, turn.due_ms)
        self.api.send(turn.invocation, turn.due_ms)

    def runtime_answered(self, payload: bytes) -> None:
        """The runtime posted a response."""
        self._finish((None, payload), "success")

    def runtime_failed(self, error_type: str, payload: bytes) -> None:
        """The runtime posted an error."""
        self._finish((error_type, payload))

    def runtime_answer_too_large(self) -> None:
        """The runtime posted more than may be answered; it stays usable."""
        self._finish(too_large(MAX_RESPONSE))

    def runtime_streams(self, exchange: Exchange) -> Upload:
        """The runtime begins a streamed response."""
        assert self.current is not None
        self._upload = Upload(exchange, self.current.reply, MAX_RESPONSE, self._streamed)
        return self._upload

    def _streamed(self, end: StreamEnd) -> None:
        """The streamed response is over, well or badly."""
        self._finish((end.error_type, end.payload), end.status)

    def _timed_out(self) -> None:
        """The timeout is over; also for who answered but never came back for more."""
        if self._init.running:
            self._init.break_off()
        if self.current is not None:
            self._finish(timed_out(self.current.request_id, self.spec.timeout_s), "timeout", final=True)
        self._turns.break_off("timeout", "Sandbox.Timedout")
        self._leave(farewell.TIMEOUT, self._rest)

    def _exited(self, process: Process) -> None:
        """The runtime's process is gone."""
        if process is not self._processes.runtime or self.state is State.ENDED:
            return
        if self.current is None:
            self._crashed(process)
        else:
            self._loop.call_later(OVERTAKEN_S, self._crashed, process)

    def _crashed(self, process: Process) -> None:
        if process is not self._processes.runtime or self.state is State.ENDED or self._crew.leaving:
            return
        self._processes.look_for_memory()
        if self._init.running:
            self._init.fail(self, "Runtime.ExitError", None, exit_reason(process.status))
            return
        if self.current is not None and self._upload is not None:
            self._streamed(truncated())
        elif self.current is not None:
            self._finish(exited(self.current.request_id, exit_reason(process.status)), final=True)
        if (turn := self._turns.current) is not None:  # answered, but it never came back
            self._turns.break_off(turn.status, turn.error_type)
        self._leave(farewell.FAILURE, self._rest_if_busy)

    def _finish(
        self, outcome: tuple[str | None, bytes], status: str = "error", *, final: bool = False
    ) -> None:
        """The invocation has its answer. The environment is free again when everybody asks for more.

        `final`: nobody will, since it is about to be reset.
        """
        self.current = self.api.current = None
        if self._upload is not None:
            self._upload.drop()
            self._upload = None
        self._turns.answered(outcome, status, over=final or self._crew.extensions is None)

    # -- between invocations ---------------------------------------------------------------------

    def _rest(self) -> None:
        """Nothing to do any more."""
        if self.state is State.ENDED:
            return
        self._deadline.clear()
        self._processes.unwatch()
        self.state = State.IDLE
        self.life.marks.append((BEGAN + time.perf_counter(), IDLE))
        if self._site.freezer is not None and self.spec.debug_port is None:
            self._site.freezer.rest(self)
        self._owner.idle(self)

    def _rest_if_busy(self) -> None:
        if self.state is State.BUSY:
            self._rest()

    def freeze(self) -> None:
        """Stand still until the next invocation."""
        self.life.marks.append((now(), FROZEN))
        self._crew.freeze()

    def thaw(self) -> None:
        """Go on."""
        self._crew.thaw()

    def hold(self) -> None:
        """Stand still by hand, until `release`; it must be idle."""
        self.held = True
        if self._site.freezer is not None:
            self._site.freezer.forget(self)
        self.freeze()

    def release(self) -> None:
        """Go on after `hold`."""
        self.held = False
        self.thaw()
        self._rest()

    # -- SHUTDOWN --------------------------------------------------------------------------------

    def _leave(self, reason: str, afterwards: Callable[[], None]) -> None:
        """SHUTDOWN of everybody; then do what comes after that."""
        self._deadline.clear()
        self._init.running = False
        if self.initialised:
            self.life.marks.append((now(), KILLED))
        if self._site.freezer is not None and self._crew.extensions is not None:
            self._site.freezer.wake(self)  # who stands still cannot leave

        def left() -> None:
            self.api.reset()
            afterwards()

        self._crew.leave(reason, left)
