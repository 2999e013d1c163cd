"""Cross-origin rules of a function URL. Where they are set, Lambda answers for the function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Pairs = list[tuple[str, str]]
_PREFIX = "access-control-"


class Cors:
    """The ``Cors`` member of a URL's configuration."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config

    def preflight(self, headers: Mapping[str, str]) -> Pairs:
        """The answer to a browser that asks what it may do; no permission if the origin is not known."""
        allowed = self._origin(headers)
        asked = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
        if not allowed:
            return [("Vary", asked)]
        methods, names = self._list("AllowMethods"), self._list("AllowHeaders")
        wanted = headers.get("access-control-request-headers")
        found = [*allowed, ("Vary", asked)]
        if methods:
            text = headers["access-control-request-method"] if "*" in methods else ",".join(methods)
            found.append(("Access-Control-Allow-Methods", text))
        if names and (wanted or "*" not in names):
            text = wanted if wanted and "*" in names else ",".join(names)
            found.append(("Access-Control-Allow-Headers", text))
        if (age := self._config.get("MaxAge")) is not None:
            found.append(("Access-Control-Max-Age", str(age)))
        return found

    def dress(self, answer: Pairs, headers: Mapping[str, str]) -> Pairs:
        """A function's answer with these rules instead of what the function says itself."""
        kept = [pair for pair in answer if not pair[0].lower().startswith(_PREFIX)]
        if "origin" not in headers:
            return kept
        allowed = self._origin(headers)
        if allowed and (exposed := self._list("ExposeHeaders")):
            allowed.append(("Access-Control-Expose-Headers", ",".join(exposed)))
        return [*kept, *allowed, ("Vary", "Origin")]

    def _origin(self, headers: Mapping[str, str]) -> Pairs:
        origin = headers.get("origin", "")
        rules = self._list("AllowOrigins")
        if not origin or not any(_matches(rule, origin) for rule in rules):
            return []
        if self._config.get("AllowCredentials"):  # which browsers take with an exact origin only
            return [
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Credentials", "true"),
            ]
        return [("Access-Control-Allow-Origin", "*" if "*" in rules else origin)]

    def _list(self, member: str) -> list[str]:
        return list(self._config.get(member) or ())


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def _matches(rule: str, origin: str) -> bool:
    """One ``*`` stands for anything: ``*``, ``https://*``, ``https://*.example.com``."""
    before, star, after = rule.lower().partition("*")
    origin = origin.lower()
    if not star:
        return before == origin
    return len(origin) >= len(before) + len(after) and origin.startswith(before) and origin.endswith(after)
