"""Callers that take any answer, or ignore it."""

from __future__ import annotations

from lambdatui.events.judges.case import Case, Judge, Verdict, need, object_at

_SES_WAITS_S = 30
_DISPOSITIONS = ("CONTINUE", "STOP_RULE", "STOP_RULE_SET")


def _queued(case: Case) -> Verdict:
    sentence = f"{case.sample.caller.service} ignores the answer; a success destination gets it"
    return Verdict(True, sentence, {"retried": False})


def _queue_refuses(_case: Case, why: str) -> Verdict:
    sentence = (
        "Lambda tries again after 1 and 2 minutes, then the dead-letter queue and the destination get it"
    )
    return Verdict(False, f"{sentence}: {why}", {"retried": True})


def _stepfunctions(case: Case) -> Verdict:
    return Verdict(True, "the state succeeds with the answer as its result", {"result": case.value})


def _state_fails(case: Case, why: str) -> Verdict:
    if case.error:
        name = str(case.error_object.get("errorType") or "Lambda.Unknown")
        cause = case.answer.decode("utf-8", "replace")
    elif len(case.answer) > case.sample.caller.answer_limit:
        name, cause = "States.DataLimitExceeded", why
    else:
        name, cause = "States.Runtime", why
    return Verdict(False, f"the state fails with {name}: {why}", {"error": name, "cause": cause})


def _appsync(case: Case) -> Verdict:
    return Verdict(True, "AppSync resolves the field from the answer", {"result": case.value})


def _appsync_refuses(case: Case, why: str) -> Verdict:
    kind = (
        "Lambda:ExecutionTimeoutException" if case.timed_out else f"Lambda:{case.error or 'InvalidResponse'}"
    )
    return Verdict(False, f"the field is null, with the GraphQL error {kind}: {why}", {"errorType": kind})


def _waits(case: Case) -> bool:
    """Whether the receipt rule asked for an answer."""
    try:
        action = case.event["Records"][0]["ses"]["receipt"]["action"]
    except (KeyError, IndexError, TypeError):
        return False
    return bool(action.get("invocationType") == "RequestResponse")


def _ses(case: Case) -> Verdict:
    if not _waits(case):
        return _queued(case)
    need(case.took_s <= _SES_WAITS_S, f"the function took {case.took_s:.1f} s, SES waits {_SES_WAITS_S} s")
    disposition = object_at(case.value, "").get("disposition")
    need(
        disposition in _DISPOSITIONS, f"disposition is {disposition!r}, not one of {', '.join(_DISPOSITIONS)}"
    )
    what = {
        "CONTINUE": "goes on with the next action",
        "STOP_RULE": "leaves out the other actions of the rule",
        "STOP_RULE_SET": "leaves out all other rules",
    }
    return Verdict(True, f"SES {what[str(disposition)]}", {"disposition": disposition})


def _ses_refuses(case: Case, why: str) -> Verdict:
    if not _waits(case):
        return _queue_refuses(case, why)
    return Verdict(False, f"SES gets no disposition: {why}", {"disposition": None})


def _rotation(_case: Case) -> Verdict:
    return Verdict(True, "Secrets Manager ignores the answer and goes on with the next step")


def _rotation_refuses(_case: Case, why: str) -> Verdict:
    return Verdict(False, f"the rotation step fails and is tried again: {why}")


JUDGES = {
    "queued": Judge(_queued, _queue_refuses),
    "stepfunctions": Judge(_stepfunctions, _state_fails),
    "appsync": Judge(_appsync, _appsync_refuses),
    "ses": Judge(_ses, _ses_refuses),
    "rotation": Judge(_rotation, _rotation_refuses),
}
