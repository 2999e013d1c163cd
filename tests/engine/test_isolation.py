"""The strict tier, as whoever runs the tests and, where that is root, as an ordinary user too."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import lambdatui
from lambdatui.engine.environments.isolation import cgroups
from tests import conftest
from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, until, zipped

NOBODY = 65534
TASK = "/var/task"


# -- engines -----------------------------------------------------------------------------------------


def command_as_nobody() -> tuple[str, ...]:
    """The engine's command as another user, with a Python that this user may run."""
    setpriv = shutil.which("setpriv")
    if os.getuid() != 0 or setpriv is None:
        pytest.skip("only root can become another user, with setpriv")
    # By way of env: what setpriv itself starts is still looked up with root's rights.
    become = (setpriv, "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "/usr/bin/env")
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, system):
        check = subprocess.run(
            [*become, python, "-c", "import lambdatui.engine.main"], env=nobodys_variables(), check=False
        )
        if check.returncode == 0:
            return (*become, python, *conftest.COMMAND[1:])
    pytest.skip(f"an ordinary user may run neither {sys.executable} nor {system} with our packages")


def nobodys_variables() -> dict[str, str]:
    packages = [path for path in sys.path if path.endswith("-packages")]
    root = str(Path(lambdatui.__file__).parents[1])
    return {"PYTHONPATH": ":".join([root, *packages]), "PYTHONDONTWRITEBYTECODE": "1"}


class Strict:
    """A way to start engines in the strict tier."""

    def __init__(self, who: str) -> None:
        self.who = who
        self.home = Path(tempfile.mkdtemp(prefix="lambdatui-strict-"))
        self.home.chmod(0o755)
        (self.home / "secret").write_text("a user's own")
        self.command: tuple[str, ...] = conftest.COMMAND
        self.env = {"LAMBDATUI_HOME": str(self.home / "home")}
        if who == "nobody":
            self.command = command_as_nobody()
            self.env |= nobodys_variables()
            os.chown(self.home, NOBODY, NOBODY)
        self.made: list[EngineProcess] = []

    def start(self, name: str = "data", *more: str) -> EngineProcess:
        with mock.patch.object(conftest, "COMMAND", self.command):
            engine = EngineProcess(self.home / name, "--isolation", "strict", *more, env=self.env)
        self.made.append(engine)
        tier = isolation(engine)
        if tier["chosen"] != "strict":
            reason = next(one["reason"] for one in tier["tiers"] if one["name"] == "strict")
            pytest.skip(f"no strict tier here: {reason}")
        return engine

    def close(self) -> None:
        for engine in self.made:
            with contextlib.suppress(ProcessLookupError):
                engine.stop()
        shutil.rmtree(self.home, ignore_errors=True)


def isolation(engine: EngineProcess) -> dict[str, Any]:
    """What the engine says of its tier."""
    import botocore.session
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    session = botocore.session.Session()
    session.set_credentials(engine.access_key, engine.secret_key)
    request = AWSRequest("GET", f"{engine.url}/_lambdatui/status", headers={})
    SigV4Auth(session.get_credentials(), "lambda", "us-east-1").add_auth(request)
    ask = urllib.request.Request(request.url, headers=dict(request.headers))
    with urllib.request.urlopen(ask, timeout=10) as answer:
        return dict(json.load(answer)["isolation"])


def held(engine: EngineProcess, what: str) -> str:
    """How far the chosen tier holds something."""
    tier = isolation(engine)
    table = next(one["holds"] for one in tier["tiers"] if one["name"] == tier["chosen"])
    return next(str(row["held"]) for row in table if row["what"] == what)


@pytest.fixture(scope="module", params=["self", "nobody"])
def strict(request: pytest.FixtureRequest) -> Iterator[Strict]:
    made = Strict(request.param)
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine(strict: Strict) -> EngineProcess:
    return strict.start()


@pytest.fixture(scope="module")
def client(engine: EngineProcess) -> Any:
    return engine.client("lambda")


def marked(mark: str) -> dict[str, str]:
    """Variables that show from outside: not those of an interpreter that was started ahead of time."""
    return {"MARKED": mark, "PYTHONUNBUFFERED": "1"}


# -- what a function sees ----------------------------------------------------------------------------

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


# -- limits ------------------------------------------------------------------------------------------

