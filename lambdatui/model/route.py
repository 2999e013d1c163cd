"""Local routes: paths at which the local engine serves functions to browsers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """One path and the function behind it."""

    path: str
    """With ``{name}`` for one part, ``{name+}`` or ``*`` for all the rest."""
    function: str
    """A name, or name:version, or name:alias."""
    kind: str
    """What seems to stand in front: http, rest (API Gateway) or alb."""
    url: str
