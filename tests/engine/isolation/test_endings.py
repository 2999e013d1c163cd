"""In the strict tier everything stands still between invocations, and nothing outlives what it came from."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lambdatui.engine.environments.isolation import cgroups
from tests.engine.deploying import call, deploy, until
from tests.engine.isolation.strictly import Strict
from tests.engine.processes import launcher_of, marked, processes

STEPS = """
import threading, time
steps = [time.monotonic()]
def go_on():
    while True:
        time.sleep(0.001)
        steps.append(time.monotonic())
threading.Thread(target=go_on, daemon=True).start()
def handler(event, context):
    time.sleep(event["s"])
    taken = steps[:]
    del steps[:-1]
    return [len(taken), max(after - before for before, after in zip(taken, taken[1:]))]
"""


def test_background_work_stands_still_between_invocations(client: Any) -> None:
    name = deploy(client, STEPS, Timeout=20, MemorySize=1769)
    count, _ = call(client, name, {"s": 0.6}).value
    assert count > 30, "it runs while an invocation does"
    for _ in range(2):
        time.sleep(1.6)  # what must not be seen by it
        _, longest = call(client, name, {"s": 0.1}).value
        assert longest > 0.8, "it went on without a pause of that length"


def test_what_is_frozen_can_be_ended(client: Any) -> None:
    mark = f"frozen-{os.getpid()}-{time.time_ns()}"
    name = deploy(client, STEPS, Timeout=20, Variables=marked(mark))
    call(client, name, {"s": 0})
    time.sleep(0.1)
    assert processes(mark)
    client.delete_function(FunctionName=name)
    until(lambda: not processes(mark))


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
    until(lambda: not processes(mark))
    if how == "launcher":
        assert call(client, name).error is None, "another launcher has built another house"
    if engine.process.poll() is None:
        engine.stop()
    if how == "kill":
        again = strict.start(how)
        assert not groups_of(engine.process.pid), "the next engine sweeps up"
        again.stop()
    assert not groups_of(engine.process.pid)
