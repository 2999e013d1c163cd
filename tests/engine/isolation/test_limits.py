"""What the strict tier holds a function to: /tmp, memory, its share of a CPU, processes, files."""

from __future__ import annotations

import os
import re
import time
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, until
from tests.engine.processes import marked, processes
from tests.engine.tiers import table

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
    if table(engine)["CPU share"] != "held":
        pytest.skip("the CPU share is not held here, and said so")
    small, whole = (deploy(client, BUSY, Timeout=60, MemorySize=mb) for mb in (128, 1769))
    # What others on this machine take only makes either slower: the best of some counts.
    slow = min(call(client, small, {"s": 0.1}).value for _ in range(2))
    assert slow >= 13.8 * 0.75
    assert any(call(client, whole, {"s": 0.1}).value < slow / 2 for _ in range(20))


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
    if table(engine)["processes"] == "held":
        made, errno = answer.value
        assert errno == 11
        assert 1000 <= made <= 1024
    assert call(client, deploy(client, "def handler(e, c): return 1\n", Timeout=20)).value == 1
    client.delete_function(FunctionName=name)
    until(lambda: not processes(mark))
