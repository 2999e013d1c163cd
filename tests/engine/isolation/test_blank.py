"""Rooms that are opened before it is known what will run in them: nothing of that can be seen from inside."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import Answer, call, deploy, until

LOOKS = """#!/bin/bash
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  head=$(curl -sS -D - -o /dev/null "$api/next" | grep -i Lambda-Runtime-Aws-Request-Id)
  id=$(echo "$head" | tr -d '[:space:]' | cut -d: -f2)
  { tr '\\0' '\\n' < /proc/$$/environ | grep -v AWS_ | sort; tr '\\0' ' ' < /proc/$$/cmdline; echo;
    grep -E 'SigIgn|NoNewPrivs|CapEff|^Uid|^Umask' /proc/$$/status
    echo "$$ $PPID $(pwd)"; ls /proc/$$/fd; ulimit -n; ls /; ls /var/task; } > /tmp/seen
  curl -sS -X POST "$api/$id/response" --data-binary @/tmp/seen > /dev/null
done
"""


def waiting(engine: EngineProcess) -> set[int]:
    """Those that wait in rooms of this engine."""
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            blank = b"blank.py" in Path("/proc", name, "cmdline").read_bytes()
            if blank and below(int(name), engine.process.pid):
                found.add(int(name))
    return found


def below(pid: int, ancestor: int) -> bool:
    while pid not in (0, ancestor):
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return pid == ancestor


def look(client: Any, **config: Any) -> tuple[str, Answer]:
    name = deploy(client, {"bootstrap": LOOKS}, Runtime="provided.al2023", Timeout=20, **config)
    answer = call(client, name)
    assert answer.error is None, (answer.body, answer.tail)
    return name, answer


def seen(answer: Answer) -> list[bytes]:
    """What it saw; first the signals that are ignored, some of which the shell itself ignores for moments."""
    return sorted(answer.body.splitlines(), key=lambda line: not line.startswith(b"SigIgn:"))


def test_a_program_of_ones_own_starts_in_a_room_that_was_ready(engine: EngineProcess, client: Any) -> None:
    if shutil.which("curl", path="/usr/bin:/bin") is None:
        pytest.skip("needs curl (Debian: curl)")
    _, first = look(client, Variables={"MINE": "1"})
    for _ in range(5):  # one that is seen may not be ready yet
        until(lambda: len(waiting(engine)) >= 2)
        before = waiting(engine)
        name, second = look(client, Variables={"MINE": "1"})
        became = before - waiting(engine)
        if became:
            break
    assert len(became) == 1, "one of those that waited"
    assert b"bootstrap" in Path(f"/proc/{became.pop()}/cmdline").read_bytes()
    (ignored, *others), (_, *before_others) = seen(second), seen(first)
    assert others == before_others, "it looks as if started for it alone"
    assert not int(ignored.split()[1], 16) & 1 << signal.SIGPIPE - 1, "Python's own choice"
    assert "Init Duration" in second.tail
    assert call(client, name).error is None


def test_what_cannot_be_started_says_why(engine: EngineProcess, client: Any) -> None:
    files = {"bootstrap": "#!/no/such/interpreter\n"}
    tails = []
    for _ in range(2):
        name = deploy(client, files, Runtime="provided.al2023")
        answer = call(client, name)
        assert answer.value["errorType"] == "Runtime.ExitError"
        assert answer.value["errorMessage"].endswith("exit status 127")
        tails.append([line for line in answer.tail.splitlines() if "No such file" in line])
        until(lambda: len(waiting(engine)) >= 1)
    assert tails[0] == tails[1] != []
