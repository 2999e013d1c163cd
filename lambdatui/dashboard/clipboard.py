"""Copying: the desktop's own tool where there is one, else the terminal (OSC 52), else a file.

A terminal never says whether it took an OSC 52, and over SSH only the terminal is on the user's
desk. So a tool is used when the desktop is this machine's, and every answer says what was used.
"""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdatui import paths
from lambdatui.dashboard.widgets.figures import size_text

if TYPE_CHECKING:
    from textual.screen import Screen

OSC52_LIMIT = 74_994
"""Bytes that make 100,000 characters of base64, which the common terminals still take."""

TOOL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Copied:
    """What happened to a text that was copied."""

    how: str  # the tool's name, "terminal" or "file"
    sentence: str


class Clipboard:
    """Copies text by the best way there is here."""

    def __init__(
        self,
        write: Callable[[str], object],
        *,
        environ: Mapping[str, str] = os.environ,
        which: Callable[[str], str | None] = shutil.which,
        platform: str = sys.platform,
    ) -> None:
        self._write = write  # puts a string on the terminal as it is
        self._environ = environ
        self._which = which
        self._platform = platform

    async def copy(self, text: str) -> Copied:
        """Copy the text and say how."""
        data = text.encode("utf-8", "replace")
        size = size_text(len(data))
        tool = self._tool()
        if tool and await self._run(tool, data):
            return Copied(tool[0], f"Copied {size} with {tool[0]}.")
        if len(data) <= OSC52_LIMIT:
            self._write(osc52(data, tmux="TMUX" in self._environ))
            return Copied("terminal", f"Copied {size} through the terminal (OSC 52).")
        path = save(data)
        return Copied("file", f"{size} is too much for the terminal's clipboard: written to {path}.")

    def _tool(self) -> list[str] | None:
        """The command of the desktop in front of the user, if that is this machine's."""
        environ = self._environ
        if "SSH_CONNECTION" in environ or "SSH_TTY" in environ:
            return None
        wanted: list[list[str]] = []
        if self._platform == "darwin":
            wanted.append(["pbcopy"])
        if environ.get("WAYLAND_DISPLAY"):
            wanted.append(["wl-copy"])
        if environ.get("DISPLAY"):
            wanted += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
        return next((command for command in wanted if self._which(command[0])), None)

    async def _run(self, command: list[str], data: bytes) -> bool:
        """Give the data to a tool; False if it fails or takes too long."""
        nothing = asyncio.subprocess.DEVNULL  # xclip stays behind and would hold a pipe open
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.PIPE, stdout=nothing, stderr=nothing
            )
        except OSError:
            return False
        try:
            await asyncio.wait_for(process.communicate(data), TOOL_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
        return process.returncode == 0


def osc52(data: bytes, *, tmux: bool = False) -> str:
    """The sequence that puts data on the terminal's clipboard.

    tmux takes it itself (``set-clipboard on``) or hands it on wrapped (``allow-passthrough on``):
    it is sent both ways, because only the user's settings say which one works.
    """
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode('ascii')}\a"
    if not tmux:
        return sequence
    escaped = sequence.replace("\x1b", "\x1b\x1b")
    return f"{sequence}\x1bPtmux;{escaped}\x1b\\"


def save(data: bytes) -> Path:
    """Write what no clipboard takes to a file that only the user can read."""
    path = paths.state_dir() / "clipboard.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return path


def copy_chosen(screen: Screen[Any], clipboard: Clipboard, text: str, what: str) -> None:
    """What the copy key does: copy what is chosen, and say how or that there is nothing."""

    async def copy() -> None:
        copied = await clipboard.copy(text)
        screen.notify(copied.sentence, title=f"Copied {what}", markup=False)

    if text:
        screen.run_worker(copy(), group="clipboard", exit_on_error=False)
    else:
        screen.notify("There is nothing to copy here.", severity="warning")
