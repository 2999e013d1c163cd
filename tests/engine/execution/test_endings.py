"""Nothing outlives the engine, and nothing that was accepted is lost with it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import IN_SIGHT, EngineProcess
from tests.engine.deploying import call, deploy, log_lines, until
from tests.engine.own import OwnApi
from tests.engine.processes import alive, launcher_of, processes

NewEngine = Callable[..., EngineProcess]

# A handler with a child, and a daemon that left its session, its parent and all signals behind.
BREEDS = """
import os, signal, subprocess, sys, time
DAEMON = '''
import os, signal, sys, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_IGN)
print("MARK", file=open(sys.argv[1], "w"))
time.sleep(300)
'''
def handler(event, context):
    subprocess.Popen(["sleep", "301"])
    subprocess.run([sys.executable, "-c", DAEMON, event["flag"]])
    while not os.path.exists(event["flag"]):
        time.sleep(0.01)
    time.sleep(event.get("s", 0))
    return os.getpid()
"""


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[str]:
    """A value that marks the processes of one test; none is left when it ends."""
    value = f"mark-{os.getpid()}-{tmp_path.name}"
    yield value
    for pid in processes(value):
        with contextlib.suppress(ProcessLookupError):  # it ended with the one before it
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_the_engine(
    fresh_engine: NewEngine, tmp_path: Path, mark: str, number: signal.Signals
) -> None:
    engine = fresh_engine(*IN_SIGHT)
    client = engine.client("lambda")
    name = deploy(client, BREEDS, Variables={"MARKED": mark}, Timeout=20)
    call(client, name, {"flag": str(tmp_path / "flag")})
    assert len(processes(mark)) == 3, "the runtime, its child and the daemon"
    launcher = launcher_of(engine)
    engine.stop(number)
    until(lambda: not processes(mark))
    until(lambda: not alive(launcher))


def test_a_timeout_ends_daemons_too(fresh_engine: NewEngine, tmp_path: Path, mark: str) -> None:
    client = fresh_engine(*IN_SIGHT).client("lambda")
    name = deploy(client, BREEDS, Variables={"MARKED": mark}, Timeout=2)
    answer = call(client, name, {"flag": str(tmp_path / "flag"), "s": 60})
    assert answer.value["errorType"] == "Sandbox.Timedout"
    until(lambda: not processes(mark))


def test_the_death_of_the_launcher_fails_what_runs_and_is_overcome(
    fresh_engine: NewEngine, tmp_path: Path, mark: str
) -> None:
    engine = fresh_engine(*IN_SIGHT)
    client = engine.client("lambda")
    name = deploy(client, BREEDS, Variables={"MARKED": mark}, Timeout=20)
    flag = tmp_path / "flag"
    first = launcher_of(engine)
    with ThreadPoolExecutor(1) as pool:
        cut = pool.submit(call, client, name, {"flag": str(flag), "s": 60})
        until(flag.exists)
        os.kill(first, signal.SIGKILL)
        answer = cut.result()
    assert answer.value["errorType"] == "Runtime.ExitError"
    assert answer.value["errorMessage"].endswith("Runtime exited with error: signal: killed")
    until(lambda: not processes(mark))
    flag.unlink()
    again = call(client, name, {"flag": str(flag)})
    assert again.error is None
    assert alive(again.value)
    assert launcher_of(engine) != first


# -- accepted events ---------------------------------------------------------------------------------

RECORDS = """
import os, time
def handler(event, context):
    with open(event["file"], "a") as out:
        out.write(f"{event['n']} {context.aws_request_id}\\n")
    time.sleep(event["s"])
"""


def lines_of(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def send(client: Any, name: str, payload: bytes) -> str:
    answer = client.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    assert answer["StatusCode"] == 202
    return str(answer["ResponseMetadata"]["RequestId"])


def test_an_event_runs_with_the_id_of_its_acceptance(fresh_engine: NewEngine, tmp_path: Path) -> None:
    engine = fresh_engine(*IN_SIGHT)
    client = engine.client("lambda")
    name = deploy(client, RECORDS)
    out = tmp_path / "out"
    request_id = send(client, name, b'{"n": 1, "s": 0, "file": "%s"}' % str(out).encode())
    until(lambda: lines_of(out) == [["1", request_id]])


def test_accepted_events_survive_the_engine(fresh_engine: NewEngine, tmp_path: Path) -> None:
    engine = fresh_engine(*IN_SIGHT)
    client = engine.client("lambda")
    name = deploy(client, RECORDS, Timeout=60)
    out = tmp_path / "out"
    event = b'{"n": %d, "s": %d, "file": "%s"}'
    ids = {n: send(client, name, event % (n, 50 if n < 3 else 0, str(out).encode())) for n in range(3)}
    until(lambda: len(lines_of(out)) == 3)
    engine.stop(signal.SIGKILL)
    before = len(lines_of(out))
    second = fresh_engine(*IN_SIGHT, data_dir=engine.data_dir)
    until(lambda: len(lines_of(out)) == before + 3)
    assert {(int(n), request_id) for n, request_id in lines_of(out)[before:]} == set(ids.items())
    assert second.stop() == 0


def test_many_events_survive_a_kill_while_they_come(fresh_engine: NewEngine, tmp_path: Path) -> None:
    engine = fresh_engine(*IN_SIGHT)
    client = engine.client("lambda", max_pool_connections=8)
    name = deploy(client, RECORDS, Timeout=60)
    out = tmp_path / "out"
    accepted: dict[str, int] = {}

    def keep_sending(start: int) -> None:
        for n in range(start, start + 200):
            try:
                request_id = send(client, name, b'{"n": %d, "s": 0, "file": "%s"}' % (n, str(out).encode()))
            except Exception:
                return
            accepted[request_id] = n

    with ThreadPoolExecutor(4) as pool:
        for start in range(0, 800, 200):
            pool.submit(keep_sending, start)
        until(lambda: len(accepted) > 60)
        engine.stop(signal.SIGKILL)
    assert 60 < len(accepted) < 800
    fresh_engine(*IN_SIGHT, data_dir=engine.data_dir)
    until(lambda: {request_id for _, request_id in lines_of(out)} >= accepted.keys(), 30)


def test_a_failing_event_is_tried_three_times_with_one_id(fresh_engine: NewEngine) -> None:
    engine = fresh_engine(*IN_SIGHT, "--clock", "manual", "--settle", "0")
    client, logs, own = engine.client("lambda"), engine.client("logs"), OwnApi(engine)
    name = deploy(client, "def handler(event, context): raise ValueError('no')\n")
    request_id = send(client, name, b"{}")
    own.settle()
    assert [own.next(), own.next()] == pytest.approx([60, 120], abs=15)

    def reports() -> list[str]:
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            return [line for line in log_lines(logs, name) if line.startswith("REPORT")]
        return []

    until(lambda: len(reports()) == 3)
    assert all(request_id in line for line in reports())
    streams = logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    assert len(streams) == 1, "attempts use the warm environment"


def test_a_throttled_event_waits_for_room(fresh_engine: NewEngine, tmp_path: Path) -> None:
    engine = fresh_engine(*IN_SIGHT)
    client = engine.client("lambda")
    name = deploy(client, RECORDS)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    out = tmp_path / "out"
    sent = [send(client, name, b'{"n": %d, "s": 1, "file": "%s"}' % (n, str(out).encode())) for n in range(2)]
    until(lambda: len(lines_of(out)) == 2)
    assert {request_id for _, request_id in lines_of(out)} == set(sent)
