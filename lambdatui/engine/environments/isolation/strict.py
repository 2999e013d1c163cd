"""The `strict` tier: every environment in a room of its own, everything at the place it has on Lambda."""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from lambdatui.engine.environments.environment import Environment
from lambdatui.engine.environments.isolation.cgroups import Hierarchies
from lambdatui.engine.environments.isolation.house import SANDBOX_NAMES
from lambdatui.engine.environments.isolation.rooms import Room
from lambdatui.engine.environments.isolation.scripts import interpreted, named
from lambdatui.engine.environments.launching import Launcher
from lambdatui.engine.environments.process_tier import OPT, TASK, ProcessTier, Session
from lambdatui.engine.environments.spec import Command, Listener, RunSpec
from lambdatui.engine.runtimes.places import offered

RUNTIME = "/var/runtime"
HOME = "/tmp"  # noqa: S108 - the only place it may write to
IN_THE_ROOM = ("/usr/", "/bin/", "/sbin/", "/opt/", "/var/")  # what a script names there is there
SHARED_TREES = ("/nix/", "/gnu/", "/home/linuxbrew/.linuxbrew/")  # where one program's parts lie everywhere
SYSTEM_PYTHON = "/usr/bin/python3"
USER, GROUP = 993, 990  # what functions are on Lambda

_compiled: set[tuple[str, Path]] = set()


class Places(Protocol):
    """What runtimes need of the engine."""

    @property
    def places(self) -> list[tuple[Path, str]]: ...
    @property
    def linked(self) -> list[Path]: ...


class StrictTier(ProcessTier):
    """Makes commands that run in rooms."""

    name = "strict"

    def __init__(
        self,
        session: Session,
        endpoint: Callable[[], str],
        launcher: Launcher,
        hierarchies: Hierarchies,
        programs: Places,
        engine: Listener,
    ) -> None:
        super().__init__(session, endpoint)
        self._engine = engine
        self._launcher = launcher
        self._hierarchies = hierarchies
        self._runtimes = programs.places
        self._linked = programs.linked

    def plan(self, folder: Path) -> dict[str, Any]:
        """How the launcher is to build the house; `folder` is where."""
        folder.mkdir(parents=True, exist_ok=True)
        private = os.geteuid() != 0
        uid, gid = (USER, GROUP) if private else functions_user()
        binds = [bind for source, place in self._runtimes for bind in _contents(source, place)]
        binds += [(str(path), str(path)) for path in self._linked]
        return {"root": str(folder), "uid": uid, "gid": gid, "private_users": private, "binds": binds}

    def room(self) -> Room:
        """A room for a new environment."""
        return Room(self._launcher, self._hierarchies)

    def blank(self, interpreter: str) -> tuple[str, ...] | None:
        """What waits in a room to become a program, if that needs nothing of the machine but the system."""
        if interpreter and installation(interpreter) is not None:
            return None
        python = SYSTEM_PYTHON if os.access(SYSTEM_PYTHON, os.X_OK) else os.path.realpath(sys.executable)
        return (python, "-I", "-S", str(self._runtimes[0][0] / "blank.py"), "--standby=3")

    def standby(self, command: Command, room: Room | None) -> Command:
        """The same program, started in a room that has no function yet."""
        assert room is not None
        argv = self._inside(command.argv, None)
        return replace(command, argv=argv, room=room.shape(None, self._binds(command.argv)))

    def command(self, spec: RunSpec, environment: Environment) -> Command:
        """The function's program, in its room."""
        assert environment.room is not None
        argv = started(spec.program.argv)
        program = replace(
            spec.program,
            argv=self._inside(argv, spec),
            variables=self._all_inside(spec.program.variables, spec),
        )
        seen = replace(spec, code=Path(TASK), layers=Path(OPT) if spec.layers else None, program=program)
        command = super().command(seen, environment)
        variables = dict(command.env)
        del variables["TMPDIR"]
        variables["HOME"] = HOME
        ports: dict[int, Listener] = {}
        if spec.no_network:
            ports[environment.api.port] = environment.api.listen_on
            ports[urlsplit(self._endpoint()).port or 0] = self._engine
        binds = self._binds(argv, spec.program.needs, spec)
        room = environment.room.shape(spec, binds, ports)
        if spec.extensions:
            room["hosts"] = str(hosts_for(environment.folder, environment.room.address))
        return replace(
            command,
            env=variables,
            more=self._all_inside(spec.program.more, spec),
            room=room,
            listeners=tuple(ports.values()),
        )

    def shell(self, spec: RunSpec, environment: Environment, extension: Command) -> Command:
        """The room of an extension, with no program in it yet."""
        return replace(extension, argv=())

    # -- where things are --------------------------------------------------------------------------

    def _inside(self, argv: Iterable[str], spec: RunSpec | None) -> tuple[str, ...]:
        return tuple(self._place(text, spec) for text in argv)

    def _all_inside(self, variables: Mapping[str, str], spec: RunSpec) -> dict[str, str]:
        return {
            name: ":".join(self._place(part, spec) for part in value.split(":"))
            for name, value in variables.items()
        }

    def _place(self, path: str, spec: RunSpec | None) -> str:
        places = list(self._runtimes)
        if spec is not None:
            places += [(spec.code, TASK), *([(spec.layers, OPT)] if spec.layers else [])]
        for source, place in places:
            if path == str(source) or path.startswith(f"{source}/"):
                return place + path[len(str(source)) :]
        return path

    def _binds(
        self, argv: tuple[str, ...], needs: Iterable[Path] = (), spec: RunSpec | None = None
    ) -> list[tuple[str, str]]:
        """The interpreter, with its whole installation, if the house does not have it anyway.

        All rooms have it from then on: never a program of the function's own, which is in its room anyway.
        """
        compile_client(argv[0], self._runtimes[0][0])
        own = self._place(argv[0], spec) != argv[0]
        place = shown(spec, argv[0]) if not own else None
        return [(str(path), str(path)) for path in (*([place] if place is not None else []), *needs)]


