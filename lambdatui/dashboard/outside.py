"""The user's own editor, while the dashboard steps aside."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

EDITORS = ("VISUAL", "EDITOR")


def command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The editor to call; empty when none is named."""
    return next((shlex.split(environ[name]) for name in EDITORS if environ.get(name)), [])


def edit(text: str, editor: list[str], *, suffix: str = ".json") -> str:
    """The text after the editor was closed. Blocks; the file is readable by its owner only."""
    with tempfile.TemporaryDirectory(prefix="lambdatui-") as folder:
        file = Path(folder) / f"payload{suffix}"
        file.write_text(text, encoding="utf-8")
        subprocess.run([*editor, str(file)], check=True)
        return file.read_text(encoding="utf-8")
