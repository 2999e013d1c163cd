"""What an engine says of the tier that its functions run in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.own import OwnApi


def isolation(engine: EngineProcess) -> dict[str, Any]:
    """All tiers, the one that was chosen, and what each holds."""
    return dict(OwnApi(engine)("GET", "status")["isolation"])


def needs_tier(engine: EngineProcess, tier: str) -> None:
    """Skip what cannot be tried here, with the reason that the engine gives."""
    said = isolation(engine)
    if said["chosen"] != tier:
        reasons = {one["name"]: one["reason"] for one in said["tiers"]}
        pytest.skip(f"no tier {tier} here: {reasons[tier]}")


@contextmanager
def engine_in(tier: str, folder: Path) -> Iterator[EngineProcess]:
    """An engine whose functions run in that tier, as long as it is needed."""
    running = EngineProcess(folder / "data", "--isolation", tier)
    try:
        needs_tier(running, tier)
        yield running
    finally:
        running.stop()


def table(engine: EngineProcess) -> dict[str, str]:
    """How far the chosen tier holds what, by its name."""
    said = isolation(engine)
    rows = next(one["holds"] for one in said["tiers"] if one["name"] == said["chosen"])
    return {row["what"]: row["held"] for row in rows}
