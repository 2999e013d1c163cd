"""Paths of routes: literal parts, ``{name}`` for one part, ``{name+}`` or ``*`` for all the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

_LITERAL = re.compile(r"[A-Za-z0-9._~!$&'()+,;=:@%-]+", re.ASCII)
_NAMED = re.compile(r"\{([A-Za-z0-9_.-]+)(\+?)\}", re.ASCII)
_RESERVED = ("lambda-url", "_lambdatui")
LIMIT = 1024


class BadPath(Exception):  # noqa: N818 - the caller's, with a sentence for a person
    """A path that no route can have."""


@dataclass(frozen=True, slots=True)
class Template:
    """A path of a route, taken apart."""

    text: str
    parts: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> Template:
        """Take a path apart; raises BadPath."""
        if not text.startswith("/") or len(text) > LIMIT:
            raise BadPath(f"A path begins with / and has at most {LIMIT} characters.")
        parts = tuple(text.strip("/").split("/")) if text.strip("/") else ()
        for at, part in enumerate(parts):
            _check(part, last=at == len(parts) - 1)
        if parts and parts[0].lower() in _RESERVED:
            raise BadPath(f"/{parts[0]} belongs to the engine itself.")
        names = [found[1] for part in parts if (found := _NAMED.fullmatch(part))]
        if len(names) != len(set(names)):
            raise BadPath("Two parts of the path have the same name.")
        return cls(f"/{'/'.join(parts)}", parts)

    @property
    def shape(self) -> tuple[str, ...]:
        """The path without its names: two routes of one shape would answer the same requests."""
        return tuple(
            "*" if _greedy(part) else "{}" if part[0] == "{" else unquote(part) for part in self.parts
        )

    @property
    def rank(self) -> tuple[tuple[int, str], ...]:
        """Sorts the more exact path first: a literal part before a named one before all the rest."""
        kinds = ((2 if _greedy(part) else 1 if part[0] == "{" else 0, part) for part in self.parts)
        return (*kinds, (3, ""))

    def match(self, path: str) -> dict[str, str] | None:
        """The named parts of a path that fits, decoded; None if it does not fit."""
        given = path.strip("/").split("/") if path.strip("/") else []
        found: dict[str, str] = {}
        for at, part in enumerate(self.parts):
            if part == "*":
                return found
            if at >= len(given):
                return None
            named = _NAMED.fullmatch(part)
            if named is None:
                if unquote(part) != unquote(given[at]):
                    return None
            elif named[2]:
                found[named[1]] = unquote("/".join(given[at:]))
                return found
            else:
                found[named[1]] = unquote(given[at])
        return found if len(given) == len(self.parts) else None


def _check(part: str, *, last: bool) -> None:
    if part == "*" or part.endswith("+}"):
        if not last:
            raise BadPath(f"{part} stands for all the rest of a path: it can only be its last part.")
        if part == "*":
            return
    if not _NAMED.fullmatch(part) and (not _LITERAL.fullmatch(part) or part in (".", "..")):
        raise BadPath(f"{part!r} can be no part of a path.")


def _greedy(part: str) -> bool:
    return part == "*" or part.endswith("+}")
