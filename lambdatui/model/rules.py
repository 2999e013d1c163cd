"""What the user's config says about accounts: how they look, what may be done there, what is asked first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for the profiles and account numbers that a pattern matches."""

    pattern: str = ""
    production: bool = False  # its dashboards are painted red
    read_only: bool = False  # nothing is changed or invoked there
    writes_allowed: bool = False  # the first change there needs no question
    type_name: bool = False  # what is deleted there is confirmed by typing its name


NO_RULE = Rule()


def rule_for(rules: Iterable[Rule], profile: str | None, account: str) -> Rule:
    """All rules about this place in one; where they differ, the more careful one counts."""
    names = [name for name in (profile, account) if name]
    found = [rule for rule in rules if any(fnmatchcase(name, rule.pattern) for name in names)]
    return Rule(
        production=any(rule.production for rule in found),
        read_only=any(rule.read_only for rule in found),
        writes_allowed=bool(found) and all(rule.writes_allowed for rule in found),
        type_name=any(rule.type_name for rule in found),
    )
