"""Callers that ignore the answer and wait to be called back: CloudFormation, CodePipeline, Config."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdatui.events.judges.case import CalledBack, Case, Judge, Verdict, need, object_at, one_of

_LARGEST_ANSWER = 4096
_COMPLIANCE = ("COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Who waits for what, how long, and what becomes of it otherwise."""

    service: str
    call: str
    deadline_s: int | None
    otherwise: str
    read: Callable[[Case, CalledBack], Verdict]

    @property
    def judge(self) -> Judge:
        return Judge(self._check, self._refuse)

    @property
    def _detail(self) -> Mapping[str, Any]:
        return {"waits_for": self.call, "deadline_s": self.deadline_s}

    def _check(self, case: Case) -> Verdict:
        called = case.called_back
        if called is None:
            text = f"{self.service} ignores the answer and waits for {self.call}; without it {self.otherwise}"
            return Verdict(True, text, self._detail)
        if called.call:
            return self.read(case, called)
        until = f" until {called.until} ({self.deadline_s} s)" if called.until else ""
        refused = "".join(f" {why}" for why in called.refused)
        text = f"within {called.waited_s:g} s {self.service} got no {self.call}. It waits{until}; then"
        return Verdict(False, f"{text} {self.otherwise}.{refused}", self._detail)

    def _refuse(self, case: Case, why: str) -> Verdict:
        if case.called_back is not None and case.called_back.call:
            return Verdict(False, f"{self.service} does not take the call back: {why}", self._detail)
        text = f"Lambda tries twice more; {self.service} waits for {self.call}, without it {self.otherwise}"
        return Verdict(False, f"{text}: {why}", self._detail)


def _cloudformation(case: Case, called: CalledBack) -> Verdict:
    size = len(str(called.said).encode())
    need(size <= _LARGEST_ANSWER, f"it is larger than {_LARGEST_ANSWER} bytes")
    try:
        said = object_at(json.loads(called.said), "")
    except ValueError as error:
        need(False, f"it is not JSON: {error}")
        raise
    one_of(said.get("Status"), "Status", ("SUCCESS", "FAILED"))
    for name in ("StackId", "RequestId", "LogicalResourceId"):
        expected = (case.event or {}).get(name)
        need(said.get(name), f"{name} is missing")
        need(expected in (None, said[name]), f"{name} is {said[name]!r}, not {expected!r}")
    need(said.get("PhysicalResourceId"), "PhysicalResourceId is missing or empty")
    detail = {"status": said["Status"], "physical_id": said["PhysicalResourceId"]}
    if said["Status"] == "FAILED":
        need(said.get("Reason"), "Reason is missing, and the Status is FAILED")
        return Verdict(True, f"the request fails and the stack rolls back: {said['Reason']}", detail)
    done = {"Create": "is created", "Update": "is updated", "Delete": "is deleted"}
    what = done.get(str((case.event or {}).get("RequestType")), "is done")
    return Verdict(True, f"the resource {what} as {said['PhysicalResourceId']}", detail)


def _codepipeline(_case: Case, called: CalledBack) -> Verdict:
    if called.call == "PutJobFailureResult":
        failure = called.said["failureDetails"]
        return Verdict(True, f"the action fails with {failure['type']}: {failure['message']}", failure)
    if called.said.get("continuationToken"):
        return Verdict(True, "the action goes on: CodePipeline calls again with the continuation token")
    return Verdict(True, "the action succeeds")


def _config(_case: Case, called: CalledBack) -> Verdict:
    evaluations = called.said.get("Evaluations", ())
    need(evaluations or called.said.get("TestMode"), "it names no evaluations")
    for number, one in enumerate(evaluations):
        one_of(one.get("ComplianceType"), f"Evaluations[{number}].ComplianceType", _COMPLIANCE)
    found = Counter(one["ComplianceType"] for one in evaluations)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(found.items())) or "nothing"
    test = " in test mode, which keeps nothing" if called.said.get("TestMode") else ""
    return Verdict(True, f"the rule finds {told}{test}", dict(found))


CALLED_BACK: dict[str, Judge] = {
    "codepipeline": _Waiting(
        *("CodePipeline", "PutJobSuccessResult or PutJobFailureResult", 3600),
        *("the action times out", _codepipeline),
    ).judge,
    "cloudformation": _Waiting(
        *("CloudFormation", "PUT to the ResponseURL", 3600),
        *("the stack is stuck until ServiceTimeout", _cloudformation),
    ).judge,
    "config": _Waiting("Config", "PutEvaluations", None, "the rule has no result", _config).judge,
}
