"""An engine on a manual clock for the tests of event sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.sources.feeding import Feed

MANUAL = ("--settle", "0", "--clock", "manual", "--isolation", "process")


@pytest.fixture(scope="session")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    engine = EngineProcess(tmp_path_factory.mktemp("sources") / "data", *MANUAL)
    try:
        yield engine
    finally:
        engine.stop()


@pytest.fixture
def make_feed(manual: EngineProcess, tmp_path: Path) -> Iterator[Callable[..., Feed]]:
    """Makes functions of one's own; their mappings end with the test."""
    made: list[Feed] = []

    def make(**config: Any) -> Feed:
        made.append(Feed(manual, tmp_path, **config))
        return made[-1]

    yield make
    for feed in made:
        feed.release()
        for mapping in feed.client.list_event_source_mappings(FunctionName=feed.name)["EventSourceMappings"]:
            feed.client.delete_event_source_mapping(UUID=mapping["UUID"])


@pytest.fixture
def feed(make_feed: Callable[..., Feed]) -> Feed:
    return make_feed()
