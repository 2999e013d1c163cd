"""The engine's side of the launcher: start processes, signal them, hear of their end."""

from __future__ import annotations

import array
import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import orjson

from lambdatui.engine.environments import messages, proc
from lambdatui.engine.environments.spec import Command, Listener

logger = logging.getLogger(__name__)

PROGRAM = Path(__file__).with_name("launcher.py")
STOP_WITHIN = 3.0


class Process:
    """A process of the launcher. `pid` is known a moment after it was asked for."""

    __slots__ = (
        *("_asked", "_closers", "_launcher", "_listeners", "_on_start"),
        *("ended", "marker", "number", "on_exit", "pid", "status"),
    )

    def __init__(
        self, owner: Launcher, number: int, marker: bytes, listeners: tuple[Listener, ...] = ()
    ) -> None:
        self._launcher = owner
        self._listeners = listeners
        self._closers: list[Callable[[], None]] = []
        self._asked: deque[asyncio.Future[socket.socket]] = deque()
        self.number = number
        self.marker = marker
        self.on_exit: Callable[[], None] | None = None
        self._on_start: Callable[[int], None] | None = None
        self.pid: int | None = None
        self.status: int | None = None
        """As os.waitpid gives it; None while it runs, and for one whose end nobody saw."""
        self.ended = False

    def when_started(self, call: Callable[[int], None]) -> None:
        """Call with its pid, now or when it is known."""
        if self.pid is not None:
            call(self.pid)
        else:
            self._on_start = call

    def end(self) -> None:
        """Kill it with everything that came from it."""
        if not self.ended:
            self._launcher.tell({"do": "end", "id": self.number})

    def furnish(self, command: Command, config: dict[str, object]) -> None:
        """Bring a function into its room, then let it have its configuration."""
        if not self.ended:
            message = {"do": "furnish", "id": self.number, "room": command.room, "config": config}
            self._launcher.tell(message)

    async def lent_socket(self) -> socket.socket:
        """A socket of the network in its room, which it must have opened; OSError if it is gone."""
        if self.ended:
            raise ConnectionError("it is gone")
        asked: asyncio.Future[socket.socket] = asyncio.get_running_loop().create_future()
        self._asked.append(asked)
        self._launcher.tell({"do": "socket", "id": self.number})
        return await asked

    def signal(self, number: int) -> None:
        """Send a signal to its process group; to all that is in its room if it has one."""
        if not self.ended:
            self._launcher.tell({"do": "signal", "id": self.number, "number": number})

    def _exited(self, status: int | None) -> None:
        if not self.ended:
            self.ended = True
            self.status = status
            for close in self._closers:
                close()
            while self._asked:
                if not (asked := self._asked.popleft()).done():
                    asked.set_exception(ConnectionError("it is gone"))
            if self.on_exit is not None:
                self.on_exit()

    def _started(self, pid: int, sockets: list[socket.socket]) -> None:
        self.pid = pid
        self._closers = [listen(one) for listen, one in zip(self._listeners, sockets, strict=False)]
        if self._on_start is not None:
            self._on_start(pid)

    def _lent(self, sockets: list[socket.socket]) -> None:
        asked = self._asked.popleft()
        if asked.done():  # nobody waits for it any more
            return
        if sockets:
            asked.set_result(sockets[0])
        else:
            asked.set_exception(OSError("there are no more sockets"))


