"""Signs for states and drawings, and what stands for them where the terminal has no Unicode."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from lambdatui.characters import charset


@dataclass(frozen=True, slots=True)
class Signs:
    """One set of signs; every sign is one column wide."""

    ok: str = "✓"
    failed: str = "✗"
    active: str = "●"
    pending: str = "◌"
    warning: str = "▲"
    cursor: str = "▸"
    mark: str = "◆"
    pointer: str = "◀"
    open: str = "▾"
    closed: str = "▸"
    run_start: str = "▶"
    run_end: str = "■"
    init: str = "◇"
    ascending: str = "↑"
    descending: str = "↓"
    full: str = "▓"
    empty: str = "░"
    levels: str = "▁▂▃▄▅▆▇█"
    ellipsis: str = "…"
    dot: str = "·"


UNICODE = Signs()
ASCII = Signs(
    ok="+",
    failed="x",
    active="*",
    pending="o",
    warning="!",
    cursor=">",
    mark="#",
    pointer="<",
    open="v",
    closed=">",
    run_start=">",
    run_end="=",
    init="o",
    ascending="^",
    descending="v",
    full="#",
    empty="-",
    levels="_.-=+*%#",
    ellipsis="~",
    dot="-",
)


def signs_for(environ: Mapping[str, str] = os.environ) -> Signs:
    """The signs this terminal can draw."""
    return UNICODE if charset(environ) == "utf-8" else ASCII


SIGNS = signs_for()
"""The signs of the terminal this process runs in."""
