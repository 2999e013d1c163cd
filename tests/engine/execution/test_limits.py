"""Time and memory."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.engine.deploying import call, deploy, until
from tests.engine.processes import marked, processes

HOARDS = """
def handler(event, context):
    kept = []
    while True:
        kept.append(bytearray(b"x") * (4 << 20))
"""
PARENT = """
import subprocess, sys
def handler(event, context):
    code = "b = bytearray(b'x') * (300 << 20); input()"
    subprocess.run([sys.executable, "-c", code], stdin=subprocess.PIPE)
"""
SLOW = """
import os, subprocess, sys, tempfile, time
PLACE = os.path.join(tempfile.gettempdir(), "seen")
count = 0

def handler(event, context):
    global count
    count += 1
    if event.get("fast"):
        return {"count": count, "seen": os.path.exists(PLACE)}
    open(PLACE, "w").close()
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print("before", flush=True)
    time.sleep(60)
    print("after")
"""


def test_a_timeout_ends_the_function_and_its_children(client: Any, tmp_path: Path) -> None:
    mark = f"slow-{os.getpid()}-{tmp_path.name}"
    name = deploy(client, SLOW, Timeout=2, Variables=marked(mark))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(call, client, name)
        until(lambda: len(processes(mark)) >= 2)
        answer = running.result()
    assert answer.error == "Unhandled"
    assert answer.value == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {answer.request_id} Error: Task timed out after 2.00 seconds",
    }
    duration = re.search(r"\tDuration: ([\d.]+) ms", answer.tail)
    assert duration
    assert 2000 <= float(duration[1]) < 10_000, "long before it would have ended by itself"
    assert "before\n" in answer.tail
    assert "after" not in answer.tail
    assert answer.tail.endswith("\tStatus: timeout\n")
    until(lambda: not processes(mark))
    again = call(client, name, {"fast": True})
    assert again.value == {"count": 1, "seen": True}, "globals are fresh, the /tmp is not"
    assert "Init Duration" not in again.tail


def test_every_invocation_has_the_whole_timeout(client: Any) -> None:
    code = "import time\ndef handler(event, context):\n    time.sleep(event)\n    return event\n"
    name = deploy(client, code, Timeout=2)
    for _ in range(3):
        assert call(client, name, 0.8).value == 0.8
    answer = call(client, name, 20)
    assert answer.value["errorType"] == "Sandbox.Timedout"
    duration = re.search(r"\tDuration: ([\d.]+) ms", answer.tail)
    assert duration
    assert 2000 <= float(duration[1]) < 10_000


def test_too_much_memory_is_the_end(client: Any) -> None:
    answer = call(client, deploy(client, HOARDS, Timeout=20))
    assert answer.value == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {answer.request_id} Error: Runtime exited with error: signal: killed",
    }
    assert "Memory Size: 128 MB\tMax Memory Used: 128 MB\t" in answer.tail


def test_memory_of_children_counts(client: Any) -> None:
    answer = call(client, deploy(client, PARENT, Timeout=20))
    assert answer.value["errorMessage"].endswith("signal: killed")


def test_max_memory_used_is_the_peak(client: Any) -> None:
    code = "def handler(event, context):\n    b = bytearray(b'x') * (event['mb'] << 20)\n    del b\n"
    name = deploy(client, code, MemorySize=256, Timeout=20)
    peaks = [
        int(re.search(r"Max Memory Used: (\d+) MB", call(client, name, {"mb": mb}).tail)[1])  # type: ignore[index]
        for mb in (1, 100, 1)
    ]
    assert peaks[0] < 60
    assert 100 <= peaks[1] <= 140
    assert peaks[2] == peaks[1], "the peak is the environment's, as on Lambda"


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
    name = deploy(client, FILES, Timeout=20, MemorySize=1769)
    for _ in range(2):
        count, errno = call(client, name).value
        assert (1000 < count <= 1024, errno) == (True, 24)
