"""`lambdatui event`: printed without a target, sent to a function of a real engine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lambdatui import cli
from tests.conftest import EngineProcess
from tests.engine.deploying import deploy

HANDLER = """
def handler(event, context):
    if "Records" in event:
        return {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for one in event["Records"][1:]]}
    if event.get("fail"):
        raise ValueError("asked to")
    return {"statusCode": 201, "body": context.function_version}
"""


Captured = pytest.CaptureFixture[str]


@pytest.fixture
def name(engine: EngineProcess, name: str) -> str:
    """A function of the test's own."""
    return deploy(engine.client("lambda"), HANDLER, FunctionName=name, Timeout=10)


def test_printing_needs_no_target(own_home: Path, capsys: Captured) -> None:
    assert cli.main(["event", "sqs", "--body", "hi"]) == 0
    assert json.loads(capsys.readouterr().out)["Records"][0]["body"] == "hi"
    assert cli.main(["--local", "event", "--list"]) == 0
    assert "sqs" in capsys.readouterr().out
    assert not own_home.exists(), "no engine was started"


def test_printing_loads_no_aws_library() -> None:
    script = (
        "import sys; from lambdatui.cli import main; code = main(['event', 'sqs']);"
        "heavy = {'botocore', 'aiobotocore', 'asyncio', 'textual', 'lambdatui.engine', 'lambdatui.headless'};"
        "sys.exit(f'{code} {heavy & set(sys.modules)}' if code or heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_caller_that_waits_gets_the_answer(name: str, here: list[str], capsys: Captured) -> None:
    assert cli.main(["event", "apigw-http", "--invoke", f"{name}:$LATEST", *here]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"statusCode": 201, "body": "$LATEST"}
    assert "✓  200" in captured.err
    assert "201" in captured.err.splitlines()[-1]


def test_the_verdict_is_the_callers(name: str, here: list[str], capsys: Captured) -> None:
    sent = [*here, "event", "sqs", "--count", "2", "--region", "eu-west-1", f"--invoke={name}"]
    assert cli.main([*sent, "--partial"]) == 0
    captured = capsys.readouterr()
    assert len(json.loads(captured.out)["batchItemFailures"]) == 1
    assert captured.err.splitlines()[-1].startswith("✓ 1 of the messages")
    assert cli.main(["event", *here, "lex", "--invoke", name]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("× ")


def test_an_asynchronous_caller_queues_it(name: str, here: list[str], capsys: Captured) -> None:
    assert cli.main(["event", "--compose", "s3", "sns", "--invoke", name, *here]) == 0
    captured = capsys.readouterr()
    assert captured.out.strip() == ""
    assert "202" in captured.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["sqs", "--invoke", "nobody"], 1, "Function not found"),
        (["sqs", "--invoke", "nobody", "--read-only"], 1, "read-only"),
        (["sqs", "--invoke", "nobody", "--nonsense"], 2, "--nonsense"),
        (["sqs", "--invoke", "nobody", "--profile", "p"], 2, "--profile"),
        (["sqss", "--invoke", "nobody"], 2, "sqs"),
    ],
)
def test_what_cannot_be_sent(
    words: list[str], code: int, said: str, here: list[str], capsys: Captured
) -> None:
    assert cli.main(["event", *words, *here]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
