"""Callers that want no answer, the plain answer, or a call of their API instead."""

from __future__ import annotations

import pytest

from lambdatui import events
from tests.events.judges.judging import FAILED, say


def test_asynchronous_callers_ignore_the_answer() -> None:
    assert say("s3", {"anything": 1}).detail == {"retried": False}
    assert say("sns", FAILED, error="Unhandled").detail == {"retried": True}


@pytest.mark.parametrize(
    ("sample_id", "call"),
    [
        ("cloudformation", "ResponseURL"),
        ("codepipeline", "PutJobSuccessResult"),
        ("config", "PutEvaluations"),
    ],
)
def test_callers_that_wait_for_a_call(sample_id: str, call: str) -> None:
    assert call in say(sample_id, None).detail["waits_for"]
    assert call in say(sample_id, FAILED, error="Unhandled").sentence


def test_step_functions() -> None:
    assert say("stepfunctions", [1]).detail == {"result": [1]}
    assert say("stepfunctions", FAILED, error="Unhandled").detail["error"] == "ValueError"
    assert say("stepfunctions", "x" * 262_144).detail["error"] == "States.DataLimitExceeded"
    assert events.judge("stepfunctions", b"{").detail["error"] == "States.Runtime"


def test_ses_waits_only_when_asked() -> None:
    waiting = events.build("ses", {"mode": "RequestResponse"})
    assert say("ses", {"disposition": "STOP_RULE"}, event=waiting).detail["disposition"] == "STOP_RULE"
    assert not say("ses", {"disposition": "DROP"}, event=waiting).ok
    assert not say("ses", {"disposition": "CONTINUE"}, event=waiting, took_s=31).ok
    assert say("ses", None, event=events.build("ses"), took_s=31).ok


def test_appsync() -> None:
    assert say("appsync", {"id": 1}).detail == {"result": {"id": 1}}
    assert say("appsync", FAILED, error="Unhandled").detail["errorType"] == "Lambda:Unhandled"
