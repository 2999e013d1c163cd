"""What comes from a terminal is not always UTF-8: text pasted from elsewhere, a keyboard with a meta bit.

Textual's reader of keys ends the app at the first byte that is not. Here a sign stands for it.
"""

from __future__ import annotations

import sys
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable
from functools import partial


def install() -> None:
    """From now on any byte can be read."""
    if sys.platform != "win32":  # there, the console gives characters
        from textual.drivers import linux_driver

        linux_driver.getincrementaldecoder = _forgiving  # type: ignore[assignment, attr-defined]


def _forgiving(encoding: str) -> Callable[[], IncrementalDecoder]:
    return partial(getincrementaldecoder(encoding), errors="replace")
