"""Interpreters that were started ahead of time are used once each, and nobody can tell."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import Answer, call, deploy, until
from tests.engine.tiers import needs_tier

NewEngine = Callable[..., EngineProcess]

LOOKS = """
import os, random, sys
SEEN = os.environ.get("MARKED")
def handler(event, context):
    born = open("/proc/self/stat").read().rpartition(")")[2].split()[19]
    return {
        "born": born, "hash": hash("x"), "argv": sys.argv, "modules": sorted(sys.modules),
        "path": sys.path, "environ": dict(os.environ), "cwd": os.getcwd(), "at_import": SEEN,
        "fds": sorted(os.listdir("/proc/self/fd")), "stdin": os.read(0, 1).decode(),
    }
"""


BORN_JS = """
const stat = () => require("fs").readFileSync("/proc/self/stat", "utf8");
exports.handler = async () => stat().split(")").pop().trim().split(" ")[19];
"""
BORN_RB = "def handler(event:, context:) = File.read('/proc/self/stat').rpartition(')')[2].split[19]\n"


def stat(pid: int, field: int) -> str:
    """A field of its stat behind the name, as proc(5) counts from the third."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[field - 3]


def of_engine(engine: EngineProcess) -> dict[str, int]:
    """Every interpreter that waits: its pid, by when it was born, which is the same in all namespaces."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if b"--standby=3" not in Path("/proc", name, "cmdline").read_bytes():
                continue
            above = int(name)
            for _ in range(3):  # the launcher, in strict a warden below it
                above = int(stat(above, 4))
                if above == engine.process.pid:
                    found[stat(int(name), 22)] = int(name)
        except OSError:
            continue
    return found


def is_waiting(pid: int) -> bool:
    try:
        return b"--standby=3" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.fixture(params=["strict", "process"])
def tier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def start(fresh_engine: NewEngine, tier: str) -> EngineProcess:
    engine = fresh_engine("--isolation", tier)
    needs_tier(engine, tier)
    return engine


@pytest.fixture
def engine_with_standbys(fresh_engine: NewEngine, tier: str) -> EngineProcess:
    engine = start(fresh_engine, tier)
    client = engine.client("lambda")
    call(client, deploy(client, LOOKS))
    until(lambda: len(of_engine(engine)) >= 2)
    return engine


def cold(client: Any, **config: Any) -> Answer:
    answer = call(client, deploy(client, LOOKS, Timeout=20, **config))
    assert answer.error is None, answer.body
    assert "Init Duration" in answer.tail
    return answer


def test_a_standby_becomes_the_runtime_and_looks_like_any_other(engine_with_standbys: EngineProcess) -> None:
    client = engine_with_standbys.client("lambda")
    before = of_engine(engine_with_standbys)
    warmed = cold(client, Variables={"MARKED": "yes"}).value
    assert warmed["born"] in before
    fresh = cold(client, Variables={"MARKED": "yes", "PYTHONHASHSEED": "0"}).value
    assert fresh["born"] not in before
    for seen in (warmed, fresh):
        assert seen["at_import"] == "yes"
        assert seen["argv"] == ["/var/runtime/bootstrap.py"]
        assert seen["fds"] == fresh["fds"]
        assert seen["stdin"] == ""
        assert seen["cwd"] == seen["environ"]["LAMBDA_TASK_ROOT"]
        assert seen["path"][0] == seen["cwd"]
    assert set(warmed["environ"]) == set(fresh["environ"]) - {"PYTHONHASHSEED"}
    assert warmed["modules"] == fresh["modules"]


def test_every_environment_has_an_interpreter_of_its_own(engine_with_standbys: EngineProcess) -> None:
    client = engine_with_standbys.client("lambda")
    seen = []
    for _ in range(4):
        until(lambda: len(of_engine(engine_with_standbys)) >= 2)
        seen.append(cold(client).value)
    assert len({one["born"] for one in seen}) == 4
    assert len({one["hash"] for one in seen}) == 4, "hash secrets are not shared"


def test_standbys_that_die_are_replaced_and_harm_nothing(engine_with_standbys: EngineProcess) -> None:
    client = engine_with_standbys.client("lambda")
    killed = of_engine(engine_with_standbys)
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    assert cold(client).value["born"] not in killed
    until(lambda: len(of_engine(engine_with_standbys).keys() - killed.keys()) >= 2)


def test_standbys_end_with_the_engine(engine_with_standbys: EngineProcess) -> None:
    waiting = of_engine(engine_with_standbys).values()
    engine_with_standbys.stop(signal.SIGKILL)
    until(lambda: not any(is_waiting(pid) for pid in waiting))


@pytest.mark.parametrize(("runtime", "program"), [("nodejs20.x", "node"), ("ruby3.4", "ruby")])
def test_other_languages_stand_by_too(fresh_engine: NewEngine, tier: str, runtime: str, program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"needs {program} (Debian: nodejs, ruby)")
    engine = start(fresh_engine, tier)
    client = engine.client("lambda")
    files = {
        "app.js": BORN_JS,
        "app.rb": BORN_RB,
    }
    handler = "app.handler"
    first = call(client, deploy(client, files, Runtime=runtime, Handler=handler, Timeout=20))
    assert first.error is None, first.body
    until(lambda: len(of_engine(engine)) >= 2)
    waiting = of_engine(engine)
    again = call(client, deploy(client, files, Runtime=runtime, Handler=handler, Timeout=20))
    assert again.value in waiting
