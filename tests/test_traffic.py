"""``lambdatui demo-traffic``: calls the samples for a while, and nothing on AWS."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import EngineProcess
from tests.engine.own import OwnApi


def traffic(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lambdatui", "demo-traffic", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ, check=False)


def test_it_calls_all_kinds_of_samples_and_says_what_came_of_it(engine: EngineProcess) -> None:
    done = traffic("--data-dir", str(engine.data_dir), "--for", "4s", "--rate", "10")
    assert done.returncode == 0, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert "calls (" in last
    assert "0 refused" in last
    assert done.stdout == ""
    born = {one["function"] for one in OwnApi(engine)("GET", "environments")["environments"]}
    assert {"hello", "slow"} <= born


def test_it_never_calls_aws() -> None:
    done = traffic("--endpoint-url", "http://127.0.0.1:9", "--region", "us-east-1")
    assert done.returncode in (1, 3)
    assert "calling the samples" not in done.stderr
