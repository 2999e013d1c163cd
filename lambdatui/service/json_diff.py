"""What differs between two JSON values, path by path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST = 2000


@dataclass(frozen=True, slots=True)
class JsonChange:
    """One place that differs; a side that has nothing there is None."""

    path: str
    left: str | None
    right: str | None


def changes(left: str, right: str) -> list[JsonChange]:
    """The places that differ in two texts of JSON; whole texts when either is not JSON."""
    try:
        pair = json.loads(left), json.loads(right)
    except (ValueError, RecursionError):
        return [] if left == right else [JsonChange("", left or None, right or None)]
    found = []
    for change in _walk("", *pair):
        found.append(change)
        if len(found) == MOST:
            break
    return found


def _walk(path: str, left: Any, right: Any) -> Iterator[JsonChange]:
    if isinstance(left, dict) and isinstance(right, dict):
        for key, value in left.items():
            where = _step(path, key)
            if key in right:
                yield from _walk(where, value, right[key])
            else:
                yield JsonChange(where, _text(value), None)
        for key in (key for key in right if key not in left):
            yield JsonChange(_step(path, key), None, _text(right[key]))
    elif isinstance(left, list) and isinstance(right, list):
        both = min(len(left), len(right))
        for at in range(both):
            yield from _walk(f"{path}[{at}]", left[at], right[at])
        for at in range(both, len(left)):
            yield JsonChange(f"{path}[{at}]", _text(left[at]), None)
        for at in range(both, len(right)):
            yield JsonChange(f"{path}[{at}]", None, _text(right[at]))
    elif type(left) is not type(right) or left != right:
        yield JsonChange(path, _text(left), _text(right))


def _step(path: str, key: str) -> str:
    if key.isidentifier():
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(key, ensure_ascii=False)}]"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
