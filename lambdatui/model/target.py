"""What a dashboard looks at: an engine on this machine, or one account and region of AWS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lambdatui.model.rules import NO_RULE, Rule


class TargetKind(StrEnum):
    """Whose Lambda it is: that of the engine on this machine, or AWS's."""

    LOCAL = "local"
    AWS = "aws"


class Capability(StrEnum):
    """What only some targets can do, beside AWS's own API."""

    STATUS = "status"  # the engine's own figures
    ENVIRONMENTS = "environments"
    QUEUE = "queue"
    CLOCK = "clock"
    FAULTS = "faults"
    NEIGHBOURS = "neighbours"  # services beside Lambda, at the same endpoint
    SOURCES = "sources"  # event source mappings at work


@dataclass(frozen=True, slots=True)
class Target:
    """A target that answered: who and where we are."""

    kind: TargetKind
    region: str
    account: str
    identity: str  # ARN of the caller
    profile: str | None = None
    endpoint: str | None = None  # None: AWS's own
    read_only: bool = False
    expires: datetime | None = None
    rule: Rule = NO_RULE  # what the config says of this account
    capabilities: frozenset[Capability] = frozenset()

    @property
    def name(self) -> str:
        """Short name for the header."""
        if self.kind is TargetKind.LOCAL:
            return f"engine :{self.endpoint.rsplit(':', 1)[-1]}" if self.endpoint else "engine"
        return self.profile or "default"

    def can(self, capability: Capability) -> bool:
        return capability in self.capabilities
