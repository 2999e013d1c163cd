"""/tmp outside the strict tier: a folder like any other, whose size is kept by looking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, log_lines, until
from tests.engine.tiers import engine_in, table

FILLS = """
import os, tempfile, time
def handler(event, context):
    place = tempfile.gettempdir()
    before = sorted(os.listdir(place))
    os.makedirs(place + "/deep/er", exist_ok=True)
    for number in range(event["mb"] // 4):
        with open(f"{place}/deep/er/{number}", "wb") as out:
            out.write(b"x" * (4 << 20))
    time.sleep(event.get("s", 0))
    return before
"""


@pytest.fixture(scope="module", params=["process", "landlock"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineProcess]:
    with engine_in(request.param, tmp_path_factory.mktemp("scratch")) as running:
        yield running


def test_who_fills_it_is_ended_and_the_log_says_why(engine: EngineProcess) -> None:
    client: Any = engine.client("lambda")
    name = deploy(client, FILLS, Timeout=30, MemorySize=512)
    assert call(client, name, {"mb": 400, "s": 1}).value == [], "what fits does no harm"
    answer = call(client, name, {"mb": 700, "s": 20})
    assert answer.value == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {answer.request_id} Error: Runtime exited with error: signal: killed",
    }
    assert " of 512 MB: the function was ended." in answer.tail
    assert call(client, name, {"mb": 4}).value == [], "the next environment has a /tmp of its own"
    until(lambda: any("/tmp holds" in line for line in log_lines(engine.client("logs"), name)))


def test_a_larger_one_holds_more(engine: EngineProcess) -> None:
    client: Any = engine.client("lambda")
    name = deploy(client, FILLS, Timeout=30, MemorySize=512, EphemeralStorage={"Size": 1024})
    assert call(client, name, {"mb": 700, "s": 1}).error is None


def test_it_is_said_how_far_this_holds(engine: EngineProcess) -> None:
    assert table(engine)["/tmp"] == "partly held"
