"""Commands typed on the running engine, from a home of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdatui import cli
from tests.conftest import EngineProcess
from tests.headless.deployed import Run, write


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of this machine's AWS setup or of lambdatui's files is seen or touched."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("LAMBDATUI_HOME", str(home))
    return home


@pytest.fixture
def here(engine: EngineProcess) -> list[str]:
    """What a command says to reach the engine."""
    return ["--local", "--data-dir", str(engine.data_dir)]


@pytest.fixture
def run(here: list[str], capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; its exit code, what it printed, what it said."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main([*arguments, *here])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def name(engine: EngineProcess, request: pytest.FixtureRequest) -> Iterator[str]:
    """A name of the test's own; what has that name in the end goes."""
    module = request.module.__name__.rpartition("test_")[2]
    name = f"{module}-{request.node.name[5:40].rstrip('-_')}"
    client = engine.client("lambda")
    yield name
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            if function["FunctionName"].startswith(name):
                client.delete_function(FunctionName=function["FunctionName"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a handler."""
    folder = tmp_path / "app"
    write(folder, "handler.py", "def handler(event, context):\n    return 'one'\n")
    return folder
