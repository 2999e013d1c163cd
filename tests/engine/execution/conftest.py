"""Most of it is true in every tier, and is tried at both ends of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import EngineProcess


@pytest.fixture(scope="module")
def client(tiered_engine: EngineProcess) -> Any:
    return tiered_engine.client("lambda")
