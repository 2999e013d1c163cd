"""An interpreter that stands in for the one a function names is told of: in its state, its log, its life."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdatui.engine.runtimes.catalog import RUNTIMES, Status
from lambdatui.engine.runtimes.interpreters import Found, Missing, Search, find
from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, log_lines, until
from tests.engine.own import OwnApi

NewEngine = Callable[..., EngineProcess]
HERE = f"python3.{sys.version_info.minor}"
ECHO = "import sys\ndef handler(event, context):\n    return list(sys.version_info[:2])\n"


@pytest.fixture
def machine(tmp_path: Path) -> Search:
    """One Python, and whatever lies where everybody finds it."""
    folder, home = tmp_path / "bin", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    (folder / "python3").symlink_to(os.path.realpath(sys.executable))
    return Search({"PATH": str(folder)}, home)


@pytest.fixture
def engine(fresh_engine: NewEngine, machine: Search) -> EngineProcess:
    return fresh_engine("--isolation", "process", env={**machine.environ, "HOME": str(machine.home)})


def first(machine: Search, wanted: Callable[[Found | Missing], bool]) -> str:
    """A runtime that functions can be made with and that fares so here."""
    today = datetime.now(UTC).date()
    usable = [name for name, runtime in RUNTIMES.items() if runtime.status(today) is Status.SUPPORTED]
    return next((name for name in usable if wanted(find(name, machine))), "")


def test_the_nearest_version_is_told_of(engine: EngineProcess, machine: Search) -> None:
    runtime = first(machine, lambda one: isinstance(one, Found) and not one.exact)
    if not runtime:
        pytest.skip("this machine has every version")
    client = engine.client("lambda")
    files = {"app.py": ECHO, "app.js": "exports.handler = async () => 1", "app.rb": "def handler(**) = 1"}
    name = deploy(client, files, Runtime=runtime, Timeout=20)
    config = client.get_function_configuration(FunctionName=name)
    assert config["State"] == "Active"
    assert config["StateReason"].startswith(f"{runtime} runs on ")
    assert "the nearest version on this machine. For " in config["StateReason"]
    assert call(client, name).error is None
    said = [line for line in log_lines(engine.client("logs"), name) if line.startswith("[lambdatui] ")]
    assert said[0].startswith(f"[lambdatui] {config['StateReason']}")
    lives: list[dict[str, Any]] = OwnApi(engine)("GET", "environments")["environments"]
    assert [one["notice"] for one in lives if one["function"] == name] == [
        said[0].removeprefix("[lambdatui] ").rstrip("\n")
    ]
    assert "StateReason" not in client.list_functions()["Functions"][0], "lists have no states"


def test_it_is_told_after_a_restart_too(
    engine: EngineProcess, machine: Search, fresh_engine: NewEngine
) -> None:
    runtime = first(machine, lambda one: isinstance(one, Found) and not one.exact)
    if not runtime:
        pytest.skip("this machine has every version")
    name = deploy(engine.client("lambda"), ECHO, Runtime=runtime)
    engine.stop()
    env = {**machine.environ, "HOME": str(machine.home)}
    again = fresh_engine("--isolation", "process", data_dir=engine.data_dir, env=env).client("lambda")
    until(lambda: "StateReason" in again.get_function_configuration(FunctionName=name))


def test_the_version_itself_needs_no_words(engine: EngineProcess) -> None:
    client = engine.client("lambda")
    name = deploy(client, ECHO, Runtime=HERE)
    assert "StateReason" not in client.get_function_configuration(FunctionName=name)
    assert call(client, name).value == [3, sys.version_info.minor]


def test_what_cannot_run_says_how_it_could(engine: EngineProcess, machine: Search) -> None:
    runtime = first(machine, lambda one: isinstance(one, Missing))
    if not runtime:
        pytest.skip("this machine runs everything")
    client = engine.client("lambda")
    name = deploy(client, {"app": ""}, Runtime=runtime)
    reason = client.get_function_configuration(FunctionName=name)["StateReason"]
    assert reason.startswith("This machine has no ")
    assert "apt install" in reason
    with pytest.raises(ClientError) as refused:
        call(client, name)
    assert refused.value.response["Error"]["Code"] == "InvalidRuntimeException"
    assert refused.value.response["Error"]["Message"] == reason