def hosts_for(folder: Path, address: str) -> Path:
    """A hosts file by which listeners find the address that is theirs alone."""
    place = folder / "hosts"
    if not place.exists():
        known = Path("/etc/hosts")
        text = known.read_text() if known.is_file() else "127.0.0.1 localhost\n"
        place.write_text(f"{text.rstrip()}\n{address} {SANDBOX_NAMES}\n")
        place.chmod(0o644)
    return place


def started(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command as it must be started where a script's interpreter is not at the place it names."""
    whole = interpreted(argv)
    if whole == argv:
        return argv
    outside = Path(whole[0]).parent.name in ("bin", "sbin") and installation(whole[0]) is not None
    linked = whole[0].startswith("/usr/") and not named(argv)[0].startswith(IN_THE_ROOM)
    return whole if outside or linked else argv


def compile_client(program: str, folder: Path) -> None:
    """Compile our Python client for an interpreter, once: nothing can be written where it will run."""
    if "python" not in Path(program).name or (program, folder) in _compiled:
        return
    _compiled.add((program, folder))
    code = f"import compileall; compileall.compile_dir({str(folder)!r}, quiet=2)"
    asyncio.get_running_loop().run_in_executor(None, _run, [program, "-I", "-S", "-c", code])


def installation(executable: str) -> Path | None:
    """The folder that holds a program with its libraries; never a home folder or one above it."""
    program = Path(executable)
    for tree in SHARED_TREES:
        if str(program).startswith(tree):
            return Path(tree)
    if any(program.is_relative_to(folder) for folder in ("/usr", "/bin", "/lib", TASK, OPT)):
        return None
    folder = program.parent.parent if program.parent.name in ("bin", "sbin") else program.parent
    homes = (Path.home(), Path("/root"), Path("/home"), Path("/"))
    if any(home.is_relative_to(folder) for home in homes) or folder.parent == Path("/home"):
        return program
    return folder


def shown(spec: RunSpec | None, program: str) -> Path | None:
    """What a function sees of a program and the folders around it.

    What its own script names may be any file of the machine: nothing is shown beside an interpreter that is
    none of those that functions are run by, and nothing at all of what is no program.
    """
    place = installation(program)
    if place is None or spec is None or not named(spec.program.argv) or offered(program):
        return place
    return Path(program) if os.access(program, os.X_OK) else None


def _contents(source: Path, place: str) -> list[tuple[str, str]]:
    """Each thing in a folder by itself: links in it lead to where they cannot be followed from inside."""
    return [(str(entry.resolve()), f"{place}/{entry.name}") for entry in source.iterdir()]


def functions_user() -> tuple[int, int]:
    """A user and a group that nobody on this machine has: root can become anybody."""
    uid = _free(USER, lambda number: pwd.getpwuid(number))
    return uid, _free(GROUP, lambda number: grp.getgrgid(number))


def _free(number: int, look: Callable[[int], object]) -> int:
    """A number that nobody on this machine has."""
    while True:
        try:
            look(number)
        except KeyError:
            return number
        number += 1


def _run(command: list[str]) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, env={}, cwd="/", check=False, timeout=60)
