"""How much of a request's body is sent already: botocore does not say, so the body itself counts."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Progress = Callable[[int, int], None]
"""Bytes so far, and all of them (0: not known)."""

_wanted: ContextVar[Progress | None] = ContextVar("progress of an upload", default=None)


@contextmanager
def counting(progress: Progress) -> Iterator[None]:
    """Tell of the bodies that are sent within."""
    token = _wanted.set(progress)
    try:
        yield
    finally:
        _wanted.reset(token)


def count_body(request: Any, **_: Any) -> None:
    """Botocore's ``before-send``: have the body tell who wants to know how far it is."""
    progress = _wanted.get()
    if progress is not None and isinstance(request.body, bytes):
        request.body = _Counted(request.body, progress)


class _Counted(io.BytesIO):
    """A body that is told of as it is read, piece by piece."""

    def __init__(self, body: bytes, progress: Progress) -> None:
        super().__init__(body)
        self._whole = len(body)
        self._progress = progress
        self._loop = asyncio.get_running_loop()  # pieces are read in another thread

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self._loop.call_soon_threadsafe(self._progress, self.tell(), self._whole)
        return piece
