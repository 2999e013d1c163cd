"""Which old versions can go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lambdatui.model import Alias, Version


@dataclass(frozen=True, slots=True)
class Cleanup:
    """A plan: what goes, and why the others stay."""

    going: tuple[Version, ...]  # the oldest first
    aliased: tuple[str, ...]  # versions that stay although they are old

    @property
    def freed(self) -> int:
        """Bytes of code storage that are given back."""
        return sum(version.code_size for version in self.going)


def plan(
    versions: Sequence[Version], aliases: Sequence[Alias], keep: int, *, needed: Collection[str] = ()
) -> Cleanup:
    """Keep the newest ``keep`` published versions, and every one that an alias sends traffic to or that
    is ``needed`` for another reason."""
    used = {number for alias in aliases for number, _ in alias.weights} | set(needed)
    published = sorted((v for v in versions if not v.is_latest), key=lambda v: int(v.number))
    old = published[: max(0, len(published) - keep)]
    return Cleanup(
        tuple(version for version in old if version.number not in used),
        tuple(version.number for version in old if version.number in used),
    )
