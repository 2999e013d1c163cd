"""What Textual keeps of widgets that are gone, let go.

Each widget holds the lines that it drew in a `StylesCache`. Textual remembers two colours with that holder as
part of the question, so the last thousand holders stay: it adds up in a working day.
"""

from __future__ import annotations

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
