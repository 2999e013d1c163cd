"""May this caller invoke that function? A policy's statements and a request: allowed or not, and why.

Pure: no store, no clock. A statement that denies wins over those that allow; without one that allows, no.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

INVOKE = "lambda:InvokeFunction"

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants to do what to which function, under which circumstances."""

    principal: Mapping[str, str] | str
    """{"Service": "s3.amazonaws.com"}, {"AWS": "arn:…"}, or "*" for somebody who did not say."""
    resource: str
    """The function's ARN, qualified as it is asked for."""
    action: str = INVOKE
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition keys, such as aws:SourceArn; in any case of letters."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a call is allowed, and by what."""

    allowed: bool
    why: str
    """A sentence for a person."""


def decide(statements: Iterable[Statement], request: Request) -> Decision:
    """What the statements say to the request."""
    context = {key.lower(): value for key, value in request.context.items()}
    allowed: Decision | None = None
    nearest = "No statement of its resource policy is about this caller."
    for statement in statements:
        name = f"Statement {statement.get('Sid') or 'without Sid'}"
        denies = statement.get("Effect") == "Deny"
        misses = _misses(statement, request, context, when_unknown=denies)
        if misses is None and denies:
            return Decision(False, f"{name} denies it.")
        if misses is None and allowed is None:
            allowed = Decision(True, f"{name} allows it.")
        elif misses is not None and not denies:
            nearest = f"{name} does not allow it: {misses}."
    return allowed or Decision(False, nearest)


def _misses(
    statement: Statement, request: Request, context: Mapping[str, str], when_unknown: bool
) -> str | None:
    """Why a statement is not about the request; None if it is."""
    if not _is_principal(statement, request.principal):
        return "it names another principal"
    if not _any_like(statement, "Action", request.action.lower(), lower=True):
        return f"it is not about {request.action}"
    if not _any_like(statement, "Resource", request.resource):
        return f"it is not about {request.resource}"
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, wanted in keys.items():
            held = _holds(operator, context.get(key.lower()), _texts(wanted))
            if not (when_unknown if held is None else held):
                shown = context.get(key.lower())
                return f"{key} is {shown!r}" if shown is not None else f"there is no {key}"
    return None


def _is_principal(statement: Statement, caller: Mapping[str, str] | str) -> bool:
    if "NotPrincipal" in statement:
        return not _names(statement["NotPrincipal"], caller)
    return _names(statement.get("Principal"), caller)


def _names(principal: Any, caller: Mapping[str, str] | str) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, Mapping):
        return False
    if "*" in _texts(principal.get("AWS", [])):
        return True
    if isinstance(caller, str):
        return False
    return any(
        _same_principal(kind, wanted, name)
        for kind, name in caller.items()
        for wanted in _texts(principal.get(kind, []))
    )


def _same_principal(kind: str, wanted: str, name: str) -> bool:
    """An account, or its root, stands for everybody in the account."""
    if wanted == name:
        return True
    if kind != "AWS":
        return False
    account = re.fullmatch(r"(?:arn:aws[\w-]*:iam::)?(\d{12})(?::root)?", wanted)
    if account is not None:
        return name.split(":")[4:5] == [account[1]]
    session = re.fullmatch(r"arn:(aws[\w-]*):sts::(\d{12}):assumed-role/([^/]+)/.+", name)
    return (
        session is not None
        and re.fullmatch(rf"arn:{session[1]}:iam::{session[2]}:role/(?:.+/)?{re.escape(session[3])}", wanted)
        is not None
    )


def _any_like(statement: Statement, element: str, value: str, lower: bool = False) -> bool:
    """`Action` or `Resource`, with its wildcards, or the same with `Not` before it."""
    turned = f"Not{element}" in statement
    patterns = _texts(statement.get(f"Not{element}" if turned else element, []))
    found = any(_like(pattern.lower() if lower else pattern, value) for pattern in patterns)
    return found is not turned


def _holds(operator: str, value: str | None, wanted: list[str]) -> bool | None:
    """Whether a condition is met; None for an operator that nobody knows."""
    name = operator.rpartition(":")[2]  # ForAnyValue:, ForAllValues: every key here has one value
    if name == "Null":
        return (value is None) is (wanted[:1] == ["true"])
    if name.endswith("IfExists"):
        if value is None:
            return True
        name = name.removesuffix("IfExists")
    turned = "Not" in name
    test = _TESTS.get(name.replace("Not", ""))
    if test is None:
        return None
    if value is None:
        return turned or operator.startswith("ForAllValues:")
    return any(test(value, one) for one in wanted) is not turned


def _numbers(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def test(value: str, wanted: str) -> bool:
        try:
            return compare(float(value), float(wanted))
        except ValueError:
            return False

    return test


def _in_network(value: str, wanted: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _arn_like(value: str, wanted: str) -> bool:
    """Wildcards of an ARN do not reach over its first five colons."""
    parts, patterns = value.split(":", 5), wanted.split(":", 5)
    return len(parts) == len(patterns) and all(map(_like, patterns, parts))


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _like(pattern: str, value: str) -> bool:
    return _expression(pattern).fullmatch(value) is not None


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": lambda value, wanted: _like(wanted, value),
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda value, wanted: value.lower() == wanted.lower(),
    "NumericEquals": _numbers(lambda a, b: a == b),
    "NumericLessThan": _numbers(lambda a, b: a < b),
    "NumericLessThanEquals": _numbers(lambda a, b: a <= b),
    "NumericGreaterThan": _numbers(lambda a, b: a > b),
    "NumericGreaterThanEquals": _numbers(lambda a, b: a >= b),
    "IpAddress": _in_network,
}


def _texts(value: Any) -> list[str]:
    """One value or many, as text; booleans as JSON writes them."""
    many = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in many]
