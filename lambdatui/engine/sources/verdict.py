"""What a function's answer says about the items of its batch."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import orjson


def failures(
    payload: bytes, known: Collection[str], named: Callable[[Any], Any] = lambda identifier: identifier
) -> set[str] | None:
    """The identifiers that failed, none for success; None if the answer fails the whole batch.

    AWS is strict: an identifier that is missing, empty or unknown makes everything come back. `named` gives
    an identifier the form of those that are `known`.
    """
    try:
        answer = orjson.loads(payload) if payload.strip() else None
    except orjson.JSONDecodeError:
        return None
    if answer is None or answer == "":
        return set()
    if not isinstance(answer, dict):
        return None
    items = answer.get("batchItemFailures")
    if items is None:
        return set()
    if not isinstance(items, list):
        return None
    found = set()
    for item in items:
        name = named(item.get("itemIdentifier")) if isinstance(item, dict) else None
        if not isinstance(name, str) or name not in known:
            return None
        found.add(name)
    return found
