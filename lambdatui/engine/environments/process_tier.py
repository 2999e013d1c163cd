"""The `process` tier: a session, a /tmp and an environment of its own, and nothing else in the way.

It works everywhere. What it does not hold is said in `isolation.tiers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from lambdatui.engine.environments.environment import Environment
from lambdatui.engine.environments.isolation.rooms import Room
from lambdatui.engine.environments.spec import Command, Program, RunSpec

TASK, OPT = "/var/task", "/opt"

WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"
UNWRAPPED = ("provided", "go1.x")  # a bootstrap of one's own has to run wrappers itself
UNKNOWN_TO_EXTENSIONS = frozenset(
    (
        *("AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
        *("AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_ADDRESS"),
        *("_AWS_XRAY_DAEMON_PORT", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "_HANDLER", "PWD"),
    )
)

_LIBRARIES = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib"
# Lists of paths in which a function may name its own folders by the places they have on Lambda.
_PATHS = (
    "PATH",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "NODE_PATH",
    "GEM_PATH",
    "RUBYLIB",
    WRAPPER,
)


class SessionKeys(Protocol):
    """What a handler signs its requests with."""

    @property
    def access_key(self) -> str: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def token(self) -> str: ...


Session = Callable[[str, str, str, str], SessionKeys]
"""Keys for account, role, session name and environment."""


class ProcessTier:
    """Makes commands that run on the bare machine."""

    name = "process"
    ahead = True
    """Whether programs can be started before it is known what they will run."""

    def __init__(self, session: Session, endpoint: Callable[[], str]) -> None:
        self._session = session
        self._endpoint = endpoint

    def command(self, spec: RunSpec, environment: Environment) -> Command:
        """The function's program in its folder, with a clean environment."""
        variables = {**defaults(spec), **spec.program.variables, **spec.environment}
        for name in _PATHS:
            if name in variables:
                variables[name] = relocate(variables[name], spec)
        variables.update(self._fixed(spec, environment))
        argv = spec.program.argv
        wrapper = variables.get(WRAPPER)
        if wrapper and not spec.runtime.startswith(UNWRAPPED):
            argv = (wrapper, *argv)
        return Command(argv, variables, spec.code, more=spec.program.more)

    def extension(self, spec: RunSpec, environment: Environment, name: str) -> Command:
        """A program of a layer, beside the runtime: it knows less than that."""
        program = Program((str(spec.extensions[name]),))
        command = self.command(replace(unwrapped(spec), program=program), environment)
        return replace(command, env=known_to_extensions(command.env), cwd=Path("/"))

    def shell(self, spec: RunSpec, environment: Environment, extension: Command) -> Command | None:
        """Programs run side by side without more."""
        return None

    def room(self) -> Room | None:
        """Environments have no rooms of their own."""
        return None

    def standby(self, command: Command, room: Room | None) -> Command:
        """What is started ahead of time needs nothing more."""
        return command

    def _fixed(self, spec: RunSpec, environment: Environment) -> Mapping[str, str]:
        """What no function can change."""
        keys = self._session(spec.account, spec.role, spec.name, environment.id)
        scratch = environment.folder / "tmp"
        fixed = {
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_SESSION_TOKEN": keys.token,
            "AWS_REGION": spec.region,
            "AWS_DEFAULT_REGION": spec.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": spec.name,
            "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": environment.initialization,
            "AWS_LAMBDA_LOG_GROUP_NAME": spec.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": environment.stream,
            "AWS_LAMBDA_RUNTIME_API": environment.api.address,
            "LAMBDA_TASK_ROOT": str(spec.code),
            "_HANDLER": spec.handler,
            # Nothing of the user's own: no profile, no credentials file, no instance role.
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "PWD": str(spec.code),
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if "AWS_ENDPOINT_URL" not in spec.environment:
            fixed["AWS_ENDPOINT_URL"] = self._endpoint()
        if spec.log_json:
            fixed["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
            if spec.log_level:
                fixed["AWS_LAMBDA_LOG_LEVEL"] = spec.log_level
        return fixed


def unwrapped(spec: RunSpec) -> RunSpec:
    """The same without a script that the runtime is started by."""
    variables = {name: value for name, value in spec.environment.items() if name != WRAPPER}
    return replace(spec, environment=variables)


def known_to_extensions(variables: Mapping[str, str]) -> dict[str, str]:
    """What an extension sees of a runtime's variables."""
    return {name: value for name, value in variables.items() if name not in UNKNOWN_TO_EXTENSIONS}


def defaults(spec: RunSpec) -> dict[str, str]:
    """What Lambda sets and a function may replace."""
    task, opt = str(spec.code), str(spec.layers or OPT)
    return {
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
        "_AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1",
        "_AWS_XRAY_DAEMON_PORT": "2000",
        "LANG": "en_US.UTF-8",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LD_LIBRARY_PATH": f"{_LIBRARIES}:{task}:{task}/lib:{opt}/lib",
        "PATH": f"/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:{opt}/bin",
        "SHLVL": "0",
        "TZ": ":UTC",
    }


def relocate(paths: str, spec: RunSpec) -> str:
    """A list of paths with the folders of Lambda replaced by where they are here."""
    return ":".join(_relocated(path, spec) for path in paths.split(":"))


def _relocated(path: str, spec: RunSpec) -> str:
    places: list[tuple[str, Path | None]] = [(TASK, spec.code), (OPT, spec.layers)]
    for place, real in places:
        if real is not None and (path == place or path.startswith(f"{place}/")):
            return f"{real}{path[len(place) :]}"
    return path
