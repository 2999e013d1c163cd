"""One execution environment: its life from INIT over any number of invocations to its end.

The environment outlives its runtime process. After a timeout or a crash the process is gone, and the next
invocation starts another inside itself, with the same /tmp and the same log stream, as on Lambda.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import math
import shutil
import signal
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lambdatui.engine.environments.invocation import (
    Invocation,
    Result,
    exit_reason,
    exited,
    timed_out,
    too_large,
    without_program,
)
from lambdatui.engine.environments.isolation.freezing import Freezer
from lambdatui.engine.environments.isolation.rooms import Room
from lambdatui.engine.environments.launching import Launcher, Process, null_device
from lambdatui.engine.environments.ledger import BUSY, FROZEN, IDLE, KILLED, Ledger, now
from lambdatui.engine.environments.memory import MB, MemoryWatch, Meter
from lambdatui.engine.environments.output import Output
from lambdatui.engine.environments.scratch import Scratch
from lambdatui.engine.environments.spec import Command, RunSpec
from lambdatui.engine.environments.standby import Standby, Standbys
from lambdatui.engine.environments.streaming import StreamEnd, Upload, truncated
from lambdatui.engine.environments.transcript import Lines, Transcript
from lambdatui.engine.faults import Faults
from lambdatui.engine.http import Exchange
from lambdatui.engine.logs.report import JsonReport, Measures, TextReport, stream_name
from lambdatui.engine.runtime_api import MAX_RESPONSE, RuntimeApi

logger = logging.getLogger(__name__)

INIT_BUDGET_S = 10.0
SHORT_MS = 3.0  # who ran for less cannot have filled much: asking the kernel would cost more than the rest
OVERTAKEN_S = 0.005  # the news of an exit may overtake the answer that was posted just before it


class State(enum.Enum):
    """What an environment does, as the engine's status names it."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    ENDED = "ended"


class Tier(Protocol):
    """How processes are walled in."""

    name: str

    def room(self) -> Room | None:
        """What a new environment has to itself of the machine, if it has."""

    def command(self, spec: RunSpec, environment: Environment) -> Command:
        """The program to start for an environment, with everything it may see."""


class Owner(Protocol):
    """Who keeps environments."""

    def initialised(self, environment: Environment) -> None:
        """Its INIT is over, well or badly."""

    def idle(self, environment: Environment) -> None:
        """It can take an invocation."""


