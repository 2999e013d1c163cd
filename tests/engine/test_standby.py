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

NewEngine = Callable[..., EngineProcess]

LOOKS = """
import os, random, sys
SEEN = os.environ.get("MARKED")
def handler(event, context):
    return {
        "pid": os.getpid(), "hash": hash("x"), "argv": sys.argv, "modules": sorted(sys.modules),
        "path": sys.path, "environ": dict(os.environ), "cwd": os.getcwd(), "at_import": SEEN,
        "fds": sorted(os.listdir("/proc/self/fd")), "stdin": os.read(0, 1).decode(),
    }
"""


def standing_by() -> dict[int, bytes]:
    """Every interpreter that waits, and the Runtime API it was started with."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if b"--standby=3" in Path("/proc", name, "cmdline").read_bytes():
                found[int(name)] = Path("/proc", name, "environ").read_bytes()
        except OSError:
            continue
    return found


def of_engine(engine: EngineProcess) -> set[int]:
    def parent(pid: int) -> int:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])

    found = set()
    for pid in standing_by():
        try:
            if parent(parent(pid)) == engine.process.pid:
                found.add(pid)
        except OSError:
            continue
    return found


@pytest.fixture
def engine_with_standbys(fresh_engine: NewEngine) -> EngineProcess:
    engine = fresh_engine()
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
    assert warmed["pid"] in before
    fresh = cold(client, Variables={"MARKED": "yes", "PYTHONHASHSEED": "0"}).value
    assert fresh["pid"] not in before
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
    assert len({one["pid"] for one in seen}) == 4
    assert len({one["hash"] for one in seen}) == 4, "hash secrets are not shared"


def test_standbys_that_die_are_replaced_and_harm_nothing(engine_with_standbys: EngineProcess) -> None:
    client = engine_with_standbys.client("lambda")
    killed = of_engine(engine_with_standbys)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert cold(client).value["pid"] not in killed
    until(lambda: len(of_engine(engine_with_standbys) - killed) >= 2)


def test_standbys_end_with_the_engine(engine_with_standbys: EngineProcess) -> None:
    waiting = of_engine(engine_with_standbys)
    engine_with_standbys.stop(signal.SIGKILL)
    until(lambda: not waiting & standing_by().keys(), 5)


@pytest.mark.parametrize(("runtime", "program"), [("nodejs20.x", "node"), ("ruby3.4", "ruby")])
def test_other_languages_stand_by_too(fresh_engine: NewEngine, runtime: str, program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"needs {program} (Debian: nodejs, ruby)")
    engine = fresh_engine()
    client = engine.client("lambda")
    files = {
        "app.js": "exports.handler = async () => process.pid;\n",
        "app.rb": "def handler(event:, context:) = Process.pid\n",
    }
    handler = "app.handler"
    first = call(client, deploy(client, files, Runtime=runtime, Handler=handler, Timeout=20))
    assert first.error is None, first.body
    until(lambda: len(of_engine(engine)) >= 2)
    waiting = of_engine(engine)
    again = call(client, deploy(client, files, Runtime=runtime, Handler=handler, Timeout=20))
    assert again.value in waiting
