"""Handlers that behave badly in many ways: their caller gets Lambda's error, everybody else is unharmed."""

from __future__ import annotations

import errno
import json
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import Answer, call, deploy, log_lines, until
from tests.engine.processes import marked, processes
from tests.engine.test_runtime_api import BOOTSTRAP

BAD = """
import ctypes, os, signal, socket, subprocess, sys, threading, time
count = 0
def handler(event, context):
    global count
    count += 1
    exec(event["do"], globals())
    return count
"""
SERVES = "import time\ndef handler(event, context):\n    time.sleep(0.01)\n    return event\n"


class Bystander:
    """Somebody else's function, called all the time."""

    def __init__(self, client: Any, name: str) -> None:
        self.problems: list[str] = []
        self.calls = 0
        self._over = threading.Event()
        self._client, self._name = client, name
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()

    def _go_on(self) -> None:
        while not self._over.is_set():
            self.calls += 1
            try:
                answer = call(self._client, self._name, {"n": self.calls})
                if answer.error is not None or answer.value != {"n": self.calls}:
                    self.problems.append(f"{answer}")
            except Exception as problem:
                self.problems.append(str(problem))

    def end(self) -> None:
        before = self.calls
        until(lambda: self.calls > before + 1)
        self._over.set()
        self._thread.join(30)
        assert not self.problems


@pytest.fixture(scope="module")
def client(tiered_engine: EngineProcess) -> Any:
    return tiered_engine.client("lambda", read_timeout=60)


@pytest.fixture(scope="module")
def logs(tiered_engine: EngineProcess) -> Any:
    return tiered_engine.client("logs")


@pytest.fixture(scope="module")
def bad(client: Any) -> str:
    return deploy(client, BAD, Timeout=3, MemorySize=256)


@pytest.fixture(scope="module")
def raw(client: Any) -> str:
    return deploy(client, {"bootstrap": BOOTSTRAP}, Runtime="provided.al2023", Handler="x", Timeout=3)


@pytest.fixture(scope="module")
def others(client: Any) -> str:
    return deploy(client, SERVES, Timeout=30, MemorySize=1769)


@pytest.fixture
def bystander(client: Any, others: str) -> Iterator[None]:
    """While a test runs somebody else is served, and well."""
    someone = Bystander(client, others)
    yield
    someone.end()


def error(answer: Answer) -> tuple[str, str]:
    """Type and message, without the request's id."""
    assert answer.error == "Unhandled"
    message = answer.value["errorMessage"].replace(answer.request_id, "ID")
    return answer.value["errorType"], message


EXIT, OUT = "Runtime.ExitError", "Sandbox.Timedout"
LATE = "RequestId: ID Error: Task timed out after 3.00 seconds"


@pytest.mark.parametrize(
    ("do", "kind", "message"),
    [
        ("os._exit(5)", EXIT, "RequestId: ID Error: Runtime exited with error: exit status 5"),
        ("sys.exit()", EXIT, "RequestId: ID Error: Runtime exited without providing a reason"),
        (
            "os.kill(os.getpid(), 9)",
            EXIT,
            "RequestId: ID Error: Runtime exited with error: signal: killed",
        ),
        (
            "ctypes.string_at(0)",
            EXIT,
            "RequestId: ID Error: Runtime exited with error: signal: segmentation fault",
        ),
        ("time.sleep(60)", OUT, LATE),
        ("while True: pass", OUT, LATE),
        ("signal.signal(15, signal.SIG_IGN); os.kill(os.getpid(), 19)", OUT, LATE),
        (
            "b = []\nwhile True: b.append(bytearray(b'x') * (8 << 20))",
            EXIT,
            "RequestId: ID Error: Runtime exited with error: signal: killed",
        ),
        ("[os.close(n) for n in range(3, 64) if os.path.exists(f'/proc/self/fd/{n}')]", EXIT, ""),
    ],
    ids=[
        "exits",
        "leaves",
        "is killed",
        "faults",
        "hangs",
        "spins",
        "stops",
        "fills memory",
        "closes sockets",
    ],
)
def test_what_ends_an_invocation_ends_it_alone(
    client: Any, bad: str, bystander: None, do: str, kind: str, message: str
) -> None:
    answer = call(client, bad, {"do": do})
    assert error(answer)[0] == kind
    assert not message or error(answer)[1] == message
    status = "timeout" if kind == OUT else f"error\tError Type: {kind}"
    assert answer.tail.endswith(f"Status: {status}\n")
    again = call(client, bad, {"do": ""})
    assert (again.error, again.value) == (None, 1), "the next one finds a fresh environment"


def test_forked_copies_of_a_handler_answer_for_nobody_else(client: Any, bad: str, bystander: None) -> None:
    forks = "for _ in range(20):\n    if os.fork() == 0: time.sleep(30); os._exit(0)"
    first = call(client, bad, {"do": forks})
    assert first.error is None
    second = call(client, bad, {"do": ""})
    assert (second.error, second.value) == (None, first.value + 1)


