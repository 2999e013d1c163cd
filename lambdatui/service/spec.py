"""What the user asked to look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lambdatui.model import TargetKind
from lambdatui.model.rules import Rule


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """What the user asked for on the command line."""

    kind: TargetKind
    profile: str | None = None
    region: str | None = None
    endpoint: str | None = None
    data_dir: Path | None = None
    read_only: bool = False
    demo: bool = False
    rules: tuple[Rule, ...] = ()  # what the config says of accounts
