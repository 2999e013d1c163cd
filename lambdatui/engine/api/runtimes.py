"""Which runtimes a function may be created with, and what is said of the others."""

from __future__ import annotations

import hashlib

from lambdatui.engine.wire.errors import invalid_parameter
from lambdatui.engine.wire.overrides import RUNTIMES

# Younger than the list that AWS's error names.
_NEWER = frozenset({"nodejs26.x", "python3.15", "ruby4.0", "java8.al2023", "java11.al2023", "java17.al2023"})
_RETIRED = frozenset(
    {"java8", "go1.x", "provided", "ruby2.5", "ruby2.7", "python2.7", "python3.6", "python3.7"}
    | {"nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x"}
    | {"nodejs14.x", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1"}
)
_SNAP_START = ("java", "python3.12", "python3.13", "python3.14", "python3.15", "dotnet8", "dotnet10")
_NO_SNAP_START = ("java8",)


def check_runtime(runtime: str) -> None:
    """Refuse a runtime that Lambda has retired or never had."""
    if runtime in _RETIRED:
        raise invalid_parameter(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda"
            " functions. We recommend you use a supported runtime while creating or updating functions."
        )
    if runtime not in RUNTIMES and runtime not in _NEWER:
        raise invalid_parameter(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set:"
            f" [{', '.join(RUNTIMES)}] or be a valid ARN"
        )


def check_snap_start(runtime: str) -> None:
    """Refuse snapshots for a runtime that has none."""
    if not runtime.startswith(_SNAP_START) or runtime.startswith(_NO_SNAP_START):
        raise invalid_parameter(f"{runtime} is not supported for SnapStart enabled functions.")


def runtime_version_arn(region: str, runtime: str) -> str:
    """The ARN of a runtime's version: AWS's form, and stable for a runtime."""
    return f"arn:aws:lambda:{region}::runtime:{hashlib.sha256(runtime.encode()).hexdigest()}"
