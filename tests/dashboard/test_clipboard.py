"""The clipboard: what is used where, and that it says so."""

from __future__ import annotations

import base64
import stat
import sys
from pathlib import Path

import pytest

from lambdatui.dashboard.clipboard import OSC52_LIMIT, Clipboard

LOCAL = {"WAYLAND_DISPLAY": "wayland-0"}


class Terminal:
    """Collects what is written."""

    def __init__(self) -> None:
        self.written = ""

    def write(self, text: str) -> None:
        self.written += text


def sent(text: str) -> str:
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"


def tool(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport os, sys, time\nfolder = {str(folder)!r}\n{script}\n")
    path.chmod(0o755)


KEEPS = "open(folder + '/kept', 'wb').write(sys.stdin.buffer.read())"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("LAMBDATUI_HOME", str(tmp_path / "home"))
    return folder


def clipboard(terminal: Terminal, environ: dict[str, str], platform: str = "linux") -> Clipboard:
    return Clipboard(terminal.write, environ=environ, platform=platform)


async def test_without_a_desktop_the_terminal_is_asked(tools: Path) -> None:
    terminal = Terminal()
    copied = await clipboard(terminal, {}).copy("grüß dich")
    assert terminal.written == sent("grüß dich")
    assert copied.how == "terminal"
    assert copied.sentence == "Copied 11 B through the terminal (OSC 52)."


async def test_inside_tmux_it_is_sent_plain_and_wrapped(tools: Path) -> None:
    terminal = Terminal()
    await clipboard(terminal, {"TMUX": "/tmp/tmux-0/default,1,0"}).copy("x")
    assert terminal.written == sent("x") + "\x1bPtmux;\x1b" + sent("x") + "\x1b\\"


@pytest.mark.parametrize(
    ("name", "environ", "platform"),
    [
        ("wl-copy", LOCAL, "linux"),
        ("xclip", {"DISPLAY": ":0"}, "linux"),
        ("xsel", {"DISPLAY": ":0"}, "linux"),
        ("pbcopy", {}, "darwin"),
    ],
)
async def test_on_a_desktop_its_own_tool_is_used(
    tools: Path, name: str, environ: dict[str, str], platform: str
) -> None:
    tool(tools, name, KEEPS)
    terminal = Terminal()
    text = "line\n" * 50_000
    copied = await clipboard(terminal, environ, platform).copy(text)
    assert (tools / "kept").read_text() == text
    assert copied.how == name
    assert terminal.written == ""


async def test_over_ssh_the_far_desktop_is_left_alone(tools: Path) -> None:
    tool(tools, "wl-copy", KEEPS)
    terminal = Terminal()
    copied = await clipboard(terminal, LOCAL | {"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}).copy("x")
    assert (copied.how, terminal.written) == ("terminal", sent("x"))
    assert not (tools / "kept").exists()


@pytest.mark.parametrize("script", ["sys.exit(1)", "time.sleep(60)"])
async def test_a_tool_that_fails_or_hangs_is_passed_over(
    tools: Path, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdatui.dashboard.clipboard.TOOL_SECONDS", 0.5)
    tool(tools, "wl-copy", script)
    terminal = Terminal()
    copied = await clipboard(terminal, LOCAL).copy("x")
    assert (copied.how, terminal.written) == ("terminal", sent("x"))


async def test_what_is_too_big_for_a_terminal_goes_to_a_private_file(tools: Path, tmp_path: Path) -> None:
    terminal = Terminal()
    board = clipboard(terminal, {})
    assert (await board.copy("y" * OSC52_LIMIT)).how == "terminal"
    terminal.written = ""
    copied = await board.copy("y" * (OSC52_LIMIT + 1))
    path = tmp_path / "home" / "state" / "clipboard.txt"
    assert (copied.how, terminal.written) == ("file", "")
    assert str(path) in copied.sentence
    assert path.read_text() == "y" * (OSC52_LIMIT + 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
