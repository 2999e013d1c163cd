"""The command that runs a function, once the interpreter of its runtime is found."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lambdatui.engine.environments.isolation.scripts import interpreted
from lambdatui.engine.environments.spec import Command, Program
from lambdatui.engine.environments.standby import fresh_start_needed
from lambdatui.engine.runtimes import brought
from lambdatui.engine.runtimes.catalog import RUNTIMES, Runtime
from lambdatui.engine.runtimes.interpreters import Found, Missing, find
from lambdatui.engine.runtimes.packages import Packages

CLIENTS = Path(__file__).parent / "clients"
RUNTIME = "/var/runtime"


class NoProgram(Exception):  # noqa: N818 - read as a sentence
    """Nothing on this machine runs the runtime; the text says what would."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The function that is to be run."""

    runtime: str
    handler: str
    code: Path
    layers: Path | None
    environment: Mapping[str, str]


class Programs:
    """Answers with the program for a function; its folder holds what runtimes find in /var/runtime."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.blank: Callable[[str], tuple[str, ...] | None] = lambda interpreter: None
        """What waits to become a program that cannot wait itself, if the tier has that; by what runs it."""
        self._folder = folder
        self._packages = Packages(cache)

    def prepare(self) -> None:
        """Lay out what runtimes need; our Python client is copied so that any Python may compile it there."""
        shutil.copytree(
            CLIENTS / "python", self._folder / "clients", ignore=shutil.ignore_patterns("__pycache__")
        )
        self._packages.lay_out()

    def compiling(self, program: Program) -> Command | None:
        """What should run beside a function's first start, so that later ones are quicker."""
        if "PYTHONPATH" not in program.variables:
            return None
        return self._packages.compiling(program.argv[0])

    @property
    def places(self) -> list[tuple[Path, str]]:
        """What runtimes need of us, and where its contents stand on Lambda; the Python client first."""
        ours = [(self._folder / "clients", RUNTIME), (self._packages.folder, RUNTIME)]
        return ours + [(CLIENTS / name, f"{RUNTIME}/{name}") for name in ("node", "ruby")]

    @property
    def linked(self) -> list[Path]:
        """What links in those places lead to."""
        return self._packages.sources

    def choose(self, wanted: Wanted) -> Program:
        """The program for a function. It may ask interpreters for their version: call it from a thread."""
        found = find(wanted.runtime)
        if isinstance(found, Missing):
            raise NoProgram(f"{found.reason} {found.install}")
        runtime = RUNTIMES[wanted.runtime]
        make = _MAKERS.get(runtime.family.name)
        if make is None:
            raise NoProgram(f"This engine does not run {runtime.family.language} functions.")
        return make(self, wanted, found, runtime)

    def python(self, wanted: Wanted, found: Found, runtime: Runtime) -> Program:
        # Isolated from variables, unless the function itself sets some that Python reads when it starts.
        own = any(name.startswith("PYTHON") and name != "PYTHONPATH" for name in wanted.environment)
        flags = ("-S", "-s") if own else ("-I", "-S")
        client = str(self._folder / "clients" / "bootstrap.py")
        argv = (str(found.executable), *flags, client, str(wanted.layers or ""))
        variables = {"LC_CTYPE": "C.UTF-8"}
        notice = found.notice
        if tuple(map(int, found.version.split("."))) >= self._packages.oldest():
            packages = str(self._packages.folder)
            variables |= {"PYTHONPATH": packages, "LAMBDA_RUNTIME_DIR": packages}
        else:
            lacks = (
                f"The boto3 of this machine does not run on Python {found.version}: bring one in the package."
            )
            notice = f"{notice} {lacks}" if notice else lacks
        standby = (str(found.executable), "-I", "-S", client, "--standby=3")
        return Program(
            argv,
            variables,
            self._ahead(wanted, argv, standby),
            {"opt": str(wanted.layers or "")},
            notice=notice,
        )

    def node(self, wanted: Wanted, found: Found, runtime: Runtime) -> Program:
        argv = (str(found.executable), str(CLIENTS / "node" / "bootstrap.js"))
        standby = self._ahead(wanted, argv, (*argv, "--standby=3"))
        return Program(argv, _search_paths(runtime, wanted), standby, notice=found.notice)

    def ruby(self, wanted: Wanted, found: Found, runtime: Runtime) -> Program:
        argv = (str(found.executable), "--disable-gems", str(CLIENTS / "ruby" / "bootstrap.rb"))
        standby = self._ahead(wanted, argv, (*argv, "--standby=3"))
        return Program(argv, _search_paths(runtime, wanted), standby, notice=found.notice)

    def provided(self, wanted: Wanted, found: Found, runtime: Runtime) -> Program:
        """`bootstrap` in the code or a layer."""
        places = [folder / found.executable for folder in (wanted.code, wanted.layers) if folder is not None]
        present = next((place for place in places if os.access(place, os.X_OK)), None)
        if present is not None:
            argv = (str(present),)
            interpreter = interpreted(argv)[0]
            return Program(argv, standby=self.blank(interpreter if interpreter != argv[0] else ""))
        message = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
        return Program((), problem=("Runtime.InvalidEntrypoint", message))

    def _ahead(
        self, wanted: Wanted, argv: tuple[str, ...], standby: tuple[str, ...]
    ) -> tuple[str, ...] | None:
        """What to start ahead of time: the interpreter, unless the function needs one that starts for it."""
        libraries = [folder / "lib" for folder in (wanted.code, wanted.layers) if folder is not None]
        if fresh_start_needed(wanted.environment) or any(folder.is_dir() for folder in libraries):
            return self.blank(argv[0])  # LD_LIBRARY_PATH is read when a process starts
        return standby

    def java(self, wanted: Wanted, found: Found, runtime: Runtime) -> Program:
        """The runtime client that the package brings, on a JVM."""
        variables = brought.java(wanted.code, wanted.layers)
        if variables is None:
            raise NoProgram(found.notice or "")
        return Program((str(found.executable), *brought.LEAN, brought.JAVA_CLIENT, wanted.handler), variables)

    def dotnet(self, wanted: Wanted, found: Found, runtime: Runtime) -> Program:
        """The runtime client that the package brings, on .NET."""
        command = brought.dotnet(wanted.code, wanted.handler)
        if command is None:
            raise NoProgram(found.notice or "")
        return Program((str(found.executable), *command), {"DOTNET_CLI_TELEMETRY_OPTOUT": "1"})

    def go(self, wanted: Wanted, found: Found, runtime: Runtime) -> Program:
        return Program((str(wanted.code / wanted.handler),), notice=found.notice)


_MAKERS: Mapping[str, Callable[[Programs, Wanted, Found, Runtime], Program]] = {
    "python": Programs.python,
    "nodejs": Programs.node,
    "ruby": Programs.ruby,
    "provided": Programs.provided,
    "go": Programs.go,
    "java": Programs.java,
    "dotnet": Programs.dotnet,
}


def _search_paths(runtime: Runtime, wanted: Wanted) -> dict[str, str]:
    layers = (str(wanted.layers),) if wanted.layers else ("/opt",)
    return runtime.search_paths(task_root=str(wanted.code), layers=layers)
