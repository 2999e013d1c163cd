"""How dispatch feels the fault switches: refusals in AWS's words, the version that a switch forces, and
environments that lack something."""

from __future__ import annotations

import time
from dataclasses import replace

from lambdatui.engine import sigv4
from lambdatui.engine.environments.spec import RunSpec
from lambdatui.engine.faults import Faults
from lambdatui.engine.sigv4 import Signature
from lambdatui.engine.wire.errors import ApiError

REFUSALS = {
    "throttle": ("TooManyRequestsException", "Rate Exceeded.", 429),
    "system-error": ("ServiceException", "The service failed, as a fault switch asked it to.", 500),
    "kms-denied": (
        "KMSAccessDeniedException",
        "Lambda was unable to decrypt the environment variables because KMS access was denied."
        " Please check the function's KMS key settings.",
        502,
    ),
    "eni-limit": (
        "ENILimitReachedException",
        "Lambda couldn't create an elastic network interface in the VPC: the limit for them is reached.",
        502,
    ),
}


def refuse(faults: Faults, name: str) -> None:
    """Raises what a switch answers in the place of the function."""
    for kind in faults.armed & REFUSALS.keys():
        if faults.take(kind, name) is not None:
            code, message, status = REFUSALS[kind]
            throttle = kind == "throttle"
            extra = {"Reason": "ConcurrentInvocationLimitExceeded"} if throttle else {}
            raise ApiError(code, message, status, type="User" if throttle else "Service", extra=extra)


Lack = tuple[bool, bool]
"""Whether there is no network, and no room in /tmp."""

SKEW_S = 3600.0
NOTHING: Lack = (False, False)


def lacks(faults: Faults, name: str) -> Lack:
    """What switches take from the environment of an invocation."""
    return faults.take("network-off", name) is not None, faults.take("tmp-full", name) is not None


def without(spec: RunSpec, lack: Lack, tier: str) -> RunSpec:
    """The same to run with something lacking; where a tier cannot do that, the function's log says so."""
    no_network, tmp_full = lack
    notice = None
    if tier != "strict":
        missing = [words for lacking, words in zip(lack, _NOTICES, strict=True) if lacking]
        notice = " ".join(words.format(tier) for words in missing)
    told = f"{spec.program.notice} {notice}" if spec.program.notice and notice else notice
    program = replace(spec.program, standby=None, notice=told or spec.program.notice)
    storage_mb = 0 if tmp_full else spec.storage_mb
    return replace(spec, program=program, no_network=no_network or spec.no_network, storage_mb=storage_mb)


_NOTICES = (
    "The tier {} cannot take the network away: the function has this machine's.",
    "The tier {} cannot make writes to /tmp fail: the function is ended when it holds something there.",
)


def skew(faults: Faults, session: str, signature: Signature) -> None:
    """Raises what AWS answers to a function whose clock is slow; `session`: the ARN of its role's session."""
    fault = faults.take("clock-skew", session.rpartition("/")[2])
    if fault is not None:
        sigv4.check_date(sigv4.behind(signature, fault.seconds or SKEW_S), time.time())


def version(faults: Faults, name: str, second: str | None) -> str | None:
    """An alias's second version, if a switch forces it."""
    if second is None or faults.take("other-version", name) is None:
        return None
    return second
