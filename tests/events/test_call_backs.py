"""How callers judge what a function calls back with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdatui import events
from lambdatui.events import CalledBack, Verdict

CFN = events.build("cloudformation", {"request": "Update"}, seed=1)
GOOD_ANSWER = {
    "Status": "SUCCESS",
    "PhysicalResourceId": "bucket-1",
    **{name: CFN[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
}


def called(sample: str, call: str, said: Any, event: Any = None, refused: tuple[str, ...] = ()) -> Verdict:
    said = json.dumps(said) if isinstance(said, dict) and sample == "cloudformation" else said
    return events.judge(
        sample,
        b"",
        event=event,
        called_back=CalledBack(call, said, 30.0, "15:00:00" * (sample != "config"), refused),
    )


@pytest.mark.parametrize(
    ("change", "ok", "said"),
    [
        ({}, True, "the resource is updated as bucket-1"),
        ({"Status": "FAILED", "Reason": "no room"}, True, "rolls back: no room"),
        ({"Status": "FAILED"}, False, "Reason is missing"),
        ({"Status": "OK"}, False, 'Status is "OK", not one of SUCCESS, FAILED'),
        ({"RequestId": "other"}, False, "RequestId is 'other'"),
        ({"StackId": None}, False, "StackId is missing"),
        ({"PhysicalResourceId": ""}, False, "PhysicalResourceId is missing or empty"),
        ({"Data": {"x": "y" * 5000}}, False, "larger than 4096 bytes"),
    ],
)
def test_what_cloudformation_is_told(change: dict[str, Any], ok: bool, said: str) -> None:
    verdict = called("cloudformation", "PUT", {**GOOD_ANSWER, **change}, CFN)
    assert (verdict.ok, said in verdict.sentence) == (ok, True), verdict.sentence


def test_what_is_no_answer_at_all() -> None:
    assert "not JSON" in called("cloudformation", "PUT", "SUCCESS", CFN).sentence
    verdict = called("cloudformation", "", None, CFN, ("S3 refuses it.",))
    assert not verdict.ok
    assert verdict.sentence == (
        "within 30 s CloudFormation got no PUT to the ResponseURL. It waits until 15:00:00 (3600 s);"
        " then the stack is stuck until ServiceTimeout. S3 refuses it."
    )
    assert "It waits; then the rule has no result." in called("config", "", None).sentence


def test_how_a_job_ends() -> None:
    verdict = called("codepipeline", "PutJobSuccessResult", {"jobId": "1"})
    assert (verdict.ok, verdict.sentence) == (True, "the action succeeds")
    verdict = called("codepipeline", "PutJobSuccessResult", {"jobId": "1", "continuationToken": "t"})
    assert "calls again" in verdict.sentence
    failure = {"type": "JobFailed", "message": "no tests"}
    verdict = called("codepipeline", "PutJobFailureResult", {"jobId": "1", "failureDetails": failure})
    assert (verdict.ok, verdict.sentence) == (True, "the action fails with JobFailed: no tests")


def test_what_a_rule_finds() -> None:
    found = [{"ComplianceType": kind} for kind in ("COMPLIANT", "NON_COMPLIANT", "COMPLIANT")]
    verdict = called("config", "PutEvaluations", {"Evaluations": found})
    assert (verdict.ok, verdict.sentence) == (True, "the rule finds 2 COMPLIANT, 1 NON_COMPLIANT")
    wrong = [{"ComplianceType": "INSUFFICIENT_DATA"}]
    verdict = called("config", "PutEvaluations", {"Evaluations": wrong})
    assert not verdict.ok
    assert "Evaluations[0].ComplianceType" in verdict.sentence