BOMB = """
import os, time
def handler(event, context):
    for _ in range(event["processes"]):
        try:
            if os.fork() == 0:
                time.sleep(300)
                os._exit(0)
        except OSError as error:
            return error.errno
    time.sleep(event["s"])
"""


def test_a_fork_bomb(client: Any, bystander: None, tmp_path: Path) -> None:
    """Where the kernel counts processes no more can be made; else all of them are ended."""
    mark = f"bomb-{os.getpid()}-{tmp_path.name}"
    name = deploy(client, BOMB, Timeout=30, MemorySize=3008, Variables=marked(mark))
    answer = call(client, name, {"processes": 2000, "s": 20})
    if answer.error is None:
        assert answer.value == errno.EAGAIN
    else:
        assert error(answer) == (EXIT, "RequestId: ID Error: Runtime exited with error: signal: killed")
        until(lambda: not processes(mark))
    client.delete_function(FunctionName=name)
    until(lambda: not processes(mark))


def test_a_hundred_megabytes_without_a_newline(client: Any, logs: Any, bystander: None) -> None:
    code = (
        "import os\ndef handler(event, context):\n    [os.write(1, b'x' * (1 << 20)) for _ in range(100)]\n"
    )
    name = deploy(client, code, Timeout=60, MemorySize=512)
    answer = call(client, name)
    assert answer.error is None
    assert len(answer.tail.encode()) == 4096
    pieces = [line for line in log_lines(logs, name) if line.startswith("xxx")]
    assert sum(len(piece.rstrip("\n")) for piece in pieces) == 100 << 20


def test_binary_output_is_text_with_marks(client: Any, logs: Any, bystander: None) -> None:
    code = "import os\ndef handler(event, context):\n    os.write(1, bytes(range(256)) * 4 + b'\\n')\n"
    name = deploy(client, code)
    assert call(client, name).error is None
    lines = log_lines(logs, name)
    assert any("\ufffd" in line for line in lines)
    assert [line.split()[0] for line in lines][-2:] == ["END", "REPORT"]


@pytest.mark.parametrize(
    "code",
    [
        "raw(b'\\x00\\xff' * 5000)",
        "raw(f'POST {BASE}{here}/response HTTP/1.1\\r\\nContent-Length: -5\\r\\n\\r\\n'.encode())",
        "raw(f'POST {BASE}{here}/response HTTP/9.9\\r\\n\\r\\n'.encode())",
        "raw(f'POST {BASE}{here}/response HTTP/1.1\\r\\nHost: {HOST}\\r\\n'.encode()"
        " + b'Transfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\n')",
        "[connect() for _ in range(200)]",
        "ask('POST', 'invocation/../../response', b'1')",
        "[ask('POST', f'invocation/{n}/response', b'1') for n in ('', rid[:-1], rid + 'x', '%00')]",
    ],
)
def test_broken_requests_to_the_runtime_api_harm_nothing(
    client: Any, raw: str, bystander: None, code: str
) -> None:
    answer = call(client, raw, {"code": f"{code}\nresult = 'still here'"})
    assert (answer.error, answer.value) == (None, "still here")
    assert call(client, raw, {"code": "result = 1"}).value == 1


def test_an_answer_to_another_functions_request_reaches_nobody(client: Any, logs: Any, raw: str) -> None:
    other = deploy(client, {"bootstrap": BOOTSTRAP}, Runtime="provided.al2023", Handler="x", Timeout=10)
    answers: list[Answer] = []
    waits = {"code": "print('id', rid, flush=True)\ntime.sleep(3)\nresult = 'mine'"}
    thread = threading.Thread(target=lambda: answers.append(call(client, other, waits)))
    thread.start()
    ids: list[str] = []

    def known() -> bool:
        try:
            ids.extend(line.split()[1] for line in log_lines(logs, other) if line.startswith("id "))
        except logs.exceptions.ResourceNotFoundException:
            return False
        return bool(ids)

    until(known)
    forged = call(client, raw, {"code": f"result = ask('POST', 'invocation/{ids[0]}/response', b'1')[0]"})
    thread.join(20)
    assert forged.value == 400
    assert answers[0].value == "mine"


def test_answering_twice_counts_once(client: Any, raw: str, bystander: None) -> None:
    twice = "[ask('POST', f'{here}/response', str(n).encode()) for n in (1, 2, 3)]"
    assert call(client, raw, {"code": twice}).value == 1
    after = [call(client, raw, {"code": f"result = {n}"}).value for n in (7, 8)]
    assert after == [7, 8]


def test_a_full_tmp_is_the_functions_own_trouble(client: Any, bystander: None) -> None:
    code = (
        "import tempfile, os, time\ndef handler(event, context):\n"
        "    with open(os.path.join(tempfile.gettempdir(), 'big'), 'wb') as out:\n"
        "        for _ in range(600): out.write(b'x' * (1 << 20))\n"
        "    time.sleep(25)\n"  # who only watches a folder needs time to see it
    )
    answer = call(client, deploy(client, code, Timeout=30, MemorySize=1769))
    assert answer.error == "Unhandled"
    body = json.loads(answer.body)
    assert re.search(r"No space left|signal: killed", body["errorMessage"])
