"""moto is changed in a few places, all of them by this."""

from __future__ import annotations

from typing import Any


def replace(owner: Any, **replacements: Any) -> None:
    """Puts functions of ours in the place of those of a module or class of moto."""
    for name, replacement in replacements.items():
        if not hasattr(owner, name):
            raise AttributeError(f"moto has changed: {owner!r} has no {name}")
        setattr(owner, name, replacement)
