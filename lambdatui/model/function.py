"""Functions, their versions and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

LATEST = "$LATEST"


class FunctionState(StrEnum):
    """Lambda's states of a function; UNKNOWN until somebody asked (lists leave it out)."""

    UNKNOWN = ""
    PENDING = "Pending"
    ACTIVE = "Active"
    INACTIVE = "Inactive"
    FAILED = "Failed"
    DEACTIVATING = "Deactivating"
    DEACTIVATED = "Deactivated"
    ACTIVE_NON_INVOCABLE = "ActiveNonInvocable"
    DELETING = "Deleting"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer version as a function uses it."""

    arn: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """The settings of one version of a function; ``$LATEST`` is the one that can change."""

    function: str
    number: str
    arn: str
    description: str
    modified: datetime
    code_sha256: str
    code_size: int
    memory_mb: int
    timeout_s: int
    role: str
    runtime: str | None = None  # None for images
    handler: str | None = None
    package_type: str = "Zip"
    architectures: tuple[str, ...] = ("x86_64",)
    ephemeral_mb: int = 512
    environment: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()
    log_group: str = ""
    revision_id: str = ""
    state: FunctionState = FunctionState.UNKNOWN
    state_reason: str = ""
    last_update: str = ""  # Successful | InProgress | Failed
    last_update_reason: str = ""

    @property
    def is_latest(self) -> bool:
        return self.number == LATEST


@dataclass(frozen=True, slots=True)
class Function:
    """A function: its ``$LATEST`` settings and what belongs to the function as a whole."""

    latest: Version
    tags: Mapping[str, str] = field(default_factory=dict)
    reserved_concurrency: int | None = None

    @property
    def name(self) -> str:
        return self.latest.function

    @property
    def arn(self) -> str:
        return self.latest.arn


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for one version, or for two that share the traffic."""

    function: str
    name: str
    arn: str
    version: str
    description: str = ""
    revision_id: str = ""
    routing: Mapping[str, float] = field(default_factory=dict)  # the other version's share, 0..1

    @property
    def weights(self) -> tuple[tuple[str, float], ...]:
        """Every version the alias sends traffic to with its share, the main one first."""
        others = tuple(self.routing.items())
        return ((self.version, 1.0 - sum(self.routing.values())), *others)


@dataclass(frozen=True, slots=True)
class Account:
    """Limits and use of an account in one region."""

    concurrency_limit: int
    unreserved_concurrency: int
    code_size_limit: int
    code_size: int
    function_count: int