FILLS = """
import os
def handler(event, context):
    if "crash" in event:
        os._exit(1)
    before = sorted(os.listdir("/tmp"))
    written = 0
    try:
        with open("/tmp/" + event["name"], "wb", buffering=0) as out:
            while written < event["mb"]:
                written += out.write(bytes(1 << 20)) / (1 << 20)
    except OSError as error:
        os.unlink("/tmp/" + event["name"])
        return [before, error.errno, round(written)]
    return [before, 0, round(written)]
"""


def test_tmp_is_full_at_its_size_and_nobody_elses(client: Any) -> None:
    name = deploy(client, FILLS, Timeout=60, MemorySize=1769)
    other = deploy(client, FILLS, Timeout=60, MemorySize=1769)
    assert call(client, name, {"name": "small", "mb": 1}).value == [[], 0, 1]
    assert call(client, name, {"name": "big", "mb": 600}).value == [["small"], 28, 511]
    assert call(client, other, {"name": "x", "mb": 1}).value == [[], 0, 1]
    assert call(client, name, {"crash": 1}).error == "Unhandled"
    assert call(client, name, {"name": "again", "mb": 1}).value == [["small"], 0, 1], "kept as on Lambda"


def test_tmp_does_not_count_as_memory(client: Any) -> None:
    name = deploy(client, FILLS, Timeout=60, MemorySize=128)
    answer = call(client, name, {"name": "big", "mb": 300})
    assert answer.value == [[], 0, 300]
    used = re.search(r"Max Memory Used: (\d+) MB", answer.tail)
    assert used
    assert int(used[1]) < 60


HOARDS = """
def handler(event, context):
    kept = []
    while True:
        kept.append(bytearray(b"x") * (4 << 20))
"""


def test_too_much_memory_is_the_end(client: Any) -> None:
    answer = call(client, deploy(client, HOARDS, Timeout=60))
    assert answer.value == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {answer.request_id} Error: Runtime exited with error: signal: killed",
    }
    assert "Memory Size: 128 MB\tMax Memory Used: 128 MB\t" in answer.tail


BUSY = """
import time
def handler(event, context):
    wall, cpu = time.monotonic(), time.process_time()
    while time.process_time() - cpu < event["s"]:
        pass
    return (time.monotonic() - wall) / event["s"]
"""


def test_the_share_of_a_cpu(client: Any, engine: EngineProcess) -> None:
    if held(engine, "CPU share") != "held":
        pytest.skip("the CPU share is not held here, and said so")
    small, whole = (deploy(client, BUSY, Timeout=60, MemorySize=mb) for mb in (128, 1769))
    # What the test's other neighbours on the CPU take only makes either slower: the best of some counts.
    slow = min(call(client, small, {"s": 0.15}).value for _ in range(2))
    assert 13.8 * 0.75 <= slow <= 13.8 * 1.25
    assert min(call(client, whole, {"s": 0.1}).value for _ in range(3)) < 13.8 / 3


BOMB = """
import os, time
def handler(event, context):
    made = 0
    try:
        while made < 1500:
            if os.fork() == 0:
                time.sleep(300)
                os._exit(0)
            made += 1
    except OSError as error:
        return [made, error.errno]
    return [made, 0]
"""


def test_a_fork_bomb_meets_its_limit_and_nothing_of_it_stays(client: Any, engine: EngineProcess) -> None:
    mark = f"bomb-{os.getpid()}-{time.time_ns()}"
    name = deploy(client, BOMB, Timeout=60, MemorySize=3008, Variables=marked(mark))
    answer = call(client, name)
    if held(engine, "processes") == "held":
        made, errno = answer.value
        assert errno == 11
        assert 1000 <= made <= 1024
    assert call(client, deploy(client, "def handler(e, c): return 1\n", Timeout=20)).value == 1
    client.delete_function(FunctionName=name)
    until(lambda: not processes(mark), 15)


FILES = """
def handler(event, context):
    kept = []
    try:
        while len(kept) < 1025:
            kept.append(open("/dev/null"))
    except OSError as error:
        return [len(kept), error.errno]
"""


def test_open_files(client: Any) -> None:
    count, errno = call(client, deploy(client, FILES, Timeout=20, MemorySize=1769)).value
    assert (count > 1000, errno) == (True, 24)


# -- freezing ----------------------------------------------------------------------------------------

COUNTS = """
import threading, time
n = 0
def count():
    global n
    while True:
        n += 1
        time.sleep(0.001)
threading.Thread(target=count, daemon=True).start()
def handler(event, context):
    time.sleep(event["s"])
    return n
"""


