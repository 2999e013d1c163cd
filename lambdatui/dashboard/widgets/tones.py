"""The tones of JSON and of source code, in the theme's own colours, for every widget that draws them."""

from __future__ import annotations

_TONES = ("key", "string", "number", "literal", "punctuation")
TONE_CLASSES = frozenset(f"line--{tone}" for tone in _TONES)
"""The component classes of a widget with these tones."""


def tones_css(widget: str) -> str:
    """The default CSS of such a widget, by its name."""
    return "\n".join(f"{widget} > .line--{tone} {{ color: $json-{tone}; }}" for tone in _TONES)
