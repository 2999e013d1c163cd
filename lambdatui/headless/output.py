"""Data on stdout, talk on stderr: how the commands print, and what they take."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

OK, REFUSED, USAGE, UNREACHABLE = 0, 1, 2, 3


class Usage(Exception):  # noqa: N818
    """What was asked for makes no sense."""


def split(text: str) -> tuple[str, str | None]:
    """name:qualifier; an ARN goes through whole."""
    if text.startswith("arn:"):
        return text, None
    name, _, qualifier = text.partition(":")
    return name, qualifier or None


def say(text: str) -> None:
    """To the person, not into the data."""
    print(text, file=sys.stderr)


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as what is in them."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def print_json(value: Any) -> None:
    """Data for programs."""
    print(json.dumps(value, indent=2))  # all ASCII: safe for any terminal, whatever a function answered


def jsonable(value: Any) -> Any:
    """The same with times as ISO 8601."""
    match value:
        case dict():
            return {key: jsonable(item) for key, item in value.items()}
        case list() | tuple():
            return [jsonable(item) for item in value]
        case datetime():
            return value.isoformat()
        case _:
            return value


def when(moment: datetime) -> str:
    """Local time, to the millisecond."""
    return moment.astimezone().isoformat(sep=" ", timespec="milliseconds")[:23]
