"""Interpreters started ahead of time, each for one environment and never shared.

One waits with its client loaded until a configuration comes over its control socket: a cold start is then a
matter of loading the function. It has a Runtime API of its own from the start, so that whatever comes from it
can be told by the address in its variables.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import orjson

from lambdatui.engine.environments.isolation.rooms import Room
from lambdatui.engine.environments.launching import Launcher, Process, null_device
from lambdatui.engine.environments.output import Output
from lambdatui.engine.environments.spec import Command, Program
from lambdatui.engine.runtime_api import RuntimeApi

logger = logging.getLogger(__name__)

READY = b"ready\n"
SMALLEST, LARGEST = 2, 4
REFILL_AFTER_S = 0.05  # a refill costs 20 ms of CPU: not while the function that took the last one starts
VARIABLES = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "en_US.UTF-8",
    "LC_CTYPE": "C.UTF-8",
    "TZ": ":UTC",
}

# What an interpreter or its libraries read when they start: functions that set it are started afresh.
READ_AT_START = (
    *("PYTHON", "LD_", "MALLOC_", "GLIBC_", "NODE_OPTIONS", "NODE_EXTRA_CA_CERTS", "NODE_V8_COVERAGE"),
    *("UV_THREADPOOL_SIZE", "RUBYOPT", "RUBY_", "LC_", "LANG", "AWS_LAMBDA_EXEC_WRAPPER"),
)


class Standby:
    """One interpreter that waits."""

    def __init__(
        self, api: RuntimeApi, process: Process, output: Output, control: socket.socket, room: Room | None
    ) -> None:
        self.api = api
        self.output = output
        self.room = room
        self.ready = False
        self._process = process
        self._control = control

    def adopt(self, command: Command) -> Process:
        """Let it become the runtime of an environment."""
        config: dict[str, object] = {"argv": command.argv, "env": dict(command.env), "cwd": str(command.cwd)}
        config |= command.more
        if self.room is not None:
            self._control.close()
            self._process.furnish(command, config)
            return self._process
        self._control.setblocking(True)
        with self._control, contextlib.suppress(OSError):  # of one that just died: its end will be told
            self._control.sendall(orjson.dumps(config) + b"\n")
        return self._process

    def discard(self) -> None:
        """It is not needed, or not there any more."""
        self._control.close()
        self._process.end()
        self.output.close()
        self.api.close()
        if self.room is not None:
            self.room.close()


class Tier(Protocol):
    """How what is started ahead of time is walled in."""

    ahead: bool

    def room(self) -> Room | None: ...

    def standby(self, command: Command, room: Room | None) -> Command: ...


@dataclass(slots=True)
class _Shelf:
    """The standbys of one program."""

    argv: tuple[str, ...]
    wanted: int = SMALLEST
    waiting: list[Standby] = field(default_factory=list)
    coming: Standby | None = None
    used: bool = False
    timer: asyncio.TimerHandle | None = None


class Standbys:
    """Keeps a few standbys of every program that was used."""

    def __init__(self, launcher: Launcher, tier: Tier) -> None:
        self._launcher = launcher
        self.tier = tier
        self._shelves: dict[tuple[str, ...], _Shelf] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def take(self, program: Program) -> Standby | None:
        """A standby that is ready; either way more of its kind will be made."""
        shelf = self.expect(program)
        if shelf is None:
            return None
        if shelf.waiting:
            shelf.used = True
            return shelf.waiting.pop()
        if shelf.used:  # they go faster than they come
            shelf.wanted = min(LARGEST, shelf.wanted + 1)
        return None

    def expect(self, program: Program) -> _Shelf | None:
        """One of these may be needed soon."""
        if program.standby is None or self._closed or not self.tier.ahead:
            return None
        shelf = self._shelves.setdefault(program.standby, _Shelf(program.standby))
        self._refill_later(shelf)
        return shelf

    def close(self) -> None:
        """End them all."""
        self._closed = True
        for shelf in self._shelves.values():
            if shelf.timer is not None:
                shelf.timer.cancel()
            for standby in (*shelf.waiting, *filter(None, [shelf.coming])):
                standby.discard()
            shelf.waiting.clear()
        for task in list(self._tasks):
            task.cancel()

    def _refill_later(self, shelf: _Shelf) -> None:
        if shelf.timer is not None:
            shelf.timer.cancel()
        loop = asyncio.get_running_loop()
        shelf.timer = loop.call_later(REFILL_AFTER_S, self._refill, shelf)

    def _refill(self, shelf: _Shelf) -> None:
        """Make one more; when it is ready it asks for the next."""
        shelf.timer = None
        if self._closed or shelf.coming is not None or len(shelf.waiting) >= shelf.wanted:
            return
        task = asyncio.get_running_loop().create_task(self._make(shelf))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _make(self, shelf: _Shelf) -> None:
        api = RuntimeApi()
        await api.open()
        if self._closed or shelf.coming is not None:
            api.close()
            return
        ours, theirs = socket.socketpair()
        output = Output()
        room = self.tier.room()
        command = Command(shelf.argv, {**VARIABLES, "AWS_LAMBDA_RUNTIME_API": api.address}, Path("/"))
        command = self.tier.standby(command, room)
        with theirs, null_device() as null:
            fds = (null, output.writing, output.writing, theirs.fileno())
            process = self._launcher.spawn(command, fds, ours.fileno())
        output.started()
        standby = shelf.coming = Standby(api, process, output, ours, room)
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        loop.add_reader(ours, self._heard, shelf, standby, ours)
        process.on_exit = lambda: self._lost(shelf, standby)

    def _heard(self, shelf: _Shelf, standby: Standby, control: socket.socket) -> None:
        asyncio.get_running_loop().remove_reader(control)
        try:
            standby.ready = control.recv(64) == READY
        except OSError:
            standby.ready = False
        if shelf.coming is standby:
            shelf.coming = None
        if standby.ready and not self._closed:
            shelf.waiting.append(standby)
            self._refill_later(shelf)
        else:
            standby.discard()

    def _lost(self, shelf: _Shelf, standby: Standby) -> None:
        """It died while it waited."""
        if standby in shelf.waiting:
            shelf.waiting.remove(standby)
            standby.discard()


def fresh_start_needed(variables: Mapping[str, str]) -> bool:
    """Whether the function sets what only a new interpreter would see."""
    return any(name.startswith(READ_AT_START) and name != "PYTHONPATH" for name in variables)
