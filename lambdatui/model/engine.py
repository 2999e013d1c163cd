"""The local engine as it describes itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """Figures of a running engine, at one moment."""

    version: str
    pid: int
    account: str
    tier: str  # how environments are isolated: strict, landlock, process
    uptime_s: float
    functions: int
    warm: int  # environments waiting for work
    busy: int  # environments at work
    queue: int  # asynchronous events accepted and not finished
    clock: str = "real"  # real, x60, manual


@dataclass(frozen=True, slots=True)
class DebugSession:
    """A function under a debugger, and where the debugger finds it."""

    function: str
    account: str
    region: str
    debugger: str  # debugpy, node --inspect
    host: str
    port: int
    root: str  # where its code lies, as the function sees it
