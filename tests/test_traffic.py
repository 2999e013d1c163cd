"""``lambdatui demo-traffic``: calls the samples for a while, and nothing on AWS."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lambdatui.usage import command_line
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


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "1000", "x"])
def test_a_rate_that_cannot_be_kept_is_refused(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line().parse_args(["demo-traffic", f"--rate={rate}"])
    assert ended.value.code == 2
    assert f"'{rate}' is no number of calls a second from 0.1 to 20" in capsys.readouterr().err


def test_it_never_calls_aws() -> None:
    done = traffic("--endpoint-url", "http://127.0.0.1:9", "--region", "us-east-1")
    assert done.returncode in (1, 3)
    assert "calling the samples" not in done.stderr
