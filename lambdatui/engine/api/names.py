"""Function names in all their spellings, ARNs and qualifiers: read here and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from lambdatui.engine.store import aliases, functions, versions
from lambdatui.engine.store.aliases import AliasRecord
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.versions import LATEST, VersionRecord
from lambdatui.engine.wire.errors import ApiError, invalid_parameter, not_found

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

_SPELLING = re.compile(
    r"(?:arn:aws[a-zA-Z-]*:lambda:)?"
    r"(?:(?P<region>(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?"
    r"(?:(?P<account>\d{12}):)?"
    r"(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)"
    r"(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
FUNCTION_ONLY = (
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this"
    " operation. Please specify either a function name or an unqualified function ARN."
)


@dataclass(frozen=True, slots=True)
class Target:
    """The function that a request names, and the qualifier it gave, if any."""

    account: str
    region: str
    name: str
    qualifier: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What the store looks functions up by."""
        return self.account, self.region, self.name

    @property
    def arn(self) -> str:
        """The function's ARN, never qualified."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def qualified_arn(self) -> str:
        """The ARN as the request named it."""
        return self.arn_of(self.qualifier)

    def arn_of(self, qualifier: str | None) -> str:
        """The ARN with a qualifier, or without for None."""
        return f"{self.arn}:{qualifier}" if qualifier else self.arn

    def missing(self) -> ApiError:
        """That there is no such function, version or alias."""
        return not_found(f"Function not found: {self.qualified_arn}")


def target(ctx: Context, name: str, qualifier: str | None = None) -> Target:
    """What a function name (bare, partial or full ARN, qualified or not) and a ``Qualifier`` say together."""
    return _target(name, qualifier, ctx.region, ctx.account)


@lru_cache(maxsize=4096)
def _target(name: str, qualifier: str | None, here: str, account: str) -> Target:
    match = _SPELLING.fullmatch(name)
    if match is None:  # the model's pattern let it pass; it names nothing
        raise not_found(f"Function not found: {name}")
    derived = match["qualifier"]
    if derived and qualifier and derived != qualifier:
        raise invalid_parameter(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    region = match["region"] or here
    if region != here:
        raise not_found(f"Functions from '{region}' are not reachable in this region ('{here}')")
    return Target(match["account"] or account, region, match["name"], qualifier or derived)


def function_only(ctx: Context, name: str) -> Target:
    """The target of an operation that takes no version or alias."""
    found = target(ctx, name)
    if found.qualifier is not None:
        raise invalid_parameter(FUNCTION_ONLY)
    return found


def unqualified(ctx: Context, name: str) -> Target:
    """The target of an operation for which a qualifier means nothing."""
    return replace(target(ctx, name), qualifier=None)


def require_function(conn: Connection, wanted: Target) -> None:
    """404 unless the function exists, whatever the qualifier."""
    if not functions.exists(conn, *wanted.key):
        raise not_found(f"Function not found: {wanted.arn}")


def require_latest(conn: Connection, wanted: Target) -> VersionRecord:
    """The function's ``$LATEST``, or 404."""
    found = versions.get(conn, *wanted.key, LATEST)
    if found is None:
        raise not_found(f"Function not found: {wanted.arn}")
    return found


def require_version(conn: Connection, wanted: Target) -> VersionRecord:
    """The version that the target's qualifier (none, version or alias) stands for, or 404."""
    found = versions.get_version(conn, *wanted.key, wanted.qualifier)
    if found is None:
        raise wanted.missing()
    return found


def require_qualifier(conn: Connection, wanted: Target) -> VersionRecord | AliasRecord:
    """The version or alias itself, for what hangs on a qualifier; the error knows which it would be."""
    qualifier = wanted.qualifier or LATEST
    found = versions.get(conn, *wanted.key, qualifier) or aliases.get(conn, *wanted.key, qualifier)
    if found is not None:
        return found
    if qualifier.isdigit() or "$" in qualifier:
        raise wanted.missing()
    raise not_found(f"Cannot find alias arn: {wanted.arn_of(qualifier)}")
