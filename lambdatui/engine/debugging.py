"""Functions under a debugger: which ones, at which port, and how their runtime is started then.

What they run in has its clock stopped: no timeout, no INIT budget, no freezing, and only one environment, so
that there is one port.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import util
from pathlib import Path
from typing import Any

from lambdatui.engine.environments.spec import Program, RunSpec
from lambdatui.engine.runtimes.catalog import RUNTIMES
from lambdatui.engine.store.versions import LATEST

HOST = "127.0.0.1"
UNHURRIED_S = 30 * 24 * 3600
"""The timeout while a debugger may hold the function up."""
PATIENCE_S = 10.0
WHERE = "import importlib.util as u; s = u.find_spec('debugpy'); print(s.origin if s else '')"

Key = tuple[str, str, str]


class NoDebugger(Exception):  # noqa: N818 - read as a sentence
    """The function cannot be debugged here; the text says why and what would help."""


@dataclass(frozen=True, slots=True)
class Session:
    """One function under a debugger."""

    key: Key
    port: int
    waits: bool
    """Whether nothing runs before a debugger is there."""

    def describe(self, runtime: str, root: str) -> dict[str, Any]:
        """What the engine's own API shows; ``root`` is where the code lies for the function."""
        account, region, name = self.key
        return {
            "function": name,
            "account": account,
            "region": region,
            "debugger": debugger(runtime),
            "host": HOST,
            "port": self.port,
            "wait": self.waits,
            "root": root,
        }


class Debugging:
    """The functions that are being debugged; they go by their $LATEST."""

    def __init__(self) -> None:
        self._sessions: dict[Key, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(self._sessions.values())

    def begin(self, key: Key, port: int, *, waits: bool) -> Session:
        """From its next environment on; any free port is taken for 0."""
        session = Session(key, port or free_port(), waits)
        self._sessions[key] = session
        return session

    def end(self, key: Key) -> Session | None:
        """No more; what is under the debugger is the caller's to end."""
        return self._sessions.pop(key, None)

    def applied(self, spec: RunSpec) -> RunSpec:
        """The same to be debugged, if it is. It may ask an interpreter: call it from a thread."""
        session = self._sessions.get((spec.account, spec.region, spec.name))
        if session is None or spec.version != LATEST or spec.program.problem is not None:
            return spec
        return replace(
            spec,
            program=started(spec, session),
            timeout_s=UNHURRIED_S,
            debug_port=session.port,
            no_network=False,  # else nobody could reach the port
        )


def debugger(runtime: str) -> str:
    """What a runtime is debugged with; NoDebugger if with nothing we know."""
    family = RUNTIMES[runtime].family.name if runtime in RUNTIMES else ""
    match family:
        case "python":
            return "debugpy"
        case "nodejs":
            return "node --inspect"
    raise NoDebugger(f"Functions in Python and Node.js can be debugged here, not those of {runtime}.")


def started(spec: RunSpec, session: Session) -> Program:
    """The function's program with its debugger."""
    program = spec.program
    if debugger(spec.runtime) == "debugpy":
        place = debugpy(spec)
        client = str(Path(program.argv[-2]).with_name("debugged.py"))
        waits = "wait" if session.waits else "go"
        head = (program.argv[0], "-X", "frozen_modules=off", *program.argv[1:-2])
        argv = (*head, client, str(place), str(session.port), waits, program.argv[-1])
        return replace(program, argv=argv, standby=None, needs=(place,))
    flag = "--inspect-brk" if session.waits else "--inspect"
    argv = (program.argv[0], f"{flag}={HOST}:{session.port}", *program.argv[1:])
    return replace(program, argv=argv, standby=None)


def debugpy(spec: RunSpec) -> Path:
    """The folder with debugpy in it: the function's own, its interpreter's, or ours."""
    layers = [spec.layers / "python"] if spec.layers is not None else []
    for folder in (spec.code, *layers, *_installed(spec.program.argv[0])):
        if (folder / "debugpy" / "__init__.py").is_file():
            return folder
    raise NoDebugger(
        "There is no debugpy to debug it with. Bring it in the package or a layer, or install it for"
        f" {spec.program.argv[0]}: pip install debugpy."
    )


def _installed(python: str) -> Iterator[Path]:
    said = _ask(python)
    own = util.find_spec("debugpy")
    for origin in (said, own.origin if own is not None else None):
        if origin:
            yield Path(origin).parents[1]


def _ask(python: str) -> str:
    command = [python, "-I", "-c", WHERE]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def listening(port: int) -> bool:
    """Whether somebody listens there; asked of the kernel where it tells, for a debugger takes one client."""
    try:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    except OSError:
        with socket.socket() as client:
            return client.connect_ex((HOST, port)) == 0
    return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in lines)
