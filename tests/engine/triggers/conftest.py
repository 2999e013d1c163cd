"""What the tests of callers share."""

from __future__ import annotations

import os

import pytest

from tests.conftest import EngineProcess
from tests.engine.triggers.callee import Function


@pytest.fixture
def function(engine: EngineProcess) -> Function:
    """A function that logs what it is given."""
    return Function(engine)


@pytest.fixture
def bucket(engine: EngineProcess) -> str:
    """An empty bucket."""
    name = f"b-{os.urandom(6).hex()}"
    engine.client("s3").create_bucket(Bucket=name)
    return name
