"""Cognito: the trigger must return the event it got, with a response that fits."""

from __future__ import annotations

from typing import Any

from lambdatui.events.judges.case import Case, Judge, Verdict, need, object_at

_SAME = ("version", "triggerSource", "region", "userPoolId", "userName")
_TYPES: dict[str, dict[str, type]] = {
    "PreSignUp": {"autoConfirmUser": bool, "autoVerifyEmail": bool, "autoVerifyPhone": bool},
    "DefineAuthChallenge": {"challengeName": str, "issueTokens": bool, "failAuthentication": bool},
    "CreateAuthChallenge": {
        "publicChallengeParameters": dict,
        "privateChallengeParameters": dict,
        "challengeMetadata": str,
    },
    "VerifyAuthChallengeResponse": {"answerCorrect": bool},
    "TokenGeneration": {"claimsOverrideDetails": dict, "claimsAndScopeOverrideDetails": dict},
    "UserMigration": {
        "userAttributes": dict,
        "finalUserStatus": str,
        "messageAction": str,
        "desiredDeliveryMediums": list,
        "forceAliasCreation": bool,
    },
    "CustomMessage": {"smsMessage": str, "emailMessage": str, "emailSubject": str},
}
_KINDS = {bool: "neither true nor false", str: "no text", dict: "no object", list: "no array"}


def _trigger(case: Case, answer: Any = None) -> str:
    for source in (case.event, answer):
        if isinstance(source, dict) and source.get("triggerSource"):
            return str(source["triggerSource"])
    return ""


def _cognito(case: Case) -> Verdict:
    answer = object_at(case.value, "")
    event = case.event if isinstance(case.event, dict) else {}
    for name in _SAME:
        need(name in answer, f"the answer is not the event: {name} is missing")
        need(name not in event or answer[name] == event[name], f"{name} is not the one of the event")
    response = object_at(answer, "response")
    trigger = _trigger(case, answer).partition("_")[0]
    for name, kind in _TYPES.get(trigger, {}).items():
        given = response.get(name)
        need(given is None or isinstance(given, kind), f"response.{name} is {_KINDS[kind]}")
    _needed(trigger, response)
    return Verdict(True, f"Cognito goes on with {trigger or 'the flow'}", {"response": response})


def _needed(trigger: str, response: dict[str, Any]) -> None:
    """What a trigger cannot leave open."""
    if trigger == "VerifyAuthChallengeResponse":
        need(isinstance(response.get("answerCorrect"), bool), "response.answerCorrect is missing")
    if trigger == "UserMigration":
        need(response.get("userAttributes"), "response.userAttributes is missing: the user is not migrated")
    if trigger == "DefineAuthChallenge":
        decided = (
            response.get("issueTokens") or response.get("failAuthentication") or response.get("challengeName")
        )
        need(decided, "response names no challenge, issues no tokens and does not fail the authentication")


def _refuse(case: Case, why: str) -> Verdict:
    trigger = _trigger(case).partition("_")[0] or "The trigger"
    if case.timed_out:
        code, message = "UnexpectedLambdaException", f"{trigger} failed: it is tried up to three times"
    elif case.error:
        told = str(case.error_object.get("errorMessage", case.error))
        code, message = "UserLambdaValidationException", f"{trigger} failed with error {told}."
    else:
        code, message = "InvalidLambdaResponseException", "Unrecognizable lambda output"
    return Verdict(False, f"the user sees {code}: {message} ({why})", {"code": code, "message": message})


def _sender(_case: Case) -> Verdict:
    return Verdict(True, "Cognito ignores the answer; the function has to send the message itself")


def _sync(case: Case) -> Verdict:
    answer = object_at(case.value, "")
    records = object_at(answer, "datasetRecords")
    for key, record in records.items():
        need(isinstance(record, dict), f"datasetRecords.{key} is no object")
        need(
            record.get("op") in ("replace", "remove"),
            f"datasetRecords.{key}.op is neither replace nor remove",
        )
    return Verdict(True, "Cognito Sync writes the records that came back", {"records": records})


def _sync_refuses(_case: Case, why: str) -> Verdict:
    return Verdict(
        False, f"the synchronisation fails: {why}", {"code": "InvalidLambdaFunctionOutputException"}
    )


JUDGES = {
    "cognito": Judge(_cognito, _refuse),
    "cognito_sender": Judge(_sender, _refuse),
    "cognito_sync": Judge(_sync, _sync_refuses),
}
