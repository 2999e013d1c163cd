"""What an environment has to know about the function it runs; nothing of the API or the store is in it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEBUGGER_MB = 256

Listener = Callable[[socket.socket], Callable[[], None]]
"""Takes a listening socket, and answers with what ends it."""


@dataclass(frozen=True, slots=True)
class Program:
    """What runs a runtime identifier on this machine."""

    argv: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    """What this runtime adds to the environment, as on Lambda; the function's own variables win."""
    standby: tuple[str, ...] | None = None
    """The same program started ahead of time: it waits on descriptor 3 for `env`, `cwd` and `more`."""
    more: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[Path, ...] = ()
    """What it has to see of this machine besides."""
    problem: tuple[str, str] | None = None
    """Type and message of the error that every start ends in: there is nothing to run."""
    notice: str | None = None
    """A sentence for the function's log if this is not quite what was asked for."""


@dataclass(frozen=True, slots=True)
class Image:
    """An unpacked image, and what runs of it."""

    root: Path
    argv: tuple[str, ...]
    variables: Mapping[str, str]
    cwd: str


@dataclass(frozen=True, eq=False)
class RunSpec:
    """One version of one function, ready to run. Two specs are the same only if they are one object."""

    account: str
    region: str
    name: str
    version: str
    runtime: str
    handler: str
    memory_mb: int
    timeout_s: int
    code: Path
    """The unpacked code, read-only."""
    role: str
    program: Program
    environment: Mapping[str, str] = field(default_factory=dict)
    layers: Path | None = None
    """What stands in /opt: the layers, merged."""
    extensions: Mapping[str, Path] = field(default_factory=dict)
    """The names in /opt/extensions, and where on this machine their programs lie."""
    log_group: str = ""
    log_json: bool = False
    log_level: str | None = None
    system_log_level: str | None = None
    storage_mb: int = 512
    tenant_isolation: bool = False
    no_network: bool = False
    """It reaches the engine and nothing else."""
    image: Image | None = None
    """What it runs in if that is a container."""
    debug_port: int | None = None
    """Where a debugger finds it; its clock stands still then."""

    @property
    def most_mb(self) -> int:
        """What it may hold before it is ended; a debugger needs some for itself."""
        return self.memory_mb + (DEBUGGER_MB if self.debug_port is not None else 0)

    @property
    def arn(self) -> str:
        """The function's ARN, without qualifier."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"


@dataclass(frozen=True, slots=True)
class Command:
    """A program to start: everything the launcher needs."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    open_files: int = 1024
    more: Mapping[str, str] = field(default_factory=dict)
    """What a standby is told beside variables and folder."""
    room: Mapping[str, Any] | None = None
    """What the launcher builds around it in the strict tier."""
    rules: Mapping[str, Any] | None = None
    """What it may read and write in the landlock tier."""
    nest: bool = False
    """What counts is what it starts, a container or a program in one: signals go there."""
    listeners: tuple[Listener, ...] = ()
    """Who serves the ports of a room without a network, in their order."""
