"""The landlock tier: no namespaces, but rules for what a function may touch."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, until, zipped
from tests.engine.processes import processes
from tests.engine.tiers import engine_in

TOUCHES = """
import os, tempfile
def attempt(what):
    try:
        what()
        return 0
    except OSError as error:
        return error.errno
def handler(event, context):
    return {
        "read": [attempt(lambda: open(path).read()) for path in event["read"]],
        "list": [attempt(lambda: os.listdir(path)) for path in event["list"]],
        "write": [attempt(lambda: open(path, "w")) for path in event["write"]],
        "own": attempt(lambda: tempfile.TemporaryFile()),
        "code": attempt(lambda: open(os.environ["LAMBDA_TASK_ROOT"] + "/app.py").read()),
    }
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    with engine_in("landlock", tmp_path_factory.mktemp("landlock")) as running:
        yield running


def test_what_is_not_listed_is_closed(client: Any, engine: EngineProcess, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a user's own")
    event = {
        "read": [str(tmp_path / "secret"), "/etc/shadow", str(engine.data_dir / "keys.json"), "/etc/hosts"],
        "list": [str(Path.home()), str(engine.data_dir), "/usr/lib"],
        "write": [str(tmp_path / "new"), "/tmp/lambdatui-landlock", "/usr/new", "/dev/null"],
    }
    for _ in range(2):
        seen = call(client, deploy(client, TOUCHES, Timeout=20), event).value
        assert seen["read"] == [13, 13, 13, 0]
        assert seen["list"] == [13, 13, 0]
        assert seen["write"] == [13, 13, 13, 0]
        assert (seen["own"], seen["code"]) == (0, 0)


def test_layers_and_boto3_are_there(client: Any) -> None:
    layer = client.publish_layer_version(
        LayerName="listed", Content={"ZipFile": zipped({"python/only.py": "x = 'layer'\n"})}
    )["LayerVersionArn"]
    code = """
import boto3, only
def handler(event, context):
    return [only.x, boto3.client("sts").get_caller_identity()["Account"]]
"""
    name = deploy(client, code, Layers=[layer], Timeout=60)
    assert call(client, name).value == ["layer", "000000000000"]


@pytest.mark.parametrize(
    ("program", "runtime", "files"),
    [
        ("node", "nodejs20.x", {"app.js": "exports.handler = async (event) => event.n;\n"}),
        ("ruby", "ruby3.3", {"app.rb": "def handler(event:, context:)\n  event['n']\nend\n"}),
    ],
)
def test_other_runtimes(client: Any, program: str, runtime: str, files: dict[str, str]) -> None:
    if shutil.which(program, path="/usr/bin:/usr/local/bin") is None:
        pytest.skip(f"this machine has no {program}")
    assert call(client, deploy(client, files, Runtime=runtime, Timeout=30), {"n": 7}).value == 7


BOMB = """
import os, time
def handler(event, context):
    for _ in range(4000):
        if os.fork() == 0:
            time.sleep(300)
            os._exit(0)
    time.sleep(60)
"""


def test_a_fork_bomb_is_ended_with_all_that_came_of_it(client: Any) -> None:
    """Without control groups or namespaces the number of processes is kept by looking."""
    mark = f"bomb-{os.getpid()}-{time.time_ns()}"
    name = deploy(client, BOMB, Timeout=30, MemorySize=3008, Variables={"MARKED": mark})
    answer = call(client, name)
    assert answer.value["errorMessage"].endswith("signal: killed")
    until(lambda: not processes(mark))
    assert call(client, deploy(client, "def handler(e, c): return 1\n", Timeout=20)).value == 1
