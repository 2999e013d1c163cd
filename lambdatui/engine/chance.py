"""Random digits for ids, drawn from the system many at a time.

A call of the system for every id costs more than the time it takes: it lets go of the interpreter while other
threads wait for it. For ids only; secrets are drawn where they are made.
"""

from __future__ import annotations

import os

DRAWN = 8192

_digits = ""
_used = 0


def hexes(count: int) -> str:
    """So many random hexadecimal digits; for the event loop's thread alone."""
    global _digits, _used
    end = _used + count
    if end > len(_digits):
        _digits, _used, end = os.urandom(DRAWN).hex(), 0, count
    found = _digits[_used:end]
    _used = end
    return found
