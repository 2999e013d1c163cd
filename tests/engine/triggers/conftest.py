"""What the tests of callers share."""

from __future__ import annotations

import pytest

from tests.conftest import EngineProcess
from tests.engine.triggers.callee import Function


@pytest.fixture
def function(engine: EngineProcess) -> Function:
    """A function that logs what it is given."""
    return Function(engine)
