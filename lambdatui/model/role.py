"""What a function's execution role says: who may take it on, what it may do, what it lacks."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoleStatement:
    """One statement of one of its policies, or of its trust."""

    policy: str  # the policy's name; "" for the trust
    kind: str  # "AWS managed" | "managed" | "inline" | "trust"
    allow: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...] = ()
    but_actions: bool = False  # all actions but these
    but_resources: bool = False  # all resources but these
    conditions: tuple[tuple[str, str, str], ...] = ()  # operator, key, value

    def covers(self, action: str, resource: str) -> bool:
        """Whether it is about this action on this resource, conditions aside."""
        acts = _matches(action.lower(), tuple(each.lower() for each in self.actions)) != self.but_actions
        return acts and _matches(resource, self.resources) != self.but_resources


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that the function's settings need and the role does not grant."""

    reason: str  # "to write its log"
    actions: tuple[str, ...]
    resource: str


@dataclass(frozen=True, slots=True)
class Role:
    """The execution role of a function."""

    arn: str
    name: str
    statements: tuple[RoleStatement, ...]
    lacks: tuple[Lack, ...] = ()
    boundary: str = ""  # ARN of the permissions boundary: it may forbid what the policies allow

    def may(self, action: str, resource: str) -> bool:
        """By its policies: allowed somewhere, and forbidden nowhere without a condition."""
        about = [each for each in self.statements if each.kind != "trust" and each.covers(action, resource)]
        return any(each.allow for each in about) and not any(
            not each.allow and not each.conditions for each in about
        )

    @property
    def trusts_lambda(self) -> bool:
        """Whether Lambda may take it on."""
        return any(
            each.allow and {"lambda.amazonaws.com", "*"}.intersection(each.principals)
            for each in self.statements
            if each.kind == "trust"
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that a setting can name: a role, a subnet, a security group."""

    value: str
    title: str
    hint: str = ""


def _matches(text: str, patterns: tuple[str, ...]) -> bool:
    """By IAM's wildcards. An unknown resource ends with a star itself: then any that could be it will do."""
    return any(
        fnmatch.fnmatchcase(text, _literal(pattern)) or fnmatch.fnmatchcase(pattern, _literal(text))
        for pattern in patterns
    )


def _literal(pattern: str) -> str:
    return pattern.replace("[", "[[]")
