"""The user's own editor, while the dashboard steps aside."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

if TYPE_CHECKING:
    from textual.app import App

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


def lend(app: App[int], text: str, editor: list[str], *, suffix: str = ".json") -> str | None:
    """Lend the terminal to the editor; the text it left, or None after a toast that says why not.

    Nothing may be raised out of ``suspend()``: Textual takes the terminal back only after a body that
    ended well, so the dashboard would stay blank and deaf.
    """
    after: str | None = None
    problem = ""
    try:
        with app.suspend():
            try:
                after = edit(text, editor, suffix=suffix)
            except UnicodeDecodeError:
                problem = "what it saved is not text"
            except subprocess.CalledProcessError as error:
                problem = f"it ended with {error.returncode}, nothing was changed"
            except (OSError, subprocess.SubprocessError, ValueError) as error:
                problem = str(error)
    except SuspendNotSupported:
        app.notify("This terminal cannot be lent to an editor.", severity="warning")
        return None
    if problem:
        app.notify(f"{editor[0]}: {problem}.", severity="error", markup=False)
    return after
