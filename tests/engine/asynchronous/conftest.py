"""Engines on a manual clock for the tests of asynchronous events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import EngineProcess
from tests.engine.asynchronous.sending import Async
from tests.engine.own import OwnApi


@pytest.fixture(scope="session")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """An engine whose clock moves only when it is told to; new functions are Active when time has passed."""
    engine = EngineProcess(
        tmp_path_factory.mktemp("queue") / "data",
        "--settle",
        "0",
        "--clock",
        "manual",
        "--isolation",
        "process",
    )
    try:
        yield engine
    finally:
        engine.stop()


@pytest.fixture
def world(manual: EngineProcess, tmp_path: Path) -> Iterator[Async]:
    yield Async(manual, tmp_path)
    own = OwnApi(manual)
    own("DELETE", "faults")
    own("DELETE", "pauses")
    for delivery in own.deliveries():
        own("DELETE", f"deliveries/{delivery['id']}")
    own.settle()
    for state in ("waiting", "failed"):
        for event in own.events(state, limit=1000):
            own("DELETE", f"queue/{event['id']}")
