"""Functions under a debugger: a real port, a stopped clock, and an end to both."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, settled, until
from tests.engine.own import OwnApi
from tests.engine.tiers import engine_in

SLOW = "import time\ndef handler(event, context):\n    time.sleep(event['s'])\n    return event['s']\n"
SLOW_JS = "exports.handler = async (event) => { await new Promise((r) => setTimeout(r, event.s * 1000)); };\n"


@pytest.fixture(scope="module", params=["strict", "landlock", "process"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineProcess]:
    with engine_in(request.param, tmp_path_factory.mktemp("debug")) as running:
        yield running


@pytest.fixture
def own(engine: EngineProcess) -> Iterator[OwnApi]:
    api = OwnApi(engine)
    yield api
    for session in api("GET", "debug")["debugging"]:
        api("DELETE", f"debug?function={session['function']}")


def node(client: Any, **config: Any) -> str:
    if shutil.which("node") is None:
        pytest.skip("needs node (Debian: nodejs)")
    settings = {"Runtime": "nodejs20.x", "Handler": "app.handler", **config}
    return deploy(client, {"app.js": SLOW_JS}, **settings)


def python(client: Any, **config: Any) -> str:
    if importlib.util.find_spec("debugpy") is None:
        pytest.skip("needs debugpy (pip install debugpy)")
    return deploy(client, SLOW, Runtime=f"python3.{sys.version_info.minor}", **config)


def answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_node_is_inspected_and_its_clock_stands_still(
    client: Any, own: OwnApi, engine: EngineProcess
) -> None:
    name = node(client, Timeout=1)
    assert call(client, name, {"s": 1.5}).value["errorType"] == "Sandbox.Timedout"
    session = own("PUT", "debug", {"function": name})
    assert (session["debugger"], session["host"]) == ("node --inspect", "127.0.0.1")
    assert own("GET", "status")["debugging"] == [session]
    with urllib.request.urlopen(f"http://127.0.0.1:{session['port']}/json/list", timeout=20) as listing:
        assert json.load(listing)[0]["type"] == "node"
    assert call(client, name, {"s": 1.5}).error is None, "there is no timeout"
    time.sleep(0.1)  # an environment that rests is frozen; this one has to hear its debugger
    with urllib.request.urlopen(f"http://127.0.0.1:{session['port']}/json/version", timeout=20) as version:
        assert "node" in json.load(version)["Browser"]
    own("DELETE", f"debug?function={name}")
    until(lambda: not answers(session["port"]))
    assert own("GET", "status")["debugging"] == []
    assert call(client, name, {"s": 1.5}).value["errorType"] == "Sandbox.Timedout"


def test_the_port_is_the_same_after_a_change(client: Any, own: OwnApi) -> None:
    name = node(client, Timeout=1)
    port = own("PUT", "debug", {"function": name})["port"]
    client.update_function_configuration(FunctionName=name, Description="changed")
    until(lambda: client.get_function_configuration(FunctionName=name)["LastUpdateStatus"] == "Successful")
    assert call(client, name, {"s": 0}).error is None
    assert answers(port)


class Adapter:
    """Enough of a debugger to stop a Python function: the Debug Adapter Protocol."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.file = self.socket.makefile("rb")
        self.number = 0

    def send(self, command: str, **arguments: Any) -> None:
        self.number += 1
        message = {"seq": self.number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(message).encode()
        self.socket.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def until(self, kind: str, name: str) -> dict[str, Any]:
        while True:
            length = 0
            while (line := self.file.readline().strip()) != b"":
                length = int(line.split(b":")[1])
            message = json.loads(self.file.read(length))
            if (message["type"], message.get("event") or message.get("command")) == (kind, name):
                assert message.get("success", True), message
                return dict(message)

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def test_python_stops_at_a_breakpoint_for_longer_than_its_timeout(client: Any, own: OwnApi) -> None:
    name = python(client, Timeout=1)
    session = own("PUT", "debug", {"function": name})
    assert session["debugger"] == "debugpy"
    with contextlib.closing(Adapter(session["port"])) as debugger, contextlib.ExitStack() as stack:
        debugger.send("initialize", adapterID="tests", pathFormat="path")
        debugger.until("response", "initialize")
        debugger.send("attach", justMyCode=False)
        debugger.until("event", "initialized")
        source = {"path": f"{session['root']}/app.py"}
        debugger.send("setBreakpoints", source=source, breakpoints=[{"line": 4}])
        assert debugger.until("response", "setBreakpoints")["body"]["breakpoints"][0]["verified"]
        debugger.send("configurationDone")
        debugger.until("response", "configurationDone")
        running = stack.enter_context(ThreadPoolExecutor(1)).submit(call, client, name, {"s": 0.5})
        stopped = debugger.until("event", "stopped")
        assert stopped["body"]["reason"] == "breakpoint"
        time.sleep(1.2)  # beyond the timeout
        assert not running.done()
        debugger.send("continue", threadId=stopped["body"]["threadId"])
        assert running.result(10).value == 0.5
        debugger.send("disconnect")
    assert call(client, name, {"s": 1.2}).value == 1.2


def test_python_that_waits_runs_nothing_before(client: Any, own: OwnApi) -> None:
    name = python(client, Timeout=1)
    session = own("PUT", "debug", {"function": name, "wait": True})
    assert session["wait"] is True
    assert own("GET", "status")["environments"]["busy"] >= 1, "it is still in its INIT"


def test_one_environment_serves_all_who_call_meanwhile(client: Any, own: OwnApi) -> None:
    name = node(client, Timeout=5)
    own("PUT", "debug", {"function": name})
    began = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        results = [answer.error for answer in pool.map(lambda _: call(client, name, {"s": 0.3}), range(3))]
    assert results == [None] * 3
    assert time.monotonic() - began >= 0.9


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"function": "nobody"}, 404, "nobody"),
        ({}, 400, "Say which function."),
        ({"function": "x", "speed": 1}, 400, "speed means nothing here"),
        ({"function": "x", "port": 70000}, 400, "port is a number from 0 to 65535"),
    ],
)
def test_what_cannot_be_is_said(own: OwnApi, body: dict[str, Any], status: int, words: str) -> None:
    code, answer = own.ask("PUT", "debug", body)
    assert code == status
    assert words in answer["message"]


