"""The Runtime API against clients that do not behave, each one a real `provided` function."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import Answer, call, deploy, log_lines, until

# Runs the Python that the event brings. `ask` is one request on a connection of its own.
BOOTSTRAP = """#!/usr/bin/python3
import json, os, socket, sys, threading, time
HOST = os.environ["AWS_LAMBDA_RUNTIME_API"]
BASE = "/2018-06-01/runtime/"

def connect():
    host, port = HOST.split(":")
    return socket.create_connection((host, int(port)))

def read(connection):
    data = b""
    while b"\\r\\n\\r\\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None, {}, b""
        data += more
    head, _, body = data.partition(b"\\r\\n\\r\\n")
    lines = head.decode().split("\\r\\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return int(lines[0].split()[1]), headers, body

def ask(method, path, body=b"", headers={}, host=HOST):
    connection = connect()
    fields = {"Host": host, "Content-Length": str(len(body)), **headers}
    head = "".join(f"{k}: {v}\\r\\n" for k, v in fields.items())
    connection.sendall(f"{method} {BASE}{path} HTTP/1.1\\r\\n{head}\\r\\n".encode() + body)
    return read(connection)

def raw(data):
    connection = connect()
    connection.sendall(data)
    return read(connection)

count = 0
while True:
    status, headers, body = ask("GET", "invocation/next")
    count += 1
    rid = headers["lambda-runtime-aws-request-id"]
    here = f"invocation/{rid}"
    event = json.loads(body)
    scope = {**globals()}
    exec(event.get("code", "result = count"), scope)
    if "result" in scope:
        ask("POST", f"{here}/response", json.dumps(scope["result"]).encode())
    exec(event.get("then", ""), scope)
"""

Play = Callable[..., Answer]


@pytest.fixture(scope="module")
def engine(open_engine: EngineProcess) -> EngineProcess:
    """The runtimes here go on after an answer, which stands still where environments are frozen."""
    return open_engine


@pytest.fixture(scope="module")
def name(client: Any) -> str:
    return deploy(client, {"bootstrap": BOOTSTRAP}, Runtime="provided.al2023", Handler="x", Timeout=3)


@pytest.fixture(scope="module")
def play(client: Any, name: str) -> Play:
    def run(code: str, then: str = "") -> Answer:
        return call(client, name, {"code": code, "then": then})

    return run


def test_an_events_headers(client: Any, name: str) -> None:
    answer = call(client, name, {"code": "result = headers"})
    assert answer.value["lambda-runtime-aws-request-id"] == answer.request_id
    assert answer.value["lambda-runtime-invoked-function-arn"].endswith(f":function:{name}")
    assert answer.value["lambda-runtime-trace-id"].startswith("Root=1-")
    assert int(answer.value["lambda-runtime-deadline-ms"]) > 1_700_000_000_000


def test_a_wrong_request_id_is_refused_and_harms_nothing(play: Play) -> None:
    answer = play(
        "result = [ask('POST', f'invocation/{other}/{what}', b'{}')[0]"
        " for other in ('nobody', '00000000-0000-0000-0000-000000000000') for what in ('response', 'error')]"
    )
    assert (answer.error, answer.value) == (None, [400] * 4)


def test_a_second_answer_is_refused(play: Play) -> None:
    first = play(
        "ask('POST', f'{here}/response', b'1')\n"
        "seen = [ask('POST', f'{here}/response', b'2')[0], ask('POST', f'{here}/error', b'{}')[0]]\n"
        "print('seen', seen, flush=True)"
    )
    assert first.value == 1
    assert play("result = 'next'").value == "next"


def test_only_one_request_for_the_next_event_at_a_time(
    play: Play, client: Any, engine: EngineProcess, name: str
) -> None:
    """Both requests leave at one moment, and their answers are read later: nobody's threads need be quick."""
    first = play(
        "result = 0",
        "request = f'GET {BASE}invocation/next HTTP/1.1\\r\\nHost: {HOST}\\r\\n\\r\\n'.encode()\n"
        "both = [connect(), connect()]\n"
        "[one.sendall(request) for one in both]\n"
        "print('both wait', flush=True)\n"
        "answers = [read(one) for one in both]\n"
        "[refused] = [one for one in answers if one[0] != 200]\n"
        "[event] = [one for one in answers if one[0] == 200]\n"
        "rid = event[1]['lambda-runtime-aws-request-id']\n"
        "seen = [refused[0], json.loads(refused[2])]\n"
        "ask('POST', f'invocation/{rid}/response', json.dumps(seen).encode())\n",
    )
    assert first.value == 0
    until(lambda: "both wait\n" in log_lines(engine.client("logs"), name))
    answer = play("")
    assert answer.error is None, answer
    status, body = answer.value
    assert status == 403
    assert body["errorType"] == "InvalidStateTransition"


def test_the_next_event_is_not_given_before_the_current_one_is_answered(play: Play) -> None:
    assert play("result = ask('GET', 'invocation/next')[0]").value == 403


def test_an_init_error_after_init_is_refused(play: Play) -> None:
    assert play("result = ask('POST', 'init/error', b'{}')[0]").value == 403


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("ask('GET', 'invocation/next', host='evil.example:80')", 403),
        ("ask('GET', 'invocation/next', headers={'Origin': 'http://evil.example'})", 403),
        ("ask('POST', f'{here}/response', b'9', host='evil.example')", 403),
        ("ask('GET', 'nothing')", 404),
        ("ask('DELETE', f'{here}/response')", 404),
        ("ask('POST', f'{here}/other')", 404),
        ("raw(b'this is no HTTP\\r\\n\\r\\n')", 400),
        ("raw(b'GET / HTTP/1.1\\r\\nHost: a\\r\\nHost: b\\r\\n\\r\\n')", 400),
        ("raw(b'GET /' + b'x' * 100000 + b' HTTP/1.1\\r\\n\\r\\n')", 431),
    ],
)
def test_what_does_not_belong_here_is_refused(play: Play, request_text: str, status: int) -> None:
    answer = play(f"result = {request_text}[0]")
    assert (answer.error, answer.value) == (None, status)


