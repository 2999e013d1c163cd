"""How many tags a resource may have."""

from __future__ import annotations

from lambdatui.engine.wire.errors import invalid_parameter

MOST = 50


def check_count(tags: dict[str, str]) -> None:
    """Refuse more tags than a resource may have."""
    if len(tags) > MOST:
        raise invalid_parameter("Number of tags exceeds resource tag limit.")
