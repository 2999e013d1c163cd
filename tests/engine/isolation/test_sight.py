"""What a function sees in the strict tier, and where: everything at the place it has on Lambda."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, zipped
from tests.engine.isolation.strictly import Strict

TASK = "/var/task"

LOOKS = """
import os, socket, sys

def attempt(what, *more):
    try:
        got = what(*more)
        return "done" if hasattr(got, "close") else got
    except OSError as error:
        return error.errno

def write(path):
    with open(path, "w") as out:
        out.write("x")

def handler(event, context):
    lines = open("/proc/self/status").read().splitlines()
    status = dict(line.split(":\\t", 1) for line in lines if ":\\t" in line)
    return {
        "listed": {path: attempt(os.listdir, path) for path in event.get("list", [])},
        "read": {path: attempt(lambda: open(path).read()) for path in event.get("read", [])},
        "written": {path: attempt(write, path) for path in event.get("write", [])},
        "root": sorted(os.listdir("/")),
        "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
        "caps": [status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")],
        "no_new_privs": status["NoNewPrivs"],
        "ids": [os.getuid(), os.getgid(), os.getgroups()],
        "host": socket.gethostname(),
        "cwd": os.getcwd(), "file": __file__, "task": os.environ["LAMBDA_TASK_ROOT"],
        "environ": dict(os.environ),
        "fds": sorted(os.listdir("/proc/self/fd")),
        "mounts": open("/proc/self/mounts").read(),
    }
"""


@pytest.fixture(scope="module", params=["ahead", "afresh"])
def looks(request: pytest.FixtureRequest, client: Any) -> Callable[..., dict[str, Any]]:
    """A function that looks around, in an interpreter started ahead of time or in one that was not."""
    variables = {"PYTHONUNBUFFERED": "1"} if request.param == "afresh" else {"XX": "1"}
    first = deploy(client, LOOKS, Variables=variables, MemorySize=512, Timeout=20)
    call(client, first)
    time.sleep(0.5)  # the shelf of interpreters is filled behind the first start; either way is right
    name = deploy(client, LOOKS, Variables=variables, MemorySize=512, Timeout=20)

    def look(**event: Any) -> dict[str, Any]:
        answer = call(client, name, event)
        assert answer.error is None, answer.value
        return dict(answer.value)

    return look


def test_only_what_a_function_needs_is_there(
    looks: Callable[..., dict[str, Any]], strict: Strict, engine: EngineProcess
) -> None:
    secret = str(strict.home / "secret")
    seen = looks(
        list=[str(Path.home()), "/home", str(engine.data_dir), "/var/task", "/dev/shm", "/proc/1/root"],
        read=[secret, "/etc/shadow", str(engine.data_dir / "keys.json")],
    )
    for path in ("/home", str(engine.data_dir), "/dev/shm"):
        assert seen["listed"][path] == 2, f"{path} is not there"
    home = seen["listed"][str(Path.home())]
    assert home == 2 or set(home) <= {".pyenv", ".local", ".nvm", ".rbenv"}, "only the way to interpreters"
    assert seen["listed"]["/proc/1/root"] == 13, "the warden's view is closed"
    assert seen["listed"][TASK] == ["app.py"]
    assert list(seen["read"].values()) == [2, 2, 2]
    assert seen["processes"] == [1, 2]
    assert seen["fds"] == ["0", "1", "2", "3"] or len(seen["fds"]) <= 6
    assert str(engine.data_dir) not in seen["mounts"].replace(f"{engine.data_dir}/code", "")


def test_nobody_sees_the_code_of_another(client: Any, engine: EngineProcess) -> None:
    files = {"bootstrap": Path("/bin/true").read_bytes()}  # a program, not a script
    assert call(client, deploy(client, files, Runtime="provided.al2023")).error == "Unhandled"
    name = deploy(client, LOOKS, Variables={"PYTHONUNBUFFERED": "1"}, MemorySize=512, Timeout=20)
    listed = call(client, name, {"list": [str(engine.data_dir), str(engine.data_dir / "code")]}).value[
        "listed"
    ]
    assert list(listed.values()) == [2, 2]


def test_it_has_no_privileges(looks: Callable[..., dict[str, Any]]) -> None:
    seen = looks()
    assert seen["caps"] == ["0000000000000000"] * 4
    assert seen["no_new_privs"] == "1"
    assert seen["ids"][0] != 0
    assert 0 not in seen["ids"][2]


def test_everything_is_at_its_place(looks: Callable[..., dict[str, Any]]) -> None:
    seen = looks()
    assert (seen["cwd"], seen["file"], seen["task"]) == (TASK, f"{TASK}/app.py", TASK)
    assert "TMPDIR" not in seen["environ"]
    assert seen["environ"]["PYTHONPATH"] == seen["environ"]["LAMBDA_RUNTIME_DIR"] == "/var/runtime"
    assert {"var", "tmp", "opt", "usr", "etc", "proc", "dev"} <= set(seen["root"])
    assert seen["host"] != os.uname().nodename


def test_only_tmp_can_be_written(looks: Callable[..., dict[str, Any]]) -> None:
    places = [f"{TASK}/new", f"{TASK}/app.py", "/opt/new", "/new", "/etc/new", "/usr/new", "/var/runtime/new"]
    written = looks(write=[*places, "/tmp/new"])["written"]
    assert {written[place] for place in places} == {30}, "read-only file system"
    assert written["/tmp/new"] is None


def test_an_error_names_the_true_place(client: Any) -> None:
    name = deploy(client, "def handler(event, context):\n    raise KeyError('k')\n")
    place = call(client, name).value["stackTrace"]
    assert place == ["  File \"/var/task/app.py\", line 2, in handler\n    raise KeyError('k')\n"]


def test_layers_lie_in_opt_in_their_order(client: Any) -> None:
    def layer(name: str, files: dict[str, str]) -> str:
        content = {"ZipFile": zipped(files)}
        return str(client.publish_layer_version(LayerName=name, Content=content)["LayerVersionArn"])

    arns = [
        layer("under", {"both.txt": "under", "deep/one.txt": "1", "python/only.py": "x = 'layer'\n"}),
        layer("over", {"both.txt": "over", "deep/two.txt": "2"}),
    ]
    code = """
import os, only
def handler(event, context):
    return [open("/opt/both.txt").read(), sorted(os.listdir("/opt/deep")), only.x, only.__file__]
"""
    answer = call(client, deploy(client, code, Layers=arns))
    assert answer.value == ["over", ["one.txt", "two.txt"], "layer", "/opt/python/only.py"]


def test_boto3_reaches_the_engine(client: Any) -> None:
    code = """
import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
"""
    name = deploy(client, code, Timeout=60, MemorySize=1769)
    assert call(client, name).value == f"arn:aws:sts::000000000000:assumed-role/tests/{name}"


# -- other runtimes ----------------------------------------------------------------------------------

NODE = "const fs = require('fs');\nexports.handler = async (e) => [__filename, process.getuid() > 0, e.n];\n"
RUBY = "def handler(event:, context:)\n  [File.realpath(__FILE__), Process.uid > 0, event['n']]\nend\n"
SHELL = """#!/bin/bash
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  headers=$(mktemp)
  event=$(curl -sS -D "$headers" "$api/next")
  id=$(grep -i Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)
  curl -sS -X POST "$api/$id/response" -d "[\\"$0\\", true, $(echo "$event" | tr -dc 0-9)]" >/dev/null
done
"""


@pytest.mark.parametrize(
    ("program", "runtime", "files", "place"),
    [
        ("node", "nodejs20.x", {"app.js": NODE}, f"{TASK}/app.js"),
        ("ruby", "ruby3.3", {"app.rb": RUBY}, f"{TASK}/app.rb"),
        ("curl", "provided.al2023", {"bootstrap": SHELL}, f"{TASK}/bootstrap"),
    ],
)
def test_other_runtimes(client: Any, program: str, runtime: str, files: dict[str, str], place: str) -> None:
    if shutil.which(program, path="/usr/bin:/usr/local/bin") is None:
        pytest.skip(f"this machine has no {program}")
    for _ in range(2):  # the second is started ahead of time, if it can be
        name = deploy(client, files, Runtime=runtime, Timeout=30, MemorySize=1769)
        for n in (1, 2):
            answer = call(client, name, {"n": n})
            assert (answer.error, answer.value) == (None, [place, True, n])
