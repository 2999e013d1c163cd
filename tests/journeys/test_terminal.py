"""The program in a real terminal: keys, resize, paste, the user's editor, and what it leaves behind."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest

WITHIN = 30.0


class Terminal:
    """A pty with a screen behind it."""

    def __init__(self, command: list[str], env: dict[str, str], size: tuple[int, int]) -> None:
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self._fd, child = pty.openpty()
        self._set_size(columns, rows)
        self.process = subprocess.Popen(
            command, stdin=child, stdout=child, stderr=child, env=env, start_new_session=True
        )
        os.close(child)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns: int, rows: int) -> None:
        """The user drags the corner of the window."""
        self.screen.resize(rows, columns)
        self._set_size(columns, rows)
        os.kill(self.process.pid, signal.SIGWINCH)

    def send(self, keys: str) -> None:
        os.write(self._fd, keys.encode("utf-8", "surrogateescape"))

    def read(self, seconds: float) -> bool:
        """Take what the program writes; False at its end."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if ready:
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                return False
            if not data:
                return False
            self.written += data
            for unknown in (b"\x1b[>4;1m", b"\x1b[>1u", b"\x1b[<u"):  # keyboard modes of newer terminals
                data = data.replace(unknown, b"")
            self._stream.feed(data)
        return True

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def until(self, *texts: str) -> None:
        """Wait until every text is on the screen."""
        end = time.monotonic() + WITHIN
        while not all(text in self.text for text in texts):
            assert time.monotonic() < end, f"{texts} never came:\n{self.text}"
            assert self.read(0.1), f"the program ended before {texts}:\n{self.text}"

    def end(self) -> int:
        """Wait for the end of the program; its exit code."""
        limit = time.monotonic() + WITHIN
        while self.read(0.1) and time.monotonic() < limit:
            if self.process.poll() is not None:
                break
        return self.process.wait(WITHIN)

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        os.close(self._fd)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home for lambdatui; the engine that a dashboard started in it ends with the test."""
    yield tmp_path
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        written = json.loads((tmp_path / "data" / "engine" / "engine.json").read_text())
        os.kill(written["pid"], signal.SIGTERM)


def _environment(home: Path, editor: str) -> dict[str, str]:
    """A terminal of the test's own, with that editor."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "TEXTUAL"))
        and name not in ("COLUMNS", "LINES")  # they would hide the size of the pty
    }
    return own | {
        "LAMBDATUI_HOME": str(home),
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "EDITOR": editor,
        "VISUAL": "",
    }


def test_from_nothing_to_an_answer_in_a_real_terminal(home: Path) -> None:
    editor = home / "editor"
    editor.write_text('#!/bin/sh\nprintf \'{"name": "Edith"}\' > "$1"\n')
    editor.chmod(0o755)
    env = _environment(home, str(editor))
    terminal = Terminal([sys.executable, "-m", "lambdatui", "--local"], env, (120, 40))
    try:
        terminal.until("LOCAL engine", "hello", "flaky", "? help")
        terminal.send("\udcff")  # a byte that is no UTF-8, as keyboards with a meta bit send
        terminal.send("/hello\r")  # in one go, as a quick hand on a slow line
        terminal.until("1 of 6", "3 Invoke ─ hello", "MB · ")
        terminal.send('e\x1b[200~{"name": "Pasted"}\x1b[201~\n')  # e, a paste, ctrl+j
        terminal.until("✓ 200", "Hello, Pasted!", "greeting Pasted")
        terminal.resize(80, 24)
        terminal.until("2 Versions and aliases", "4 Log", "Pasted")
        terminal.resize(120, 40)
        terminal.until("╭─ 4 Log ─ hello", "Hello, Pasted!")
        terminal.send("\x1b")
        terminal.until("p publish")
        terminal.send("E")
        terminal.until('{"name": "Edith"}')
        terminal.send("i")
        terminal.until("Hello, Edith!")
        terminal.send("q")
        assert terminal.end() == 0
        assert b"\x1b[?1049l" in terminal.written  # the screen of before is back
        assert b"\x1b[?25h" in terminal.written  # and the cursor
    finally:
        terminal.close()


def test_an_editor_that_fails_gives_the_terminal_back(home: Path) -> None:
    command = [sys.executable, "-m", "lambdatui", "--local"]
    terminal = Terminal(command, _environment(home, "false"), (120, 40))
    try:
        terminal.until("LOCAL engine", "hello", "? help")
        terminal.send("E")
        terminal.until("false: it ended with 1, nothing was changed.")
        terminal.send("q")
        assert terminal.end() == 0
    finally:
        terminal.close()


@pytest.mark.parametrize("more", [{"LC_ALL": "C"}, {"TERM": "linux"}])
def test_a_terminal_without_unicode_gets_stand_ins(home: Path, more: dict[str, str]) -> None:
    command = [sys.executable, "-m", "lambdatui", "--local"]
    known = "cp437" if "TERM" in more else "ascii"
    log = "+- 4 Log -" if known == "ascii" else "┌─ 4 Log ─"
    for begun in ("with nothing", "with the last known frame"):
        terminal = Terminal(command, _environment(home, "true") | more, (120, 40))
        try:
            terminal.until("LOCAL engine", "> ", "flaky", "? help")
            if begun == "with nothing":
                terminal.send("i")
                terminal.until("+ 200", log)
            terminal.until(log)
            terminal.send("q")
            assert terminal.end() == 0
            terminal.written.decode().encode(known)  # the last character too
        finally:
            terminal.close()