class Launcher:
    """Owns the launcher process, and starts it again if it should die."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._program: subprocess.Popen[bytes] | None = None
        self._processes: dict[int, Process] = {}
        self._numbers = 0
        self._unsent: deque[tuple[bytes, list[int]]] = deque()
        self._buffer = b""
        self._passed: list[socket.socket] = []
        self._closing = False
        self.plan: dict[str, object] | None = None
        """The house that the launcher builds first, in the strict tier."""
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def pid(self) -> int | None:
        """The launcher's own process."""
        return self._program.pid if self._program is not None else None

    def start(self) -> None:
        """Start the launcher; call it in the event loop."""
        self._loop = asyncio.get_running_loop()
        kind = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_STREAM
        ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
        with theirs:
            self._program = subprocess.Popen(
                [sys.executable, "-I", "-S", str(PROGRAM), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                env={},
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        ours.setblocking(False)
        self._socket = ours
        self._buffer = b""
        self._loop.add_reader(ours, self._receive)
        if self.plan is not None:
            self.tell({"do": "build", "id": 0, **self.plan})

    async def close(self) -> None:
        """End everything that runs, and the launcher; returns when they are gone."""
        self._closing = True
        program = self._program
        self._disconnect()
        if program is not None:
            try:
                await asyncio.to_thread(program.wait, STOP_WITHIN)
            except subprocess.TimeoutExpired:
                program.kill()
                await asyncio.to_thread(program.wait)
        self._lose_all()

    def spawn(
        self,
        command: Command,
        fds: Sequence[int],
        control: int | None = None,
        within: Process | None = None,
    ) -> Process:
        """Start a program with `fds` as its first descriptors. They stay the caller's to close.

        `within` is what has opened the room that it comes into.

        A room's warden can get our end of what the program listens to: see `Process.furnish`.
        """
        self._numbers += 1
        marker = command.env.get("AWS_LAMBDA_RUNTIME_API", "").encode()
        process = Process(self, self._numbers, marker, command.listeners)
        self._processes[process.number] = process
        message: dict[str, object] = {
            "do": "spawn",
            "id": process.number,
            "argv": command.argv,
            "env": dict(command.env),
            "cwd": str(command.cwd),
            "files": command.open_files,
            "inherit": len(fds),
        }
        if command.nest:
            message["nest"] = True
        if command.rules is not None:
            message["rules"] = command.rules
        if within is not None:
            message["within"] = within.number
        elif command.room is not None:
            message["room"] = command.room
            fds = (*fds, control) if control is not None else fds
        message["fds"] = len(fds)
        self.tell(message, fds)
        return process

    def tell(self, message: dict[str, object], fds: Sequence[int] = ()) -> None:
        """Send one message, now or when the launcher reads again."""
        body = orjson.dumps(message)
        packet = messages.LENGTH.pack(len(body)) + body
        if self._unsent or not self._send(packet, fds):
            # The caller closes its descriptors when we return: keep copies.
            self._unsent.append((packet, [os.dup(descriptor) for descriptor in fds]))
            if self._socket is not None and self._loop is not None:
                self._loop.add_writer(self._socket, self._send_rest)

    def _send(self, packet: bytes, fds: Sequence[int]) -> bool:
        if self._socket is None:
            return True  # between two launchers: its processes are reported lost anyway
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        try:
            sent = self._socket.sendmsg([packet], rights)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True  # the reader will notice that the launcher is gone
        if sent < len(packet):  # only a stream socket does this
            self._unsent.appendleft((packet[sent:], []))
            if self._loop is not None:
                self._loop.add_writer(self._socket, self._send_rest)
        return True

    def _send_rest(self) -> None:
        while self._unsent:
            packet, fds = self._unsent.popleft()
            if not self._send(packet, fds):
                self._unsent.appendleft((packet, fds))
                return
            for descriptor in fds:
                os.close(descriptor)
        if self._socket is not None and self._loop is not None:
            self._loop.remove_writer(self._socket)

    def _receive(self) -> None:
        if self._socket is None:
            return
        try:
            data, fds = messages.receive(self._socket, messages.MAX_MESSAGE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data, fds = b"", []
        self._passed += [socket.socket(fileno=descriptor) for descriptor in fds]
        if not data:
            self._lost()
            return
        self._buffer += data
        size = messages.LENGTH.size
        while len(self._buffer) >= size:
            (length,) = messages.LENGTH.unpack_from(self._buffer)
            if len(self._buffer) < size + length:
                return
            message = orjson.loads(self._buffer[size : size + length])
            self._buffer = self._buffer[size + length :]
            self._handle(message)

    def _handle(self, message: dict[str, object]) -> None:
        number = message["id"]
        assert isinstance(number, int)
        if message["did"] in ("spawned", "socket"):
            passed, self._passed = self._passed, []  # what nobody takes is closed
            process = self._processes.get(number)
            if process is not None and message["did"] == "socket":
                process._lent(passed)
            elif process is not None:
                pid = message["pid"]
                assert isinstance(pid, int)
                process._started(pid, passed)
            return
        process = self._processes.pop(number, None)
        if process is not None:
            if message["did"] == "failed":
                logger.error("no process could be started: %s", message["reason"])
            status = message.get("status")
            process._exited(status if isinstance(status, int) else None)

    def _lost(self) -> None:
        """The launcher died under us: end what it left, start another, and let the owners know."""
        logger.error("the launcher has died: its processes are ended and it is started again")
        program = self._program
        self._disconnect()
        if program is not None:
            program.kill()
            program.wait()
        end_groups(self._processes.values())
        if not self._closing:
            self.start()
        self._lose_all()

    def _disconnect(self) -> None:
        if self._socket is not None and self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()
        self._socket = None
        self._program = None
        for _, fds in self._unsent:
            for descriptor in fds:
                os.close(descriptor)
        self._unsent.clear()

    def _lose_all(self) -> None:
        lost, self._processes = list(self._processes.values()), {}
        for process in lost:
            process._exited(signal.SIGKILL)


@contextlib.contextmanager
def null_device() -> Iterator[int]:
    """What a process has for its standard input."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def end_groups(processes: Iterable[Process]) -> None:
    """Without a launcher: kill the recorded groups and whoever carries their marks."""
    known = list(processes)
    for process in known:
        if process.pid is not None:
            proc.kill_group(process.pid)
    for pid in proc.marked({process.marker for process in known if process.marker}):
        proc.kill(pid)
