"""`lambdatui event` on the command line."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys

import pytest

from lambdatui import events
from lambdatui.events import Sample, command


def call(*words: str, invoke: events.Invoke | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lambdatui")
    parser.add_argument("--region")
    command.add_parser(parser.add_subparsers(dest="command"))
    return command.run(parser.parse_args(["event", *words]), invoke=invoke)


Captured = pytest.CaptureFixture[str]


def test_prints_one(capsys: Captured) -> None:
    assert (
        call("sqs", "--body", "hello", "--count", "3", "--region", "eu-west-1", "--seed", "1", "--now", "0")
        == 0
    )
    expected = {"body": "hello", "count": "3", "region": "eu-west-1"}
    assert json.loads(capsys.readouterr().out) == events.build("sqs", expected, seed="1", now=0)


def test_compact_is_one_line_and_flags_need_no_value(capsys: Captured) -> None:
    assert call("alb", "--multi-value", "--compact", "--now", "2026-11-21T08:00:00+00:00") == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert "multiValueHeaders" in json.loads(out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--now", "soon"], "'soon' is no time"),
        (["--now", "nan"], "'nan' is no time"),
        (["--now", "1e300"], "'1e300' is no time"),
        (["--authorizer", "[" * 100_000], "authorizer is nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_said(words: list[str], said: str, capsys: Captured) -> None:
    try:
        code = call("apigw-http", *words)
    except SystemExit as ended:
        code = int(ended.code or 0)
    assert code == 2
    assert said in capsys.readouterr().err


def test_composes(capsys: Captured) -> None:
    assert call("--compose", "s3", "sns", "sqs", "--bucket", "b", "--raw") == 0
    (record,) = json.loads(capsys.readouterr().out)["Records"]
    assert json.loads(record["body"])["Records"][0]["s3"]["bucket"]["name"] == "b"
    assert call("--compose", "s3", "eventbridge", "sqs", "--bucket", "b", "--change", "Deleted") == 0
    (record,) = json.loads(capsys.readouterr().out)["Records"]
    assert json.loads(record["body"])["detail-type"] == "Object Deleted"


@pytest.mark.parametrize("words", [(), ("--list",)])
def test_lists(words: tuple[str, ...], capsys: Captured) -> None:
    assert call(*words) == 0
    out = capsys.readouterr().out
    assert all(sample.id in out for sample in events.catalog())


def test_lists_as_json(capsys: Captured) -> None:
    assert call("--list", "--json") == 0
    listed = {sample["id"]: sample for sample in json.loads(capsys.readouterr().out)}
    assert listed.keys() == {sample.id for sample in events.catalog()}
    assert listed["sqs"]["invocation"] == "poll"
    assert {"name", "kind", "default", "help"} <= listed["sqs"]["parameters"][0].keys()


@pytest.mark.parametrize("sample", events.catalog(), ids=lambda sample: sample.id)
def test_help_shows_the_parameters(sample: Sample, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stopped:
        call(sample.id, "--help")
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert all(f"--{parameter.name.replace('_', '-')}" in out for parameter in sample.parameters)
    assert "--invoke" not in out


@pytest.mark.parametrize("sample", events.catalog(), ids=lambda sample: sample.id)
def test_every_sample_can_be_sent(sample: Sample, capsys: Captured) -> None:
    """What is said of the sending has names of its own beside the parameters."""

    def invoke(function: str, sample: Sample, event: bytes, wait_s: float) -> events.Answer:
        raise AssertionError("nothing is sent")

    assert call(sample.id, invoke=invoke) == 0
    assert json.loads(capsys.readouterr().out) is not None


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("sqss",), "did you mean 'sqs'"),
        (("sqs", "--count", "0"), "at least 1"),
        (("--compose", "sqs", "s3"), "sqs does not send to s3"),
        (("--compose", "--raw"), "at least one sample"),
    ],
)
def test_mistakes_are_usage_errors(words: tuple[str, ...], text: str, capsys: Captured) -> None:
    assert call(*words) == 2
    told = capsys.readouterr()
    assert text in told.err
    assert told.out == ""


def test_unknown_options_are_usage_errors(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stopped:
        call("sqs", "--boddy", "x")
    assert stopped.value.code == 2
    assert "--boddy" in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "code", "mark"), [(b'{"statusCode": 200}', 0, "✓"), (b'"hi"', 1, "×")])
def test_sends_and_judges(answer: bytes, code: int, mark: str, capsys: Captured) -> None:
    sent = []

    def invoke(function: str, sample: Sample, event: bytes, wait_s: float) -> events.Answer:
        sent.append((function, sample.id, json.loads(event)["httpMethod"]))
        return events.Answer(answer, None, 0.1)

    assert call("apigw-rest", "--method", "POST", "--invoke", "f", invoke=invoke) == code
    told = capsys.readouterr()
    assert sent == [("f", "apigw-rest", "POST")]
    assert told.out.encode().strip() == answer
    assert told.err.startswith(mark)


def test_a_terminal_that_knows_only_ascii_gets_ascii() -> None:
    words = [sys.executable, "-m", "lambdatui", "event", "sqs", "--body", "ö", "--compact"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=30, check=True)
    assert json.loads(done.stdout)["Records"][0]["body"] == "ö"
