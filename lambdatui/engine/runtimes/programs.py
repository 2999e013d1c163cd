"""The command that runs a function, once the interpreter of its runtime is found."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path

from lambdatui.engine.environments.spec import Program
from lambdatui.engine.environments.standby import fresh_start_needed
from lambdatui.engine.runtimes.catalog import RUNTIMES, Runtime
from lambdatui.engine.runtimes.interpreters import Found, Missing, find

CLIENTS = Path(__file__).parent / "clients"
# What `import boto3` needs, found behind code and layers; never the rest of the engine's own packages.
BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")


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

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Lay out what runtimes need; our Python client is copied so that any Python may compile it there."""
        shutil.copytree(
            CLIENTS / "python", self._folder / "clients", ignore=shutil.ignore_patterns("__pycache__")
        )
        packages = self._folder / "python"
        packages.mkdir()
        for name in BOTO3:
            _link_module(name, packages)

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
        packages = str(self._folder / "python")
        variables = {"LC_CTYPE": "C.UTF-8", "PYTHONPATH": packages, "LAMBDA_RUNTIME_DIR": packages}
        standby = (str(found.executable), "-I", "-S", client, "--standby=3")
        return Program(
            argv, variables, _ahead(wanted, standby), {"opt": str(wanted.layers or "")}, notice=found.notice
        )

    def node(self, wanted: Wanted, found: Found, runtime: Runtime) -> Program:
        argv = (str(found.executable), str(CLIENTS / "node" / "bootstrap.js"))
        standby = _ahead(wanted, (*argv, "--standby=3"))
        return Program(argv, _search_paths(runtime, wanted), standby, notice=found.notice)

    def ruby(self, wanted: Wanted, found: Found, runtime: Runtime) -> Program:
        argv = (str(found.executable), "--disable-gems", str(CLIENTS / "ruby" / "bootstrap.rb"))
        standby = _ahead(wanted, (*argv, "--standby=3"))
        return Program(argv, _search_paths(runtime, wanted), standby, notice=found.notice)

    def provided(self, wanted: Wanted, found: Found, runtime: Runtime) -> Program:
        """`bootstrap` in the code or a layer."""
        places = [folder / found.executable for folder in (wanted.code, wanted.layers) if folder is not None]
        present = next((place for place in places if os.access(place, os.X_OK)), None)
        if present is not None:
            return Program((str(present),))
        message = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
        return Program((), problem=("Runtime.InvalidEntrypoint", message))

    def go(self, wanted: Wanted, found: Found, runtime: Runtime) -> Program:
        return Program((str(wanted.code / wanted.handler),), notice=found.notice)


_MAKERS: Mapping[str, Callable[[Programs, Wanted, Found, Runtime], Program]] = {
    "python": Programs.python,
    "nodejs": Programs.node,
    "ruby": Programs.ruby,
    "provided": Programs.provided,
    "go": Programs.go,
}


def _ahead(wanted: Wanted, argv: tuple[str, ...]) -> tuple[str, ...] | None:
    """The program to start ahead of time, unless the function needs one that starts for it alone."""
    libraries = [folder / "lib" for folder in (wanted.code, wanted.layers) if folder is not None]
    if fresh_start_needed(wanted.environment) or any(folder.is_dir() for folder in libraries):
        return None  # LD_LIBRARY_PATH is read when a process starts
    return argv


def _search_paths(runtime: Runtime, wanted: Wanted) -> dict[str, str]:
    layers = (str(wanted.layers),) if wanted.layers else ("/opt",)
    return runtime.search_paths(task_root=str(wanted.code), layers=layers)


def _link_module(name: str, folder: Path) -> None:
    """A link to an importable package or module, wherever the engine has it."""
    spec = util.find_spec(name)
    if spec is None or spec.origin is None:
        return
    origin = Path(spec.origin)
    source = origin.parent if origin.name == "__init__.py" else origin
    (folder / source.name).symlink_to(source)