@dataclass(slots=True)
class Site:
    """What all environments of an engine share."""

    launcher: Launcher
    tier: Tier
    watch: MemoryWatch
    standbys: Standbys
    lines: Lines
    folder: Path
    freezer: Freezer | None = None
    """Stops environments between invocations, unless their background work may go on."""
    faults: Faults = field(default_factory=Faults)
    ledger: Ledger = field(default_factory=Ledger)


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
        self.room: Room | None = None
        self.current: Invocation | None = None
        self.life = site.ledger.born(self)
        self.held = False
        """Stands still by hand: takes nothing until it is let go."""
        self._site = site
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._report = JsonReport() if spec.log_json else TextReport()
        self._log = Transcript(site.lines, spec, stream_name(self.made_at, spec.version, self.id))
        self._process: Process | None = None
        self._meter: Meter | None = None
        self._peak = 0
        self._timer: asyncio.TimerHandle | None = None
        self._due: float | None = None  # when the time of the current invocation is over
        self._launched = 0.0
        self._begun: float | None = None  # when the current invocation started to count
        self._delivered = False
        self._slowed = False  # a fault switch made this INIT slow
        self._suppressed = False  # this INIT runs inside an invocation
        self._init_ms: float | None = None
        self._out_of_memory = False
        self._upload: Upload | None = None  # the streamed response of the current invocation

    @property
    def stream(self) -> str:
        """The name of its log stream."""
        return self._log.stream

    @property
    def returning(self) -> bool:
        """Its invocation is answered, and its runtime is about to ask for another."""
        return self.state is State.BUSY and self.current is None

    @property
    def initialised(self) -> bool:
        """Its runtime lives; one that failed to start or has ended is started again by an invocation."""
        return self._process is not None

    @property
    def memory(self) -> tuple[int, int]:
        """The bytes that its runtime holds now, and the most it ever held."""
        if self._meter is None:
            return 0, self._peak
        return self._meter.resident(), max(self._peak, self._meter.peak())

    # -- what its owner asks of it ---------------------------------------------------------------

    async def start(self, invocation: Invocation | None) -> None:
        """Begin INIT; the invocation follows by itself."""
        self.current = invocation
        (self.folder / "tmp").mkdir(parents=True)
        standby = self._site.standbys.take(self.spec.program)
        if standby is not None:
            self.api = standby.api
            self.room = standby.room
        else:
            self.room = self._site.tier.room()
            await self.api.open()
        self.api.owner = self
        if self.state is not State.ENDED:
            self._launch(standby=standby)

    def invoke(self, invocation: Invocation) -> None:
        """Run an invocation; the environment must be idle."""
        assert self.state is State.IDLE
        self.current = invocation
        self.state = State.BUSY
        if self._site.freezer is not None:
            self._site.freezer.wake(self)
        self._begin()
        if self._process is None:
            self._launch(suppressed=True)
        else:
            self._deliver()

    def end(self) -> None:
        """Shut down: without extensions the processes are killed at once."""
        if self.state is State.ENDED:
            return
        self.state = State.ENDED
        if self.current is not None:
            error_type, body = exited(self.current.request_id, exit_reason(signal.SIGKILL))
            if self._begun is None:
                self._begin()
            self._finish(body, error_type, "error")
        self._drop_process()
        self._site.ledger.over(self.life, self.invocations, self._peak // MB)
        if self._site.freezer is not None:
            self._site.freezer.forget(self)
        if self.room is not None:
            self.room.close()
        self.api.close()
        self._loop.run_in_executor(None, lambda: shutil.rmtree(self.folder, ignore_errors=True))

    # -- INIT ------------------------------------------------------------------------------------

    def _launch(self, *, suppressed: bool = False, standby: Standby | None = None) -> None:
        """Start a runtime process, or set one to work that was started ahead of time."""
        self._suppressed = suppressed
        self._out_of_memory = False
        self._launched = time.perf_counter()
        self.api.reset()
        if not suppressed:
            self._log.write(self._report.init_start(self.spec.region, self.spec.runtime))
            if self.spec.program.notice:
                self._log.write(f"[lambdatui] {self.spec.program.notice}\n")
            self._log.begin(self.current is not None and self.current.tail)
            if self.spec.debug_port is None:
                self._timer = self._loop.call_later(INIT_BUDGET_S, self._init_overran)
        problem = self.spec.program.problem
        if problem is not None:
            request_id = self.current.request_id if self.current is not None else ""
            self._init_failed(problem[0], without_program(request_id, problem))
            return
        command = self._site.tier.command(self.spec, self)
        if standby is not None:
            self._log.listen(standby.output)
            process = standby.adopt(command)
        else:
            process = self._spawn(command)
        process.on_exit = lambda: self._exited(process)
        self._process = process
        process.when_started(lambda pid: self._measure(process, pid))

    def _spawn(self, command: Command) -> Process:
        output = Output()
        self._log.listen(output)
        with null_device() as null:
            process = self._site.launcher.spawn(command, (null, output.writing, output.writing))
        output.started()
        return process

    def _measure(self, process: Process, pid: int) -> None:
        if process is not self._process:
            return
        self._meter = Meter(pid, self.spec.most_mb * MB, self._exceeded_memory, self._end_processes)
        if self.room is None:
            self._meter.scratch = Scratch(self.folder / "tmp", self.spec.storage_mb, self._filled_tmp)
        self._site.watch.add(self._meter)

    def runtime_ready(self) -> None:
        """The runtime asks for an event: INIT is over, or the last invocation is."""
        if self.state is State.STARTING:
            slow = None if self._slowed else self._site.faults.take("slow-init", self.spec.name)
            if slow is not None:
                self._slowed = True
                self._loop.call_later(slow.seconds, self.runtime_ready)
                return
            self._init_ms = self.life.init_ms = (time.perf_counter() - self._launched) * 1000
            self._cancel_timer()
            self._owner.initialised(self)
            if self.current is None:
                self._rest()
            else:
                self.state = State.BUSY
                self._begin()
                self._deliver()
        elif self.current is not None:
            self._deliver()
        elif self.state is State.BUSY:
            self._rest()

    def runtime_init_failed(self, error_type: str, payload: bytes) -> None:
        """The function could not be loaded: the invocation that waits for it gets the reason."""
        self._init_failed(error_type, payload)

    def _init_failed(self, error_type: str, payload: bytes | None, status: int | None = None) -> None:
        cold = self.state is State.STARTING
        if cold:
            self._cancel_timer()
            self._log.drain()
            duration = (time.perf_counter() - self._launched) * 1000
            self._log.write(self._report.init_report(duration, "error", error_type))
            self.state = State.BUSY
            self._owner.initialised(self)
            if self.current is not None:
                self._begin(after_failed_init=True)
        if self.current is not None:
            body = payload if payload is not None else exited(self.current.request_id, exit_reason(status))[1]
            self._finish(body, error_type, "error")
        self._drop_process()
        self._rest()

    def _init_overran(self) -> None:
        """Ten seconds were not enough: INIT is tried again inside the invocation, under its timeout."""
        self._log.drain()
        self._log.write(self._report.init_report(INIT_BUDGET_S * 1000, "timeout", None))
        self._drop_process()
        self.state = State.BUSY
        self._owner.initialised(self)
        if self.current is None:
            self._rest()
            return
        self._begin()
        self._launch(suppressed=True)

    # -- INVOKE ----------------------------------------------------------------------------------

    def _begin(self, *, after_failed_init: bool = False) -> None:
        """From here on the invocation's time counts."""
        assert self.current is not None
        self.invocations += 1
        self.life.marks.append((now(), BUSY))
        if self.room is not None:
            self.room.share_cpu(self.spec)
        self._begun = time.perf_counter()
        self._delivered = False
        if not after_failed_init:  # whose output says why, and belongs to the caller's tail
            self._log.begin(self.current.tail)
        self._log.write(self._report.start(self.current.request_id, self.spec.version))
        over = self._site.faults.take("timeout", self.spec.name) is not None
        wait = 0.0 if over else self.spec.timeout_s
        self._due = self._loop.time() + wait
        if over:
            self._cancel_timer()
        if self._timer is None:
            self._timer = self._loop.call_later(wait, self._look_at_time)

    def _deliver(self) -> None:
        """Hand the event to the runtime, if it waits for one."""
        if not self.api.waiting or self._delivered:
            return
        assert self.current is not None
        assert self._begun is not None
        self._delivered = True
        if self._process is not None and self._site.faults.take("kill-after-init", self.spec.name):
            self._process.end()
            return
        if self._meter is not None:
            self._site.watch.add(self._meter)
        left = self.spec.timeout_s - (time.perf_counter() - self._begun)
        self.api.send(self.current, int((time.time() + left) * 1000))

    def runtime_answered(self, payload: bytes) -> None:
        """The runtime posted a response."""
        self._finish(payload, None, "success")

    def runtime_failed(self, error_type: str, payload: bytes) -> None:
        """The runtime posted an error."""
        self._finish(payload, error_type, "error")

    def runtime_answer_too_large(self) -> None:
        """The runtime posted more than may be answered; it stays usable."""
        error_type, body = too_large(MAX_RESPONSE)
        self._finish(body, error_type, "error")

    def runtime_streams(self, exchange: Exchange) -> Upload:
        """The runtime begins a streamed response."""
        assert self.current is not None
        self._upload = Upload(exchange, self.current.reply, MAX_RESPONSE, self._streamed)
        return self._upload

    def _streamed(self, end: StreamEnd) -> None:
        """The streamed response is over, well or badly."""
        self._finish(end.payload, end.error_type, end.status)

    def _look_at_time(self) -> None:
        """The time of an invocation is over, but maybe of one that was answered long ago: a timer of its own
        for each would cost more than to look once in a while."""
        self._timer = None
        if self._due is None:
            return
        left = self._due - self._loop.time()
        if left > 0.0:
            self._timer = self._loop.call_later(left, self._look_at_time)
        else:
            self._timed_out()

    def _timed_out(self) -> None:
        """The timeout is over; also for a runtime that answered but never came back for more."""
        if self.current is not None:
            error_type, body = timed_out(self.current.request_id, self.spec.timeout_s)
            self._finish(body, error_type, "timeout")
        self._drop_process()
        self._rest()

    def _exceeded_memory(self) -> None:
        self._out_of_memory = True
        self._end_processes()

    def _filled_tmp(self, used_mb: int) -> None:
        """A write cannot be made to fail here: who has filled its /tmp is ended, and that is said."""
        if self.current is not None and self._process is not None:
            self.retired = True
            size = f"{used_mb} of {self.spec.storage_mb} MB"
            self._log.write(f"[lambdatui] /tmp holds {size}: the function was ended.\n")
            self._end_processes()

    def _end_processes(self) -> None:
        if self._process is not None:
            self._process.end()

    def _exited(self, process: Process) -> None:
        """The runtime's process is gone."""
        if process is not self._process or self.state is State.ENDED:
            return
        if self.current is None:
            self._crashed(process)
        else:
            self._loop.call_later(OVERTAKEN_S, self._crashed, process)

    def _crashed(self, process: Process) -> None:
        if process is not self._process or self.state is State.ENDED:
            return
        if self.room is not None and self.room.ran_out_of_memory:
            self._out_of_memory = True
        if self.state is State.STARTING:
            self._init_failed("Runtime.ExitError", None, process.status)
            return
        if self.current is not None and self._upload is not None:
            self._streamed(truncated())
        elif self.current is not None:
            error_type, body = exited(self.current.request_id, exit_reason(process.status))
            self._finish(body, error_type, "error")
        self._drop_process()
        if self.state is State.BUSY:
            self._cancel_timer()
            self._rest()

    def _finish(self, payload: bytes, error_type: str | None, status: str) -> None:
        """Write the report and answer. The environment is free again when its runtime asks for more."""
        invocation, self.current = self.current, None
        assert invocation is not None
        assert self._begun is not None
        upload, self._upload = self._upload, None
        if upload is not None:
            upload.drop()
        duration = (time.perf_counter() - self._begun) * 1000
        self._begun = None
        if status == "timeout":
            duration = max(duration, self.spec.timeout_s * 1000.0)
            self._cancel_timer()
        self.api.current = None
        self._log.drain()
        self._log.flush_partial()
        init, self._init_ms = self._init_ms, None
        measures = Measures(
            duration_ms=duration,
            billed_ms=math.ceil(duration + (init or 0.0)),
            memory_mb=self.spec.memory_mb,
            max_memory_mb=self._max_memory_mb(duration),
            init_ms=init,
            status=status,
            error_type=error_type if status != "success" else None,
        )
        report, request_id = self._report, invocation.request_id
        self._log.write(report.end(request_id, measures), report.report(request_id, measures))
        result = Result(
            payload, error_type, duration, measures.billed_ms, init, measures.max_memory_mb, self._log.tail()
        )
        try:
            invocation.done(result)
        except Exception:
            logger.exception("the caller of %s could not take its answer", invocation.request_id)

    def _max_memory_mb(self, took_ms: float) -> int:
        if self._out_of_memory:
            return self.spec.memory_mb
        if self._meter is not None and (took_ms > SHORT_MS or not self._peak):
            self._peak = max(self._peak, self._meter.peak())
        return -(-self._peak // MB)

    # -- between invocations ---------------------------------------------------------------------

    def _rest(self) -> None:
        """Nothing to do any more."""
        if self.state is State.ENDED:
            return
        self._due = None
        if self._meter is not None:
            self._site.watch.discard(self._meter)
        self.state = State.IDLE
        self.life.marks.append((now(), IDLE))
        if self._site.freezer is not None and self.spec.debug_port is None:
            self._site.freezer.rest(self)
        self._owner.idle(self)

    def freeze(self) -> None:
        """Stand still until the next invocation."""
        self.life.marks.append((now(), FROZEN))
        if self._process is not None:
            if self.room is not None:
                self.room.freeze(self._process)
            else:
                self._process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        if self._process is not None:
            if self.room is not None:
                self.room.thaw(self._process)
            else:
                self._process.signal(signal.SIGCONT)

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

    def _drop_process(self) -> None:
        """End the runtime with all its children, and hear nothing more of them."""
        process, self._process = self._process, None
        if process is not None:
            process.end()
            self.life.marks.append((now(), KILLED))
        meter, self._meter = self._meter, None
        if meter is not None:
            self._peak = max(self._peak, meter.peak())
            self._site.watch.discard(meter)
            meter.close()
        self._log.hang_up()
        self.api.reset()
        self._cancel_timer()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
