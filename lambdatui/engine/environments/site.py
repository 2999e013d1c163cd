"""What environments have in common, and who they deal with."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lambdatui.engine.environments.invocation import InvokeRequest
from lambdatui.engine.environments.isolation.freezing import Freezer
from lambdatui.engine.environments.isolation.rooms import Room
from lambdatui.engine.environments.launching import Launcher
from lambdatui.engine.environments.ledger import Ledger
from lambdatui.engine.environments.memory import MemoryWatch
from lambdatui.engine.environments.spec import Command, RunSpec
from lambdatui.engine.environments.standby import Standbys
from lambdatui.engine.environments.transcript import Lines
from lambdatui.engine.faults import Faults

SESSION_SHARE = 0.9

if TYPE_CHECKING:
    from lambdatui.engine.environments.environment import Environment


class State(enum.Enum):
    """What an environment does, as the engine's status names it."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    ENDED = "ended"


class Tier(Protocol):
    """How processes are walled in."""

    name: str

    def room(self) -> Room | None:
        """What a new environment has to itself of the machine, if it has."""

    def command(self, spec: RunSpec, environment: Environment) -> Command:
        """The program to start for an environment, with everything it may see."""

    def extension(self, spec: RunSpec, environment: Environment, name: str) -> Command:
        """The program of an extension, to be started beside it."""

    def shell(self, spec: RunSpec, environment: Environment, extension: Command) -> Command | None:
        """What makes the place in which an extension and others run, if there is such a place."""


class Owner(Protocol):
    """Who keeps environments."""

    def initialised(self, environment: Environment) -> None:
        """Its INIT is over, well or badly."""

    def idle(self, environment: Environment) -> None:
        """It can take an invocation."""

    def worn(self, environment: Environment) -> None:
        """Its keys are soon good for nothing."""


def _unheard(spec: RunSpec, invocation: InvokeRequest, milliseconds: float) -> None:
    """Nobody asks."""


@dataclass(slots=True)
class Site:
    """What all environments of an engine share."""

    launcher: Launcher
    tier: Tier
    watch: MemoryWatch
    standbys: Standbys
    lines: Lines
    folder: Path
    images: Tier | None = None
    """How functions of package type Image run."""
    freezer: Freezer | None = None
    """Stops environments between invocations, unless their background work may go on."""
    faults: Faults = field(default_factory=Faults)
    ledger: Ledger = field(default_factory=Ledger)
    session_s: float = 12 * 3600.0
    """Seconds that the keys are good which an environment gets when it starts."""
    lingered: Callable[[RunSpec, InvokeRequest, float], None] = _unheard
    """Hears how many milliseconds extensions went on after the runtime had answered."""
    leaving: set[asyncio.Task[None]] = field(default_factory=set)
    """Environments whose extensions are having their last moments."""

    def fresh_s(self, spec: RunSpec) -> float:
        """So long an environment may begin invocations, each of which may take its whole timeout."""
        return max(self.session_s / 2, SESSION_SHARE * self.session_s - spec.timeout_s)

    def tier_of(self, spec: RunSpec) -> Tier:
        """What walls a function in."""
        return self.images if spec.image is not None and self.images is not None else self.tier
