"""What Cognito makes of an answer."""

from __future__ import annotations

from typing import Any

import pytest

from lambdatui import events
from tests.events.judges.judging import FAILED, say


def test_cognito() -> None:
    event = events.build("cognito-pre-signup")
    assert say("cognito-pre-signup", event, event=event).ok
    told = say("cognito-pre-signup", {**event, "response": {"autoConfirmUser": True}}, event=event)
    assert told.detail["response"] == {"autoConfirmUser": True}
    for answer in (None, {}, {**event, "userName": "eve"}, {**event, "response": {"autoConfirmUser": "yes"}}):
        assert (
            say("cognito-pre-signup", answer, event=event).detail["code"] == "InvalidLambdaResponseException"
        )
    failed = say("cognito-pre-signup", FAILED, error="Unhandled", event=event)
    assert failed.detail["code"] == "UserLambdaValidationException"
    assert failed.detail["message"] == "PreSignUp failed with error boom."
    assert (
        say("cognito-pre-signup", event, event=event, took_s=5.1).detail["code"]
        == "UnexpectedLambdaException"
    )


@pytest.mark.parametrize(
    ("sample_id", "response", "ok"),
    [
        ("cognito-define-auth-challenge", {"issueTokens": True, "failAuthentication": False}, True),
        ("cognito-define-auth-challenge", {"issueTokens": False, "failAuthentication": False}, False),
        ("cognito-verify-auth-challenge", {"answerCorrect": True}, True),
        ("cognito-verify-auth-challenge", {}, False),
        ("cognito-user-migration", {"userAttributes": {"email": "a@example.com"}}, True),
        ("cognito-user-migration", {}, False),
        ("cognito-pre-token-v2", {"claimsAndScopeOverrideDetails": {}}, True),
        ("cognito-pre-token-v2", {"claimsAndScopeOverrideDetails": []}, False),
        ("cognito-custom-message", {"emailMessage": "code {####}"}, True),
        ("cognito-custom-message", {"emailMessage": 5}, False),
    ],
)
def test_cognito_responses(sample_id: str, response: dict[str, Any], ok: bool) -> None:
    event = events.build(sample_id)
    assert say(sample_id, {**event, "response": response}, event=event).ok is ok
