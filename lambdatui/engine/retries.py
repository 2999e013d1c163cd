"""What follows an attempt of an asynchronous event: success, another attempt and when, or the end and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lambdatui.engine.dispatch import Outcome
from lambdatui.engine.store.events import EventRecord
from lambdatui.engine.wire.errors import ApiError

RETRIES = 2
BASE_DELAY_S = 60.0
LONGEST_POSTPONEMENT_S = 300.0
AGE_S = 21600
LEAST_AGE_S = 60
HISTORY = 100  # entries kept of one event

SUCCESS = "Success"
RETRIES_EXHAUSTED = "RetriesExhausted"
TOO_OLD = "EventAgeExceeded"
NO_CONCURRENCY = "ZeroReservedConcurrency"
RECURSION = "RecursiveInvocation"
FUNCTION_GONE = "FunctionNotFound"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a function, version or alias asks for (its EventInvokeConfig), with AWS's defaults."""

    retries: int = RETRIES
    age_s: float = AGE_S
    on_success: str | None = None
    on_failure: str | None = None

    @classmethod
    def of(cls, config: Mapping[str, Any] | None) -> Policy:
        """The policy that a stored EventInvokeConfig spells; the defaults without one."""
        if not config:
            return cls()
        destinations = config.get("DestinationConfig", {})
        retries, age = config.get("MaximumRetryAttempts"), config.get("MaximumEventAgeInSeconds")
        return cls(
            RETRIES if retries is None else retries,
            AGE_S if age is None else age,
            destinations.get("OnSuccess", {}).get("Destination") or None,
            destinations.get("OnFailure", {}).get("Destination") or None,
        )


def after(
    event: EventRecord,
    outcome: Outcome | ApiError,
    policy: Policy,
    now: float,
    *,
    base_delay_s: float = BASE_DELAY_S,
    no_concurrency: bool = False,
) -> EventRecord:
    """The event as it is from now on: with a condition it is over, else it is due again at `next_at`."""
    if isinstance(outcome, ApiError):
        return _after_refusal(event, outcome, policy, now, no_concurrency)
    event = replace(event, attempts=event.attempts + 1, executed_version=outcome.executed_version)
    if outcome.function_error is None:
        return replace(event, condition=SUCCESS, response=outcome.payload)
    event = replace(event, response=outcome.payload)
    wait = event.attempts * base_delay_s
    if event.attempts > policy.retries:
        ended = replace(event, condition=RETRIES_EXHAUSTED, failed=now)
    else:
        ended = _again(event, policy, now, wait)
    return _noted(ended, now, "function error", outcome.error_type, outcome.executed_version)


def _after_refusal(
    event: EventRecord, error: ApiError, policy: Policy, now: float, no_concurrency: bool
) -> EventRecord:
    """It did not run at all: no attempt is used up."""
    what = "throttle" if error.code == "TooManyRequestsException" else "system error"
    final = {"ResourceNotFoundException": FUNCTION_GONE, "RecursiveInvocationException": RECURSION}
    condition = NO_CONCURRENCY if no_concurrency else final.get(error.code)
    if condition is not None:
        ended = replace(event, condition=condition, failed=now)
    else:
        wait = min(2.0**event.postponements, LONGEST_POSTPONEMENT_S)
        ended = _again(replace(event, postponements=event.postponements + 1), policy, now, wait)
    return _noted(ended, now, what, error.code, None)


def _again(event: EventRecord, policy: Policy, now: float, wait: float) -> EventRecord:
    """Due again after `wait`; an event that would be too old by then is dropped at once."""
    if now + wait >= event.accepted + policy.age_s:
        return replace(event, condition=TOO_OLD, failed=now)
    return replace(event, next_at=now + wait)


def expired(event: EventRecord, policy: Policy, now: float) -> EventRecord | None:
    """The event as one that was dropped, if it waited too long to be attempted again."""
    if now < event.accepted + policy.age_s:
        return None
    return replace(event, condition=TOO_OLD, failed=now)


def _noted(event: EventRecord, now: float, what: str, error: str | None, version: str | None) -> EventRecord:
    """With one line more in its history."""
    entry: dict[str, Any] = {"at": now, "outcome": what, "error": error, "version": version}
    if event.condition is None:
        entry["next_at"] = event.next_at
    return replace(event, history=[*event.history[-HISTORY + 1 :], entry])
