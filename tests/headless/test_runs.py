"""`lambdatui burst`, `compare` and `shift`: many runs without a screen, on a real engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lambdatui import cli
from tests.conftest import EngineProcess
from tests.headless.deployed import CREATE, Run, create, write

WITHIN = 60.0
HANDLER = """
import time
def handler(event, context):
    time.sleep(event.get("sleep", 0))
    if event.get("fail") or {failing}:
        raise ValueError("asked to")
    return {{"greeting": "{greeting}", "order": event.get("order")}}
"""


def handler(greeting: str, *, failing: bool = False) -> str:
    return HANDLER.format(greeting=greeting, failing=failing)


@pytest.fixture
def greeter(run: Run, folder: Path, name: str) -> str:
    """A function that answers."""
    write(folder, "handler.py", handler("hello"))
    assert create(run, folder, name)[0] == 0
    return name


@pytest.fixture
def two(run: Run, folder: Path, greeter: str) -> str:
    """The same with two versions; prod is the first."""
    run("publish", greeter)
    run("alias", greeter, "prod", "1")
    write(folder, "handler.py", handler("good day"))
    run("deploy", str(folder), greeter)
    run("publish", greeter)
    return greeter


@pytest.fixture
def bad(run: Run, folder: Path, two: str) -> str:
    """The same with a third version that always fails."""
    write(folder, "handler.py", handler("oh", failing=True))
    run("deploy", str(folder), two)
    run("publish", two)
    return two


def begun(engine: EngineProcess, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lambdatui", *arguments, "--local", "--data-dir", str(engine.data_dir)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def says(process: subprocess.Popen[str], words: str) -> str:
    """Read what it says until a line has these words."""
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line)
        if words in line:
            return line
    raise AssertionError(f"{words!r} was never said: {lines}")


def traffic(engine: EngineProcess, function: str) -> dict[str, float]:
    """What prod sends where."""
    alias = engine.client("lambda").get_alias(FunctionName=function, Name="prod")
    more = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return {alias["FunctionVersion"]: 1 - sum(more.values()), **more}


# -- bursts -----------------------------------------------------------------------------------


def test_burst(run: Run, greeter: str) -> None:
    code, out, err = run("burst", greeter, '{"order": 1}', "-n", "12", "-c", "3", "--json")
    assert code == 0
    said = json.loads(out)
    assert (said["done"], said["ok"], said["failed"], said["throttled"]) == (12, 12, 0, 0)
    assert 1 <= said["cold"] <= 3
    assert said["versions"]["$LATEST"]["runs"] == 12
    assert sum(one["warm"] + one["cold"] for one in said["histogram"]) == 12
    assert 0 < said["duration_ms"]["p50"] <= said["duration_ms"]["p99"] <= said["duration_ms"]["most"]
    assert "12 of 12, 12 ok, 0 failed" in err
    code, out, _ = run("burst", greeter, "-n", "4")
    assert code == 0
    versions, histogram = out.split("\n\n")
    assert versions.split()[:4] == ["VERSION", "RUNS", "COLD", "ERRORS"]
    assert histogram.startswith("UP TO")


def test_a_burst_through_an_alias_counts_each_version(run: Run, two: str) -> None:
    run("alias", two, "prod", "1", "--also", "2=0.5")
    code, out, _ = run("burst", f"{two}:prod", "-n", "40", "--json")
    assert code == 0
    assert {"1", "2"} == set(json.loads(out)["versions"])


def test_a_burst_of_failures(run: Run, greeter: str, engine: EngineProcess) -> None:
    code, out, err = run("burst", greeter, '{"fail": true}', "-n", "3", "--json")
    assert code == 1
    assert json.loads(out)["errors"] == {"ValueError": 3}
    assert "3 x ValueError" in err
    client = engine.client("lambda")
    client.put_function_concurrency(FunctionName=greeter, ReservedConcurrentExecutions=0)
    code, out, err = run("burst", greeter, "-n", "5", "--json")
    assert (code, json.loads(out)["throttled"]) == (1, 5)
    assert "5 throttled" in err


def test_a_burst_that_is_interrupted_says_what_came(
    engine: EngineProcess,
    greeter: str,
) -> None:
    with begun(engine, "burst", greeter, '{"sleep": 0.3}', "-n", "9999", "-c", "2", "--json") as process:
        says(process, "of 9999")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=WITHIN)
    assert process.returncode == 130, err
    said = json.loads(out)
    assert said["stopped"]
    assert 0 < said["ok"] < 9999
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["burst", "nobody", "-n", "0"], "-n takes"),
        (["burst", "nobody", "-c", "101"], "-c takes"),
        (["burst", "nobody", "{"], "not JSON"),
        (["compare", "nobody", "1", "1"], "two different"),
        (["compare", "nobody:1", "1", "2"], "two qualifiers"),
        (["shift", "nobody", "prod"], "which version?"),
        (["shift", "nobody", "prod", "2", "--back"], "which version?"),
        (["shift", "nobody:prod", "prod", "2"], "word of its own"),
        (["shift", "nobody", "prod", "2", "--steps", "50%"], "last step is 100%"),
        (["shift", "nobody", "prod", "2", "--stop-errors", "often"], "percent"),
        (["shift", "nobody", "prod", "2", "--stop-p95", "0"], "Milliseconds"),
    ],
)
def test_what_makes_no_sense(run: Run, arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert words in err


# -- comparing --------------------------------------------------------------------------------


def test_compare(run: Run, two: str) -> None:
    code, out, err = run("compare", two, "1", "LATEST", '{"order": 42}')
    assert code == 1
    assert out.splitlines() == [
        f"--- {two}:1",
        f"+++ {two}:$LATEST",
        "",
        'greeting: "hello" -> "good day"',
    ]
    assert "1: ✓  200" in err
    code, out, _ = run("compare", two, "prod", "2", "--json")
    said = json.loads(out)
    assert (code, said["same"], said["left"]["executed_version"]) == (1, False, "1")
    assert said["differences"] == [{"path": "greeting", "left": '"hello"', "right": '"good day"'}]
    code, out, err = run("compare", two, "1", "prod")
    assert (code, out) == (0, "")
    assert "Nothing differs" in err
    assert run("compare", two, "1", "9")[:2] == (2, "")


def test_compare_with_another_target(
    run: Run,
    two: str,
    fresh_engine: Any,
    engine: EngineProcess,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = fresh_engine()
    config = tmp_path / "config"
    config.write_text(
        f"[profile other]\nregion = us-east-1\nendpoint_url = {other.url}\n"
        f"aws_access_key_id = {other.access_key}\naws_secret_access_key = {other.secret_key}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    write(folder, "handler.py", handler("servus"))
    assert cli.main(["deploy", str(folder), two, *CREATE, "--local", "--data-dir", str(other.data_dir)]) == 0
    code, out, _ = run("compare", two, "1", "LATEST", "--on", "other")
    assert code == 1
    assert 'greeting: "hello" -> "servus"' in out
    assert f"+++ {two}:$LATEST on other" in out
    assert run("compare", two, "1", "1", "--on", "nobody")[0] == 3


# -- shifting ---------------------------------------------------------------------------------


def test_shift_in_one_go(run: Run, two: str, engine: EngineProcess) -> None:
    code, out, err = run("shift", two, "prod", "2")
    assert code == 0
    assert traffic(engine, two) == {"2": 1}
    assert "prod points at version 2" in err
    assert [line.split()[:2] for line in out.splitlines()[1:]] == [["1", "0%"], ["2", "100%"]]
    code, out, err = run("shift", two, "prod", "2")
    assert (code, out) == (2, "")
    assert "points at version 2 already" in err
    assert run("shift", two, "prod", "9")[0] == 1
    assert run("shift", two, "stage", "2")[0] == 1
    assert run("shift", two, "prod", "--resume")[0] == 1


def test_shift_by_steps(run: Run, two: str, engine: EngineProcess) -> None:
    code, out, err = run(
        "shift",
        two,
        "prod",
        "2",
        "--steps",
        "10%,50% 1s,100%",
        "--wait",
        "1s",
        "--stop-errors",
        "1%",
        "--json",
    )
    assert code == 0
    said = json.loads(out)
    assert (said["phase"], said["from"], said["to"], said["share"]) == ("done", "1", "2", 1)
    steps = [line.partition("gives ")[2] for line in err.splitlines() if "gives" in line]
    assert steps == ["10 % to version 2 for 1 s", "50 % to version 2 for 1 s"]
    assert traffic(engine, two) == {"2": 1}


def test_a_shift_goes_back_by_rule(engine: EngineProcess, bad: str) -> None:
    rule = ("--steps", "50%,100%", "--wait", "2m", "--stop-errors", "1%", "--json")
    with begun(engine, "shift", bad, "prod", "3", *rule) as process:
        says(process, "gives 50 %")
        client, end = engine.client("lambda"), time.monotonic() + WITHIN
        while process.poll() is None and time.monotonic() < end:
            client.invoke(FunctionName=f"{bad}:prod", Payload=b"{}")
        out, err = process.communicate(timeout=WITHIN)
    assert process.returncode == 1, err
    said = json.loads(out)
    assert said["phase"] == "back"
    assert "runs failed, the rule allows 1 %" in said["reason"]
    assert said["versions"]["3"]["errors"] >= 10
    assert traffic(engine, bad) == {"1": 1}


@pytest.mark.parametrize(
    ("how", "wait", "ending"),
    [("--back", "10m", {"1": 1}), ("--resume", "5s", {"2": 1})],  # who resumes waits for what is left
)
def test_a_shift_that_was_left_in_the_middle(
    engine: EngineProcess,
    run: Run,
    two: str,
    how: str,
    wait: str,
    ending: dict[str, float],
) -> None:
    with begun(engine, "shift", two, "prod", "2", "--steps", f"25% {wait}, 100%") as process:
        says(process, "gives 25 %")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=WITHIN)
    assert process.returncode == 130, err
    assert "--resume` goes on" in err
    assert "Traceback" not in err
    assert traffic(engine, two) == {"1": 0.75, "2": 0.25}
    assert run("shift", two, "prod", how)[0] == 0
    assert traffic(engine, two) == ending


def test_somebody_else_moves_the_alias(engine: EngineProcess, two: str) -> None:
    with begun(engine, "shift", two, "prod", "2", "--steps", "25% 10m, 100%") as process:
        says(process, "gives 25 %")
        engine.client("lambda").update_alias(FunctionName=two, Name="prod", Description="mine now")
        out, err = process.communicate(timeout=WITHIN)
    assert process.returncode == 1
    assert "somebody else changed prod" in err
    assert [line.split()[1] for line in out.splitlines()[1:]] == ["-", "-"]
    assert traffic(engine, two) == {"1": 0.75, "2": 0.25}
