"""How dispatch feels the fault switches: refusals in AWS's words, and the version that a switch forces."""

from __future__ import annotations

from lambdatui.engine.faults import Faults
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


def version(faults: Faults, name: str, second: str | None) -> str | None:
    """An alias's second version, if a switch forces it."""
    if second is None or faults.take("other-version", name) is None:
        return None
    return second
