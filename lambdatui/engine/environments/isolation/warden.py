"""The first process of an environment in the strict tier: it furnishes the room, starts the runtime, reaps.

When it ends, the kernel ends everything in the room; it ends with the runtime, with the launcher, or when it
is killed. It keeps the view of the whole machine, which its children have lost for good, so that code can
still be brought into the room of an interpreter that was started before anyone knew what it would run.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import select
import signal
import socket

from . import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from .house import House

HOST_NAME = "169.254.0.1"  # as dull as the names that Lambda gives
READ_ONLY = kernel.READ_ONLY_ATTR | kernel.NOSUID_ATTR | kernel.NODEV_ATTR
TMP = "/tmp"  # noqa: S108 - the function's own


class Warden:
    """Process 1 of a pid namespace."""

    def __init__(self, house: House, message: dict[str, Any], line: int) -> None:
        self.house = house
        self.root = house.root
        self.message = message
        self.room: dict[str, Any] = message["room"]
        self.line = line
        self.control: int | None = None
        self.guests: dict[int, int] = {}  # pid of a program that came later -> the launcher's number

    def run(self, fds: list[int]) -> NoReturn:
        """Never returns."""
        try:
            self._take_descriptors(fds)
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
            kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
            self._prepare()
            self.furnish(self.room)
            listeners = self._listen()
            runtime = self._start(self.message) if self.message["argv"] else None
        except OSError as error:
            self._say(failed=str(error))
            os._exit(127)
        null = os.open(os.devnull, os.O_RDWR)
        for place in range(self.message["inherit"]):
            os.dup2(null, place)
        self._say_started(listeners)
        self._wait(runtime)

    def _take_descriptors(self, fds: list[int]) -> None:
        """The runtime's descriptors become 0 and up, then come our own; of the launcher's nothing stays."""
        signal.set_wakeup_fd(-1)
        os.setsid()
        keep = [*fds, self.line]
        copies = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64) for descriptor in keep]
        for place, copy in enumerate(copies):
            os.dup2(copy, place, inheritable=place < self.message["inherit"])
        os.closerange(len(keep), 4096)
        self.line = len(fds)
        self.control = self.message["inherit"] if len(fds) > self.message["inherit"] else None

    # -- the room --------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """What needs no knowledge of the function."""
        kernel.mount("proc", f"{self.root}/proc", "proc", kernel.NOSUID | kernel.NODEV | kernel.NOEXEC)
        kernel.set_attributes(self.root, kernel.READ_ONLY_ATTR)
        # What is furnished here later appears in the runtime's own namespace, too.
        kernel.mount(None, self.root, None, kernel.SHARED | kernel.REC)
        socket.sethostname(HOST_NAME)

    def furnish(self, room: dict[str, Any]) -> None:
        """Code, layers and /tmp at the places they have on Lambda, once it is known whose they are."""
        if not room["task"]:
            return
        kernel.bind(room["task"], f"{self.root}/var/task", READ_ONLY)
        if room["opt"]:
            kernel.bind(room["opt"], f"{self.root}/opt", READ_ONLY)
        if room["hosts"] and os.path.exists(f"{self.root}/etc/hosts"):
            kernel.bind(room["hosts"], f"{self.root}/etc/hosts", READ_ONLY)
        kernel.bind(room["disk"], f"{self.root}{TMP}", kernel.NOSUID_ATTR | kernel.NODEV_ATTR)

    def _listen(self) -> list[socket.socket]:
        """Where there is no network: the engine's ports, which it serves from outside."""
        if not self.room["no_network"]:
            return []
        kernel.loopback_up()
        return [socket.create_server(("127.0.0.1", port), backlog=128) for port in self.room["ports"]]

    # -- the runtime -----------------------------------------------------------------------------

    def _start(self, program: dict[str, Any], fds: list[int] | None = None) -> int:
        """Start what the message says, with our own descriptors or with those that came with it."""
        core = self.room["core"]
        pid = kernel.fork_into(core) if core else os.fork()
        if pid == 0:
            try:
                for place, descriptor in enumerate(fds or ()):
                    os.dup2(descriptor, place)
                if fds:
                    os.closerange(len(fds), 4096)
                self._become(program)
            except BaseException as error:
                text = getattr(error, "strerror", None) or error
                os.write(2, f"{program['argv'][0]}: {text}\n".encode())
            finally:
                os._exit(127)
        return pid

    def _become(self, program: dict[str, Any]) -> None:
        os.setsid()
        for place in self.room["cgroups"]:
            with open(place, "w") as procs:
                procs.write("0")
        kernel.unshare(kernel.NEWNS)
        kernel.mount(None, "/", None, kernel.SLAVE | kernel.REC)
        kernel.pivot(self.root)
        os.chdir(program["cwd"])
        for number in self.house.ignored:
            signal.signal(number, signal.SIG_DFL)
        self._become_nobody()
        limit(resource.RLIMIT_NOFILE, program["files"])
        limit(resource.RLIMIT_CORE, 0)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.umask(0o022)
        os.execve(program["argv"][0], program["argv"], program["env"])  # noqa: S606

    def _become_nobody(self) -> None:
        """Lay down every privilege. A user namespace of its own counts the processes of this room alone."""
        house = self.house
        if house.private_users:
            uid, gid = os.getuid(), os.getgid()
            kernel.unshare(kernel.NEWUSER)
            kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # else its files in /proc are root's
            kernel.map_user(house.uid, house.gid, uid, gid)
            limit(resource.RLIMIT_NPROC, self.room["processes"])
        else:
            os.setgroups([])
            os.setresgid(house.gid, house.gid, house.gid)
            os.setresuid(house.uid, house.uid, house.uid)

    # -- its end ---------------------------------------------------------------------------------

    def _wait(self, runtime: int | None) -> NoReturn:
        """Until the runtime ends; a room that was opened without one stays until it is killed."""
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        poll.register(reading, select.POLLIN)
        poll.register(self.line, select.POLLIN)
        while True:
            self._reap(runtime)
            for descriptor, _ in poll.poll():
                if descriptor == reading:
                    os.read(reading, 4096)
                else:
                    self._hear()

    def _hear(self) -> None:
        with socket.socket(fileno=os.dup(self.line)) as line:
            data, fds, _, _ = socket.recv_fds(line, 1 << 18, 8)
        if not data:
            os._exit(0)  # the launcher is gone
        message = json.loads(data)
        if "guest" in message:
            self._admit(message, fds)
            return
        if "socket" in message:
            self._lend_socket()
            return
        try:
            self.furnish(message["room"])
        except OSError as error:
            self._say(failed=str(error))
            os._exit(127)
        if self.control is not None:
            with socket.socket(fileno=self.control) as control:
                self.control = None
                control.sendall(json.dumps(message["config"]).encode() + b"\n")

    def _admit(self, guest: dict[str, Any], fds: list[int]) -> None:
        """Another program comes into the room."""
        try:
            pid = self._start(guest, fds)
        except OSError:
            self._say(guest=guest["guest"], status=127 << 8)
        else:
            self.guests[pid] = guest["guest"]
            self._say(guest=guest["guest"], pid=pid)
        for descriptor in fds:
            os.close(descriptor)

    def _lend_socket(self) -> None:
        """What is made here belongs to this network: with it the engine reaches who listens in the room."""
        with (
            socket.socket() as made,
            socket.socket(fileno=os.dup(self.line)) as line,
            contextlib.suppress(OSError),
        ):
            socket.send_fds(line, [b'{"socket": true}'], [made.fileno()])

    def _reap(self, runtime: int | None) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                if runtime is not None:
                    os._exit(0)
                return
            if pid == 0:
                return
            if pid in self.guests:
                self._say(guest=self.guests.pop(pid), status=status)
            elif pid == runtime:
                self._say(status=status)
                os._exit(0)

    def _say_started(self, listeners: list[socket.socket]) -> None:
        """With the listeners, which from here on are the engine's alone."""
        with socket.socket(fileno=os.dup(self.line)) as line, contextlib.suppress(OSError):
            socket.send_fds(line, [b'{"started": true}'], [one.fileno() for one in listeners])
        for one in listeners:
            one.close()

    def _say(self, **message: object) -> None:
        try:
            os.write(self.line, json.dumps(message).encode())
        except OSError:
            os._exit(127)


def limit(kind: int, value: int) -> None:
    """A limit of the process, as far as it may have it."""
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
