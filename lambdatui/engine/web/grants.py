"""Whether a function's resource policy lets somebody in through a function URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdatui.engine.permissions import Request, decide

ACTIONS = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
"""Both are needed."""

# What a caller's own account says of it; only the function's policy could still deny it.
_OWN_ACCOUNT = {"Effect": "Allow", "Principal": "*", "Action": "lambda:*", "Resource": "*"}


def admits(policy: Mapping[str, Any] | None, auth_type: str, arn: str | None, resource: str) -> bool:
    """Whether a caller (`arn`; None: nobody known) may call the function `resource` through its URL.

    Callers of the function's own account need no grant of the function: the engine's keys may do everything.
    """
    statements = list((policy or {}).get("Statement", ()))
    context = {"lambda:FunctionUrlAuthType": auth_type, "lambda:InvokedViaFunctionUrl": "true"}
    if arn is not None:
        context |= {"aws:PrincipalArn": arn, "aws:PrincipalAccount": _account_of(arn)}
        if _account_of(arn) == _account_of(resource):
            statements.append(_OWN_ACCOUNT)
    caller = "*" if arn is None else {"AWS": arn}
    return all(decide(statements, Request(caller, resource, action, context)).allowed for action in ACTIONS)


def _account_of(arn: str) -> str:
    return arn.split(":")[4]
