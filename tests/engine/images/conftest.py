"""Engines that run images; as whoever runs the tests and as an ordinary user."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdatui.engine.environments.images import oci
from tests.conftest import EngineProcess
from tests.engine.isolation.strictly import Strict


@pytest.fixture(scope="module", params=["self", "nobody"])
def place(request: pytest.FixtureRequest) -> Iterator[Strict]:
    runtime, trouble = oci.find()
    if not runtime:
        pytest.skip(f"{trouble} (Debian: runc)")
    made = Strict(request.param)
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine(place: Strict) -> EngineProcess:
    return place.start()


@pytest.fixture
def folder(place: Strict) -> Path:
    made = place.home / uuid.uuid4().hex
    made.mkdir()
    return made