def test_a_runtime_that_posts_too_much_gets_413(play: Play) -> None:
    answer = play(
        "print('status', ask('POST', f'{here}/response', b'x' * 6291557)[0], flush=True)", "time.sleep(0)"
    )
    assert answer.value["errorType"] == "Function.ResponseSizeTooLarge"
    assert play("result = 1").value == 1


def test_too_much_for_another_invocation_harms_nothing(play: Play) -> None:
    answer = play("result = ask('POST', 'invocation/other/response', b'x' * 6291557)[0]")
    assert (answer.error, answer.value) == (None, 413)


def test_an_error_is_passed_on_as_the_runtime_wrote_it(play: Play) -> None:
    answer = play(
        "ask('POST', f'{here}/error', b'{\"errorMessage\": \"m\",  \"mine\": 1}',"
        " {'Lambda-Runtime-Function-Error-Type': 'Own.Kind'})"
    )
    assert answer.error == "Unhandled"
    assert answer.body == b'{"errorMessage": "m",  "mine": 1}'
    assert answer.tail.endswith("Status: error\tError Type: Own.Kind\n")


def test_half_an_answer_and_then_silence_is_a_timeout(play: Play) -> None:
    answer = play(
        "c = connect()\nc.sendall(f'POST {BASE}{here}/response HTTP/1.1\\r\\nHost: {HOST}\\r\\n"
        "Content-Length: 100\\r\\n\\r\\nhalf'.encode())\ntime.sleep(60)"
    )
    assert answer.value["errorType"] == "Sandbox.Timedout"
    assert play("result = count").value == 1, "the environment was reset"


def test_half_an_answer_and_then_the_end_is_an_exit(play: Play) -> None:
    answer = play(
        "c = connect()\nc.sendall(f'POST {BASE}{here}/response HTTP/1.1\\r\\nHost: {HOST}\\r\\n"
        "Content-Length: 100\\r\\n\\r\\nhalf'.encode())\nos._exit(7)"
    )
    assert answer.value["errorMessage"].endswith("Runtime exited with error: exit status 7")


def test_an_answer_right_before_the_end_counts(play: Play) -> None:
    answers = [play("ask('POST', f'{here}/response', b'\"done\"')\nos._exit(1)") for _ in range(5)]
    assert [(answer.error, answer.value) for answer in answers] == [(None, "done")] * 5


def test_a_runtime_that_never_asks_for_more_is_ended_at_its_timeout(
    play: Play, client: Any, engine: EngineProcess
) -> None:
    born = "result = open('/proc/self/stat').read().rpartition(')')[2].split()[19]"
    first = play(born, "time.sleep(600)")
    assert first.error is None
    second = play(born)
    assert second.error is None
    assert second.value != first.value


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_another_user_is_refused(play: Play) -> None:
    answer = play("result = HOST", "time.sleep(2)")
    host, port = answer.value.split(":")
    code = (
        "import os, socket, sys\nos.setgid(65534); os.setuid(65534)\n"
        "c = socket.socket(); c.connect((sys.argv[1], int(sys.argv[2])))\n"
        "c.sendall(f'GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\nHost: {sys.argv[1]}:{sys.argv[2]}"
        "\\r\\n\\r\\n'.encode())\nprint(c.recv(100).decode().splitlines()[0])\n"
    )
    done = subprocess.run(
        ["/usr/bin/python3", "-c", code, host, port], capture_output=True, text=True, timeout=10, check=True
    )
    assert done.stdout.startswith("HTTP/1.1 403")


def test_the_log_has_one_report_for_each_invocation(
    client: Any, engine: EngineProcess, play: Play, name: str
) -> None:
    before = [line for line in log_lines(engine.client("logs"), name) if line.startswith("REPORT")]
    play("result = 1")
    after = [line for line in log_lines(engine.client("logs"), name) if line.startswith("REPORT")]
    assert len(after) == len(before) + 1
    assert len({line.split()[2] for line in after}) == len(after)