def test_background_work_stands_still_between_invocations(client: Any) -> None:
    name = deploy(client, COUNTS, Timeout=20, MemorySize=1769)
    counts = [call(client, name, {"s": 0.2}).value]
    for _ in range(2):
        time.sleep(1.0)  # what must not be seen by it
        counts.append(call(client, name, {"s": 0.0}).value)
    assert counts[0] > 30, "it runs while an invocation does"
    for before, after in itertools.pairwise(counts):
        assert after - before < 100, "a second of work at 1 ms a step would be many more"


def test_what_is_frozen_can_be_ended(client: Any) -> None:
    mark = f"frozen-{os.getpid()}-{time.time_ns()}"
    name = deploy(client, COUNTS, Timeout=20, Variables=marked(mark))
    call(client, name, {"s": 0})
    time.sleep(0.1)
    assert processes(mark)
    client.delete_function(FunctionName=name)
    until(lambda: not processes(mark), 5)


# -- nothing is left ---------------------------------------------------------------------------------

BREEDS = """
import os, signal, subprocess, sys, time
DAEMON = '''
import os, signal, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_IGN)
open("/tmp/flag", "w").close()
time.sleep(300)
'''
def handler(event, context):
    subprocess.Popen(["sleep", "301"])
    subprocess.run([sys.executable, "-c", DAEMON])
    while not os.path.exists("/tmp/flag"):
        time.sleep(0.01)
    os.unlink("/tmp/flag")
    time.sleep(event.get("s", 0))
    return len([name for name in os.listdir("/proc") if name.isdigit()])
"""


def processes(mark: str) -> list[int]:
    """Every process whose variables hold a mark."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, IndexError):
            state = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()[0]
            if mark.encode() in Path("/proc", name, "environ").read_bytes() and state not in "ZX":
                found.append(int(name))
    return found


def launcher_of(engine: EngineProcess) -> int:
    pid = engine.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return next(
        int(child) for child in children if b"launcher.py" in Path(f"/proc/{child}/cmdline").read_bytes()
    )


def groups_of(pid: int) -> list[Path]:
    """The control groups that an engine has made."""
    return [
        folder
        for parent in cgroups.find().folders
        for folder in parent.glob(f"lambdatui-{pid}-*")
        if not folder.name.endswith("trial")
    ]


@pytest.mark.parametrize("how", ["kill", "term", "timeout", "launcher"])
def test_nothing_outlives(strict: Strict, how: str) -> None:
    engine = strict.start(how)
    client = engine.client("lambda")
    mark = f"{how}-{os.getpid()}-{time.time_ns()}"
    name = deploy(client, BREEDS, Variables=marked(mark), Timeout=3, MemorySize=1769)
    if how == "timeout":
        assert call(client, name, {"s": 60}).value["errorType"] == "Sandbox.Timedout"
    elif how == "launcher":
        with ThreadPoolExecutor(1) as pool:
            cut = pool.submit(call, client, name, {"s": 2})
            until(lambda: len(processes(mark)) >= 3)
            os.kill(launcher_of(engine), signal.SIGKILL)
            assert cut.result().value["errorMessage"].endswith("signal: killed")
    else:
        assert call(client, name).value >= 4, "the warden, the runtime, its child and the daemon"
        assert processes(mark)
        engine.stop(signal.SIGKILL if how == "kill" else signal.SIGTERM)
    until(lambda: not processes(mark), 5)
    if how == "launcher":
        assert call(client, name).error is None, "another launcher has built another house"
    if engine.process.poll() is None:
        engine.stop()
    if how == "kill":
        again = strict.start(how)
        assert not groups_of(engine.process.pid), "the next engine sweeps up"
        again.stop()
    assert not groups_of(engine.process.pid)


# -- what is said ------------------------------------------------------------------------------------


def test_the_status_says_what_is_held(engine: EngineProcess) -> None:
    tier = isolation(engine)
    assert (tier["asked"], tier["chosen"]) == ("strict", "strict")
    assert [one["name"] for one in tier["tiers"]] == ["strict", "landlock", "process"]
    for one in tier["tiers"]:
        for row in one["holds"]:
            assert row["held"] in ("held", "partly held", "not held")
            assert row["words"]
    assert held(engine, "file system") == "held"
    assert held(engine, "network") == "not held"
