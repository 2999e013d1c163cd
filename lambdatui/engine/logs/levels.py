"""The level of a line that a function writes, as Lambda reads it when logs are JSON."""

from __future__ import annotations

import orjson

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
INFO = LEVELS.index("INFO")

_OTHER_NAMES = {"WARNING": "WARN", "CRITICAL": "FATAL", "SEVERE": "ERROR"}


def rank(level: str | None) -> int:
    """The place of a level's name; INFO for what is none."""
    name = (level or "").upper()
    name = _OTHER_NAMES.get(name, name)
    return LEVELS.index(name) if name in LEVELS else INFO


def rank_of(line: str) -> int:
    """A JSON object may say its level; everything else is INFO."""
    if not line.startswith("{"):
        return INFO
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        return INFO
    level = said.get("level")
    return rank(level) if isinstance(level, str) else INFO
