"""Pages of lists: ``MaxItems`` in, ``Marker`` in and ``NextMarker`` out.

A marker holds the key of the last item of its page, so a page is right even when items came and went.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson

from lambdatui.engine.wire.errors import invalid_parameter

T = TypeVar("T")
PAGE = 50


def start(request: dict[str, Any], default: Any) -> Any:
    """The key behind which the page begins; ``default`` for the first page."""
    marker = request.get("Marker")
    if not marker:
        return default
    try:
        key = orjson.loads(base64.urlsafe_b64decode(marker))
    except ValueError as error:
        raise invalid_parameter("The provided marker is not valid.") from error
    if type(default) is not type(key) and not (isinstance(default, tuple) and isinstance(key, list)):
        raise invalid_parameter("The provided marker is not valid.")
    return tuple(key) if isinstance(key, list) else key


def size(request: dict[str, Any], most: int = PAGE) -> int:
    """How many items the page may have."""
    return min(request.get("MaxItems") or most, most)


def answer(
    request: dict[str, Any],
    name: str,
    items: Sequence[T],
    show: Callable[[T], Any],
    key: Callable[[T], Any],
    most: int = PAGE,
) -> dict[str, Any]:
    """A page of ``items``, which were read from behind ``start`` and hold one more than fits, if there is."""
    limit = size(request, most)
    page: dict[str, Any] = {name: [show(item) for item in items[:limit]]}
    if len(items) > limit:
        page["NextMarker"] = base64.urlsafe_b64encode(orjson.dumps(key(items[limit - 1]))).decode()
    return page


def cut(
    request: dict[str, Any],
    name: str,
    items: Sequence[T],
    show: Callable[[T], Any],
    key: Callable[[T], Any],
    most: int = PAGE,
) -> dict[str, Any]:
    """A page of a short list that was read whole; ``key`` is a text that is unique in it."""
    after = start(request, "")
    keys = [key(item) for item in items]
    first = keys.index(after) + 1 if after in keys else 0
    return answer(request, name, items[first:], show, key, most)
