"""The processes of one environment, from one start to one end: a runtime, and extensions beside it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable

from lambdatui.engine.environments.isolation.rooms import Room
from lambdatui.engine.environments.launching import Launcher, Process, null_device
from lambdatui.engine.environments.memory import MB, MemoryWatch, Meter
from lambdatui.engine.environments.output import Output
from lambdatui.engine.environments.scratch import Scratch
from lambdatui.engine.environments.spec import Command, RunSpec
from lambdatui.engine.environments.standby import Standby
from lambdatui.engine.environments.transcript import EXTENSION, FUNCTION, Transcript
from lambdatui.engine.faults import Faults

SHORT_MS = 3.0  # who ran for less cannot have filled much: asking the kernel would cost more than the rest


class Processes:
    """Starts them, measures them, makes them stand still, ends them."""

    def __init__(self, launcher: Launcher, watch: MemoryWatch, spec: RunSpec, log: Transcript) -> None:
        self.runtime: Process | None = None
        self.room: Room | None = None
        self.scratch: Scratch | None = None
        """A /tmp that is kept small by looking, because nothing else does."""
        self.out_of_memory = False
        self._launcher = launcher
        self._watch = watch
        self._spec = spec
        self._log = log
        self._shell: Process | None = None  # holds a room, or a container, in which several programs run
        self._guests: list[Process] = []
        self._meter: Meter | None = None
        self._peak = 0
        self._allowed: float | None = None  # before it was known who is to be measured

    # -- starting --------------------------------------------------------------------------------

    def open_shell(self, command: Command) -> None:
        """Make the room, or the container, in which extensions and runtime will be side by side."""
        self._shell = self._spawn(command, FUNCTION)
        self._shell.on_exit = self._end_all

    def _end_all(self) -> None:
        for process in (self.runtime, *self._guests):
            if process is not None:
                process.end()

    def start_extension(self, command: Command) -> Process:
        """Start a program beside the runtime."""
        process = self._spawn(command, EXTENSION)
        self._guests.append(process)
        process.when_started(self._count)
        return process

    def start_runtime(
        self, command: Command, standby: Standby | None, exited: Callable[[Process], None]
    ) -> None:
        """Start the runtime, or set one to work that was started ahead of time."""
        self.out_of_memory = False
        if standby is not None:
            self._log.listen(standby.output)
            process = standby.adopt(command)
        else:
            process = self._spawn(command, FUNCTION)
        process.on_exit = lambda: exited(process)
        self.runtime = process
        process.when_started(lambda pid: self._measure(process, pid))

    def _spawn(self, command: Command, kind: str) -> Process:
        output = Output()
        self._log.listen(output, kind)
        with null_device() as null:
            fds = (null, output.writing, output.writing)
            process = self._launcher.spawn(command, fds, within=self._shell if command.room else None)
        output.started()
        return process

    async def lent_socket(self) -> socket.socket:
        """A socket of the network in their room; OSError if they are gone."""
        if not self._outermost:
            raise ConnectionError("they are gone")
        return await self._outermost[0].lent_socket()

    # -- memory ----------------------------------------------------------------------------------

    def _measure(self, process: Process, pid: int) -> None:
        if process is not self.runtime:
            return
        limit = self._spec.most_mb * MB
        beside = [guest.pid for guest in self._guests if guest.pid is not None and not guest.ended]
        self._meter = Meter(pid, limit, self._exceeded_memory, self.end_runtime, beside)
        self._meter.scratch = self.scratch
        self._watch.add(self._meter)
        if self._allowed is not None:
            self.allow(self._allowed)

    def _count(self, pid: int) -> None:
        """An extension's memory is the function's."""
        if self._meter is not None:
            self._meter.beside.append(pid)

    def watch(self) -> None:
        """From here on its memory may grow."""
        if self._meter is not None:
            self._watch.add(self._meter)

    def allow(self, megabytes: float) -> None:
        """It may hold no more than this until it rests."""
        self._allowed = megabytes
        if self._meter is not None:
            self._meter.limit = min(self._meter.limit, int(megabytes * MB))
            if self._meter.with_children() > self._meter.limit:
                self._exceeded_memory()

    def hindered(self, faults: Faults) -> bool:
        """Whether a fault switch comes between the event and the runtime."""
        if faults.take("kill-after-init", self._spec.name):
            self.end_runtime()
            return True
        short = faults.take("out-of-memory", self._spec.name)
        if short is not None:
            self.allow(short.megabytes)
        return False

    def unwatch(self) -> None:
        """It does nothing."""
        allowed, self._allowed = self._allowed, None
        if self._meter is not None:
            self._meter.since = None
            if allowed is not None:
                self._meter.limit = self._spec.most_mb * MB

    @property
    def memory(self) -> tuple[int, int]:
        """The bytes that the runtime holds now, and the most it ever held."""
        if self._meter is None:
            return 0, self._peak
        return self._meter.resident(), max(self._peak, self._meter.peak())

    def peak_mb(self, took_ms: float) -> int:
        """The most memory it ever had, in MB, rounded up; asked after it ran for so long."""
        if self.out_of_memory:
            return self._spec.memory_mb
        if self._meter is not None and (took_ms > SHORT_MS or not self._peak):
            self._peak = max(self._peak, self._meter.peak())
        return -(-self._peak // MB)

    def look_for_memory(self) -> None:
        """It has ended: was that for want of memory?"""
        if self.room is not None and self.room.ran_out_of_memory:
            self.out_of_memory = True

    def _exceeded_memory(self) -> None:
        self.out_of_memory = True
        self.end_runtime()

    # -- standing still --------------------------------------------------------------------------

    def freeze(self) -> None:
        """Stand still until the next invocation."""
        for process in self._outermost:
            if self.room is not None:
                self.room.freeze(process)
            else:
                process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        for process in self._outermost:
            if self.room is not None:
                self.room.thaw(process)
            else:
                process.signal(signal.SIGCONT)

    @property
    def _outermost(self) -> list[Process]:
        """Those whom a signal has to reach for everybody to have it."""
        if self._shell is not None and self._spec.image is None:
            return [self._shell]
        return [one for one in (self.runtime, *self._guests) if one is not None]

    # -- ending ----------------------------------------------------------------------------------

    def end_runtime(self) -> None:
        """Kill the runtime with all its children; its end is told."""
        if self.runtime is not None:
            self.runtime.end()

    def drop(self) -> bool:
        """End everything, and hear nothing more of it; whether there was something."""
        runtime, self.runtime = self.runtime, None
        shell, self._shell = self._shell, None
        guests, self._guests = self._guests, []
        for process in (shell, runtime, *guests):
            if process is not None:
                process.on_exit = None
                process.end()
        meter, self._meter = self._meter, None
        if meter is not None:
            self._peak = max(self._peak, meter.peak())
            self._watch.discard(meter)
            meter.close()
        self._log.hang_up()
        return runtime is not None


async def gone(process: Process, within_s: float) -> bool:
    """Wait for the end of a process; nobody else hears of it."""
    if not process.ended:
        over = asyncio.Event()
        process.on_exit = over.set
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await over.wait()
    return process.ended
