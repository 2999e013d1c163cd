"""Clients of the engine that a module of tests asks for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import EngineProcess


@pytest.fixture(scope="module")
def client(engine: EngineProcess) -> Any:
    """Lambda."""
    return engine.client("lambda")


@pytest.fixture(scope="module")
def logs(engine: EngineProcess) -> Any:
    """CloudWatch Logs."""
    return engine.client("logs")
