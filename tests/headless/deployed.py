"""Functions that commands put in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

RUNTIME = f"python3.{sys.version_info.minor}"
CREATE = ("--create", "--handler", "handler.handler", "--runtime", RUNTIME)
Run = Callable[..., tuple[int, str, str]]


def write(folder: Path, path: str, text: str) -> None:
    """Put a file into a folder."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def create(run: Run, source: Path, name: str, *more: str) -> tuple[int, str, str]:
    """Create a function from a folder or a zip, or give it new code."""
    return run("deploy", str(source), name, *CREATE, *more)
