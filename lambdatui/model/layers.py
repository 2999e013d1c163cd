"""Layers of an account: their versions, and who uses them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lambdatui.model.attachments import Statement


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One version of a layer."""

    arn: str
    name: str
    number: int
    own: bool = True
    """False: another account's, known only because functions use it."""
    newest: bool = False
    published: datetime | None = None
    size: int | None = None
    """Of the zip; None: not known yet."""
    description: str = ""
    runtimes: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    license: str = ""
    users: tuple[str, ...] = ()
    """Functions whose $LATEST has it, and published versions as ``name:number``."""

    @property
    def unused(self) -> bool:
        return not self.users


@dataclass(frozen=True, slots=True)
class LayersView:
    """All layer versions, by name, the newest of each first."""

    stamp: str
    versions: tuple[LayerVersion, ...]

    @property
    def unused(self) -> int:
        """How many versions no function has."""
        return sum(one.unused for one in self.versions)

    @property
    def size(self) -> int:
        """Of all own versions whose size is known."""
        return sum(one.size or 0 for one in self.versions if one.own)

    @property
    def names(self) -> int:
        """How many layers they are versions of."""
        return len({one.arn.rpartition(":")[0] for one in self.versions})


@dataclass(frozen=True, slots=True)
class LayerPolicy:
    """Who else may use a version."""

    arn: str
    statements: tuple[Statement, ...]
