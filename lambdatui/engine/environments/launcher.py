"""The launcher: the one small process that starts everything which runs in an environment.

It runs as a program of its own (``python -I -S launcher.py FD``), so that the engine never forks its big
heap and so that nothing outlives the engine: when the control socket closes, every process that ever came
from here is ended, daemons included, since orphans fall to this process (child subreaper).

The engine sends ``spawn`` (with the descriptors for stdin, stdout and stderr), ``signal`` and ``end``; the
launcher answers ``spawned``, ``failed`` and ``exit``.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lambdatui.engine.environments import messages, proc

    Message = dict[str, Any]
else:
    sys.path.append(os.path.dirname(__file__))  # a program has no packages: for these, and for `isolation`
    import messages
    import proc

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LINUX = sys.platform == "linux"
# What a terminal sends to everyone in it: the engine decides when we stop.
IGNORED = (signal.SIGINT, signal.SIGHUP, signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP)
UNIGNORED = (*IGNORED, signal.SIGPIPE, signal.SIGXFSZ)  # the last two are ignored by Python itself


class Launcher:
    """Starts, reports and ends processes until its control socket closes."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.pids: dict[int, int] = {}  # of living processes: the engine's number -> pid
        self.numbers: dict[int, int] = {}  # and back
        self.markers: dict[int, bytes] = {}  # pid -> what its descendants carry in their environment
        self.nests: set[int] = set()  # pids of programs that only hold what runs below them
        self.house: Any = None  # the strict tier's root, once the engine asks for it
        self.trouble = ""  # why there is none
        self.lines: dict[int, socket.socket] = {}  # pid of a room's warden -> the line to it
        self.last_words: dict[int, Message] = {}  # what it said last
        self.guests: dict[int, int] = {}  # number of a program that came into a room -> pid of its warden
        self.buffer = b""
        self.fds: list[int] = []
        self.poll = select.poll()
        self.prctl = self._find_prctl()
        self.prctl(PR_SET_CHILD_SUBREAPER)

    def run(self) -> None:
        """Serve until the engine is gone or asks us to stop."""
        reading, writing = os.pipe()
        for end in (reading, writing):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        for number in IGNORED:
            signal.signal(number, signal.SIG_IGN)
        self.poll.register(self.control, select.POLLIN)
        self.poll.register(reading, select.POLLIN)
        try:
            while True:
                for descriptor, _ in self.poll.poll():
                    if descriptor == reading:
                        os.read(reading, 4096)
                    elif descriptor != self.control.fileno():
                        self.hear(descriptor)
                    elif not self.receive():
                        return
                self.reap()
        finally:
            self.end_all()

    # -- messages --------------------------------------------------------------------------------

    def receive(self) -> bool:
        """Handle what the engine says; False once it is gone."""
        try:
            data, passed = messages.receive(self.control, messages.MAX_MESSAGE)
        except OSError:
            return False
        self.fds += passed
        if not data:
            return False
        self.buffer += data
        while len(self.buffer) >= messages.LENGTH.size:
            (length,) = messages.LENGTH.unpack_from(self.buffer)
            if len(self.buffer) < messages.LENGTH.size + length:
                break
            message = json.loads(self.buffer[messages.LENGTH.size : messages.LENGTH.size + length])
            self.buffer = self.buffer[messages.LENGTH.size + length :]
            self.handle(message)
        return True

    def send(self, fds: list[int] | None = None, **message: object) -> None:
        """Tell the engine; that it has gone is noticed where we read."""
        body = json.dumps(message).encode()
        packet = messages.LENGTH.pack(len(body)) + body
        with contextlib.suppress(OSError):
            if fds:
                socket.send_fds(self.control, [packet], fds)
            else:
                self.control.sendall(packet)

    def pass_on(self, fds: list[int], **message: object) -> None:
        """Tell the engine, and let go of what it has now."""
        self.send(fds, **message)
        for descriptor in fds:
            os.close(descriptor)

    def handle(self, message: Message) -> None:
        number = message["id"]
        if message["do"] == "build":
            self.build(message)
        elif message["do"] == "drop" and self.house is not None:
            with contextlib.suppress(OSError):  # of a launcher before this one
                self.house.drop_disk(message["name"])
        elif message["do"] == "spawn":
            count = message["fds"]
            fds, self.fds = self.fds[:count], self.fds[count:]
            try:
                self.spawn(number, message, fds)
            except OSError as error:
                self.send(did="failed", id=number, reason=str(error))
            finally:
                for descriptor in fds:
                    os.close(descriptor)
        elif number in self.pids:
            pid = self.pids[number]
            if message["do"] == "signal":
                self.signal(pid, message["number"])
            elif message["do"] == "furnish":
                with contextlib.suppress(OSError):  # it is just ending, and that will be told
                    self.house.furnish(message, self.lines[pid])
            elif message["do"] == "socket":
                with contextlib.suppress(OSError):
                    self.lines[pid].send(b'{"socket": true}')
            elif message["do"] == "end":
                self.end(pid)

    def build(self, plan: Message) -> None:
        """Make the root of the strict tier; where that fails, every start will say why."""
        from isolation.house import House  # type: ignore[import-not-found]  # a program has no packages

        try:
            self.house = House(plan)
            self.house.ignored = UNIGNORED
        except OSError as error:
            self.trouble = str(error)

    # -- starting --------------------------------------------------------------------------------

    def spawn(self, number: int, message: Message, fds: list[int]) -> None:
        if "within" in message:
            self.join_room(number, message, fds)
            return
        if message.get("room") is not None:
            self.open_room(number, message, fds)
            return
        if "rules" in message:
            # Loaded once here, not in every child.
            from isolation import landlock  # type: ignore[import-not-found]  # noqa: F401

        own = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                self.become(message, fds, own)
            except BaseException as error:
                os.write(2, f"{message['argv'][0]}: {getattr(error, 'strerror', None) or error}\n".encode())
            finally:
                os._exit(127)
        self.pids[number] = pid
        self.numbers[pid] = number
        if message.get("nest"):
            self.nests.add(pid)
        self.markers[pid] = message["env"].get(proc.MARKER[:-1].decode(), "").encode()
        self.send(did="spawned", id=number, pid=pid)

    def open_room(self, number: int, message: Message, fds: list[int]) -> None:
        """In the strict tier the child is the room's warden, and the runtime is its child."""
        if self.trouble:
            raise OSError(self.trouble)
        pid, line = self.house.open(message, fds)
        self.pids[number] = pid
        self.numbers[pid] = number
        self.markers[pid] = b""  # nothing leaves a pid namespace
        self.lines[pid] = line
        self.poll.register(line, select.POLLIN)

    def join_room(self, number: int, message: Message, fds: list[int]) -> None:
        """Start another program in a room that is open."""
        warden = self.pids.get(message["within"], 0)
        if warden not in self.lines:
            raise OSError("the room is gone")
        guest = {name: message[name] for name in ("argv", "env", "cwd", "files")} | {"guest": number}
        socket.send_fds(self.lines[warden], [json.dumps(guest).encode()], fds)
        self.guests[number] = warden

    def hear(self, descriptor: int) -> None:
        """A warden speaks: its runtime is there, or cannot be."""
        for pid, line in list(self.lines.items()):
            if line.fileno() == descriptor:
                said, listeners = listen(line)
                if "guest" in said:
                    self.hear_of_guest(pid, said)
                elif "socket" in said:
                    self.pass_on(listeners, did="socket", id=self.numbers[pid])
                elif "started" in said:
                    inside = proc.children(pid)
                    first = inside[0] if inside else pid
                    self.pass_on(listeners, did="spawned", id=self.numbers[pid], pid=first)
                else:
                    self.poll.unregister(line)  # its last words are read when it is reaped
                    self.last_words[pid] = said

    def hear_of_guest(self, warden: int, said: Message) -> None:
        """A program came into a room, or left it."""
        number = said["guest"]
        if "status" in said:
            self.pids.pop(number, None)
            self.guests.pop(number, None)
            self.send(did="exit", id=number, status=said["status"])
        else:
            pid = proc.outside(warden, said["pid"])
            self.pids[number] = pid
            self.send(did="spawned", id=number, pid=pid)

    def become(self, message: Message, fds: list[int], parent: int) -> None:
        """In the child: turn into the program that was asked for."""
        os.setsid()
        self.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(127)
        # The descriptors may overlap 0..2: copy them out of the way first.
        copies = [os.dup(descriptor) for descriptor in fds]
        for place, descriptor in enumerate(copies):
            os.dup2(descriptor, place)
        for number in UNIGNORED:
            signal.signal(number, signal.SIG_DFL)
        for kind, limit in ((resource.RLIMIT_NOFILE, message["files"]), (resource.RLIMIT_CORE, 0)):
            _, hard = resource.getrlimit(kind)
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (limit, limit))
        os.umask(0o022)
        os.chdir(message["cwd"])
        if "rules" in message:
            from isolation import landlock

            landlock.restrict(message["rules"]["readable"], message["rules"]["writable"])
        os.execve(message["argv"][0], message["argv"], message["env"])  # noqa: S606

    # -- ending ----------------------------------------------------------------------------------

    def reap(self) -> None:
        """Collect the dead; whatever a dead runtime left behind goes with it."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            number = self.numbers.pop(pid, None)
            if number is not None:
                del self.pids[number]
                self.nests.discard(pid)
                proc.kill_group(pid)
                self.end_strays(self.markers.pop(pid))
                if pid in self.lines:
                    self.close_room(pid, number, status)
                else:
                    self.send(did="exit", id=number, status=status)

    def close_room(self, pid: int, number: int, status: int) -> None:
        """Report how a room's runtime ended, by its warden's last words if there were any."""
        line = self.lines.pop(pid)
        said = self.last_words.pop(pid, None)
        if said is None:
            self.poll.unregister(line)
            said = {}
            while True:
                one, listeners = listen(line)
                for listener in listeners:
                    os.close(listener)
                if not one:
                    break
                if "guest" in one:
                    self.hear_of_guest(pid, one)
                else:
                    said = one
        line.close()
        for guest in [guest for guest, warden in self.guests.items() if warden == pid]:
            self.hear_of_guest(pid, {"guest": guest, "status": signal.SIGKILL})
        if "failed" in said:
            self.send(did="failed", id=number, reason=said["failed"])
        else:
            self.send(did="exit", id=number, status=said.get("status", status))

    def signal(self, pid: int, number: int) -> None:
        """A signal to a runtime's group; to all in its room but the warden or whoever holds it."""
        if pid in self.lines or pid in self.nests:
            for one in proc.tree(pid):
                proc.kill(one, number)
        else:
            proc.kill_group(pid, number)

    def end(self, pid: int) -> None:
        """Kill a runtime and all that came from it; it is reaped, and reported, afterwards."""
        for _ in range(50):  # a process that forks while we count is caught by the next round
            found = proc.tree(pid)
            for one in (pid, *found):
                proc.kill(one)
            proc.kill_group(pid)
            if not found:
                break
        self.end_strays(self.markers.get(pid, b""))

    def end_strays(self, belonging: bytes) -> None:
        """Kill orphans that fell to us: those of one environment, and all when no runtime is left."""
        for _ in range(50):
            adopted = [pid for pid in proc.children(os.getpid()) if pid not in self.numbers]
            strays = [pid for pid in adopted if not self.numbers or proc.marker(pid) == belonging != b""]
            living = [pid for pid in strays if not proc.is_zombie(pid)]
            if not living:
                return
            for pid in living:
                for one in (pid, *proc.tree(pid)):
                    proc.kill(one)

    def end_all(self) -> None:
        """Kill and reap until nothing is left; bounded, since a process may hang in the kernel."""
        for _ in range(400):
            for pid in list(self.numbers):
                proc.kill_group(pid)
            for pid in (*proc.tree(os.getpid()), *self.numbers):
                proc.kill(pid)
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                return
            select.select([], [], [], 0.005)

    @staticmethod
    def _find_prctl() -> Callable[..., int]:
        """prctl(2), or something that does nothing where there is none."""
        if not LINUX:
            return lambda *_: 0
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        return lambda option, value=1: libc.prctl(option, value, 0, 0, 0)


def listen(line: socket.socket) -> tuple[Message, list[int]]:
    """What a room's warden has said, and the descriptors it has passed; empty if nothing."""
    try:
        data, fds = messages.receive(line, 65536, socket.MSG_DONTWAIT)
    except OSError:
        return {}, []
    return (dict(json.loads(data)) if data else {}), fds


if __name__ == "__main__":
    engine = socket.socket(fileno=int(sys.argv[1]))
    engine.set_inheritable(False)
    Launcher(engine).run()
