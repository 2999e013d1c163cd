"""What is put on the clipboard."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from lambdatui.model import InvocationType, Target, TargetKind


def aws_command(
    target: Target, function: str, qualifier: str | None, payload: str, kind: InvocationType
) -> str:
    """The invocation as the ``aws`` CLI does it, ready to paste."""
    words = ["aws", "lambda", "invoke", "--function-name", function]
    if qualifier:
        words += ["--qualifier", qualifier]
    if kind is not InvocationType.REQUEST_RESPONSE:
        words += ["--invocation-type", str(kind)]
    words += ["--cli-binary-format", "raw-in-base64-out", "--payload", payload]
    if target.kind is TargetKind.AWS and target.profile:
        words += ["--profile", target.profile]
    words += ["--region", target.region]
    if target.endpoint:
        words += ["--endpoint-url", target.endpoint]
    return shlex.join([*words, "/dev/stdout"])


def exports(environment: Mapping[str, str]) -> str:
    """The lines that ``lambdatui env`` prints."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items())
