"""What most of these tests begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import EngineProcess
from tests.engine.isolation.strictly import Strict


@pytest.fixture(scope="module", params=["self", "nobody"])
def strict(request: pytest.FixtureRequest) -> Iterator[Strict]:
    made = Strict(request.param)
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine(strict: Strict) -> EngineProcess:
    return strict.start()
