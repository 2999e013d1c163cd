"""The services without a screen, on a real engine."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lambdatui import cli
from lambdatui.headless.invoking import read_payload
from tests.conftest import EngineProcess
from tests.engine.deploying import deploy
from tests.headless.deployed import Run

HANDLER = """
import json
def handler(event, context):
    if isinstance(event, dict) and event.get("fail"):
        raise ValueError("asked \\x1b[31mto\\x1b[0m fail")
    print("got", json.dumps(event))
    return {"version": context.function_version, "event": event}
"""


@pytest.mark.parametrize("odd", ["[" * 100_000, "9" * 10_000])
def test_a_payload_that_is_too_much_to_check_is_left_to_lambda(odd: str) -> None:
    assert read_payload(odd) == odd.encode()


@pytest.fixture
def name(engine: EngineProcess, name: str) -> str:
    """A function of the test's own."""
    return deploy(
        engine.client("lambda"),
        HANDLER,
        FunctionName=name,
        Timeout=10,
        Description="größer",
        Variables={"TOKEN": "do-not-show"},
    )


def test_ls(run: Run, name: str) -> None:
    code, out, err = run("ls")
    assert code == 0
    (line,) = [line for line in out.splitlines() if line.split()[0] == name]
    assert "128 MB" in line
    assert "us-east-1" in err
    code, out, _ = run("ls", "--json")
    assert name in [function["function"] for function in json.loads(out)]


@pytest.mark.parametrize("more", [(), ("--read-only",)])
def test_ls_of_a_demo(capsys: pytest.CaptureFixture[str], more: tuple[str, ...]) -> None:
    assert cli.main(["--demo", *more, "ls", "--json"]) == 0, capsys.readouterr().err
    found = {function["function"] for function in json.loads(capsys.readouterr().out)}
    assert ("chatty" in found) is not bool(more), "who may change nothing adds no samples"


def test_show(run: Run, name: str) -> None:
    code, out, _ = run("show", name)
    assert code == 0
    assert "Active" in out
    assert "TOKEN" in out
    assert "do-not-show" not in out
    code, out, _ = run("show", name, "--json")
    said = json.loads(out)
    assert (said["state"], said["versions"][0]["number"], said["aliases"]) == ("Active", "$LATEST", [])


def test_a_terminal_that_knows_only_ascii(name: str, engine: EngineProcess) -> None:
    command = [sys.executable, "-m", "lambdatui", "show", name, "--data-dir", str(engine.data_dir)]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "gr??er" in done.stdout


def test_invoke(run: Run, name: str) -> None:
    code, out, err = run("invoke", name, '{"order": 42}', "--log")
    assert code == 0
    assert json.loads(out) == {"version": "$LATEST", "event": {"order": 42}}
    assert "✓  200" in err
    assert "cold" in err
    assert 'got {"order": 42}' in err
    code, out, _ = run("invoke", name, "--json", "[1]")  # options may stand anywhere
    said = json.loads(out)
    assert (said["ok"], said["cold"], said["response"]["event"]) == (True, False, [1])
    assert said["report"]["memory_mb"] == 128


def test_invoke_that_fails(run: Run, name: str) -> None:
    code, out, err = run("invoke", name, '{"fail": true}')
    assert code == 1
    assert json.loads(out)["errorType"] == "ValueError"
    assert "✗  200  Unhandled" in err
    assert "ValueError: asked to fail" in err


def test_invoke_event_and_dry_run(run: Run, name: str) -> None:
    code, out, err = run("invoke", name, "{}", "--event")
    assert (code, out) == (0, "")
    assert "202" in err
    code, out, err = run("invoke", name, "{}", "--dry-run", "--json")
    assert code == 0
    assert json.loads(out)["status"] == 204


def test_payloads(run: Run, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "event.json"
    file.write_text('"from a file"')
    assert json.loads(run("invoke", name, f"@{file}")[1])["event"] == "from a file"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'"from stdin"')))
    assert json.loads(run("invoke", name, "-")[1])["event"] == "from stdin"
    code, out, err = run("invoke", name, "{not json")
    assert (code, out) == (2, "")
    assert "not JSON" in err
    assert run("invoke", name, "@/no/such/file")[0] == 2


def test_publish_and_alias(run: Run, name: str) -> None:
    assert run("publish", name, "--description", "first")[:2] == (0, "1\n")
    code, out, _ = run("alias", name, "prod", "1", "--json")
    assert code == 0
    assert [(one["name"], one["version"]) for one in json.loads(out)] == [("prod", "1")]
    assert json.loads(run("invoke", f"{name}:prod", "{}")[1])["version"] == "1"
    assert "prod" in run("show", name)[1]
    assert "prod" in run("alias", name)[1]
    assert run("alias", name, "stage")[0] == 1
    assert run("alias", name, "--delete")[0] == 2
    assert run("alias", name, "prod", "--delete")[0] == 0
    assert json.loads(run("alias", name, "--json")[1]) == []


def test_what_is_not_there(run: Run) -> None:
    for command in (["show", "nobody"], ["invoke", "nobody"], ["publish", "nobody"], ["tail", "nobody"]):
        code, out, err = run(*command)
        assert (code, out) == (1, "")
        assert "Function not found" in err


def test_tail(run: Run, name: str, engine: EngineProcess) -> None:
    run("invoke", name, '"hello"')
    command = [sys.executable, "-m", "lambdatui", "tail", name, "--json", "--data-dir", str(engine.data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout
        events: list[dict[str, Any]] = []
        for line in following.stdout:
            events.append(json.loads(line))
            if events[-1]["kind"] == "report":
                break
        following.stdout.close()  # and the next line finds nobody who reads
        run("invoke", name, '"again"')
        assert following.wait(30) == 0
    assert [event["kind"] for event in events if event["kind"] != "init_start"] == [
        "start",
        "output",
        "end",
        "report",
    ]
    code, out, _ = run("tail", name, "--no-follow")
    assert code == 0
    assert 'got "hello"' in out


def test_nobody_there(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert cli.main(["ls", "--endpoint-url", "http://127.0.0.1:9", "--region", "us-east-1"]) == 3
    assert "No AWS credentials" in capsys.readouterr().err
