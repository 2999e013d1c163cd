"""Memory that would be kept for nothing, let go.

Each widget holds the lines that it drew in a `StylesCache`. Textual remembers two colours with that holder as
part of the question, so the last thousand holders stay: it adds up in a working day.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any, cast

from textual._styles_cache import StylesCache


def colours_without_widgets() -> None:
    """Remember the colours for whoever asks."""
    compute = getattr(StylesCache.get_inner_outer, "__wrapped__", None)
    if compute is not None:

        @lru_cache(1024)
        def colours(base: Any, background: Any) -> Any:
            return compute(StylesCache, base, background)

        cast("Any", StylesCache).get_inner_outer = staticmethod(colours)


M_ARENA_MAX = -8
"""As in glibc's malloc.h."""


def one_heap() -> None:
    """Have threads to come share the heap there is. Each would keep one of its own, with what it imported:
    8 MB after the AWS library. Where the C library is another one, nothing is done."""
    if sys.platform == "linux":
        import ctypes  # after the first frame

        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(M_ARENA_MAX, 1)
