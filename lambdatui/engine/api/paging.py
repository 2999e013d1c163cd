"""Pages of lists: ``MaxItems`` in, ``Marker`` in and ``NextMarker`` out.

A marker holds the key of the last item of its page, so a page is right even when items came and went.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson

from lambdatui.engine.wire.errors import ApiError, invalid_parameter

T = TypeVar("T")
PAGE = 50
_LARGEST = 2**63 - 1


def start(request: dict[str, Any], default: Any) -> Any:
    """The key behind which the page begins; ``default``, of the same form, for the first page."""
    key = _decode(request.get("Marker"), default)
    if not _alike(key, default):
        raise _bad_marker()
    return key


def _bad_marker() -> ApiError:
    return invalid_parameter("The provided marker is not valid.")


def _alike(key: Any, default: Any) -> bool:
    """Whether a page could have ended with this key: it is asked of the store as it is."""
    if isinstance(default, tuple):
        return isinstance(key, tuple) and len(key) == len(default) and all(map(_alike, key, default))
    return type(key) is type(default) and not (isinstance(key, int) and key > _LARGEST)


def _decode(marker: str | None, default: Any) -> Any:
    if not marker:
        return default
    try:
        key = orjson.loads(base64.urlsafe_b64decode(marker))
    except ValueError:
        raise _bad_marker() from None
    return tuple(key) if isinstance(key, list) else key


def _encode(key: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode()


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
        page["NextMarker"] = _encode(key(items[limit - 1]))
    return page


def cut(
    request: dict[str, Any],
    name: str,
    items: Sequence[T],
    show: Callable[[T], Any],
    key: Callable[[T], Any],
    most: int = PAGE,
) -> dict[str, Any]:
    """A page of a short list that was read whole; ``key`` is a text that is unique in it.

    The marker remembers the place too, for when the last item is gone by the next page.
    """
    last, place = start(request, ("", 0))
    keys = [key(item) for item in items]
    first = keys.index(last) + 1 if last in keys else place
    end = first + size(request, most)
    page: dict[str, Any] = {name: [show(item) for item in items[first:end]]}
    if len(items) > end:
        page["NextMarker"] = _encode((keys[end - 1], end - 1))
    return page