def test_a_runtime_without_a_debugger_is_said(client: Any, own: OwnApi) -> None:
    name = deploy(client, {"bootstrap": "#!/bin/sh\n"}, Runtime="provided.al2023")
    code, answer = own.ask("PUT", "debug", {"function": name})
    assert code == 409
    assert answer["message"].startswith("Functions in Python and Node.js can be debugged here")
    assert own("GET", "debug")["debugging"] == []


def test_a_taken_port_is_said(client: Any, own: OwnApi) -> None:
    name = node(client)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, answer = own.ask("PUT", "debug", {"function": name, "port": taken.getsockname()[1]})
    assert code == 409
    assert "address already in use" in answer["message"]


def test_the_command_shows_the_port_and_ends_with_it(client: Any, engine: EngineProcess) -> None:
    name = node(client, Timeout=1)
    command = [sys.executable, "-m", "lambdatui", "debug", name, "--data-dir", str(engine.data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        host, _, port = process.stdout.readline().strip().partition(":")
        assert host == "127.0.0.1"
        assert answers(int(port))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=15)
    assert process.returncode == 0
    assert f"{name} waits for node --inspect" in said
    assert not answers(int(port))


def test_nothing_is_left_of_a_function_that_changed_at_that_moment(fresh_engine: Any) -> None:
    """A change settles while its debugger is looked for: whatever was started for it must end with it."""
    engine = fresh_engine("--isolation", "process")
    client, own = engine.client("lambda"), OwnApi(engine)
    name = deploy(client, "raise SystemExit(3)\n")
    for late_ms in range(0, 240, 40):
        client.update_function_configuration(FunctionName=name, Description=str(late_ms))
        time.sleep(late_ms / 1000)
        own.ask("PUT", "debug", {"function": name})
        own.ask("DELETE", f"debug?function={name}")
        settled(client, name)
    client.delete_function(FunctionName=name)

    def left() -> list[str]:
        found = own("GET", "environments")["environments"]
        return [one["function"] for one in found if one["ended"] is None]

    until(lambda: not left())


def test_nothing_of_it_outlives_the_engine(fresh_engine: Any) -> None:
    engine: EngineProcess = fresh_engine()
    client = engine.client("lambda")
    port = OwnApi(engine)("PUT", "debug", {"function": node(client)})["port"]
    assert answers(port)
    os.kill(engine.process.pid, signal.SIGKILL)
    until(lambda: not answers(port))
