"""Log events of more than one line."""

from __future__ import annotations

import sys

FOLD = b"\xfe\xfe\n"  # joins the lines of one event; the engine unfolds them


class State:
    """What the runtime's parts share."""

    request_id = ""
    opt = ""


def write(text: str) -> None:
    """Write text as one log event, however many lines it has."""
    out = sys.__stdout__
    assert out is not None
    data = text.rstrip("\n").encode("utf-8", "replace").replace(b"\n", FOLD) + b"\n"
    out.flush()
    out.buffer.write(data)
    out.buffer.flush()
