"""The last known frame: what the main screen showed when it was left, painted before Textual is imported.

Only names and figures are kept, nothing that was typed, answered or logged. A frame is found again only for
the very same target asked for in the very same way, in a terminal of the same size.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lambdatui import paths
from lambdatui.characters import charset, fitting

if TYPE_CHECKING:
    from lambdatui.service import TargetSpec

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
_LIMIT = 256 * 1024


def save(spec: TargetSpec, lines: Sequence[str]) -> None:
    """Keep a frame. A disk that refuses costs only the memory."""
    if spec.demo or not lines:
        return
    file = _file(spec)
    said = {"whose": _whose(spec), "size": [len(lines[0]), len(lines)], "lines": list(lines)}
    fresh = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(said, out, ensure_ascii=False)
        os.replace(fresh, file)
    except (OSError, UnicodeEncodeError):
        return


def load(spec: TargetSpec, size: tuple[int, int]) -> tuple[str, ...]:
    """The frame of this target for a terminal of this size; empty when there is none."""
    if spec.demo:
        return ()
    try:
        with _file(spec).open("rb") as opened:
            said = json.loads(opened.read(_LIMIT))
        if said["whose"] != _whose(spec) or tuple(said["size"]) != size:
            return ()
        return tuple("".join(sign for sign in str(line) if sign.isprintable()) for line in said["lines"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def paint(spec: TargetSpec) -> tuple[str, ...]:
    """Show the last frame at once, when this is a terminal; what was shown, for the app to go on with."""
    terminal = sys.__stderr__
    if terminal is None or not (sys.stdin.isatty() and terminal.isatty()) or os.name != "posix":
        return ()
    try:
        size = os.get_terminal_size(sys.stdin.fileno())
        lines = load(spec, (size.columns, size.lines))
        if lines:
            drawn = fitting("\r\n".join(lines), charset())
            terminal.write(f"{ENTER}\x1b[?25l\x1b[H\x1b[2m{drawn}\x1b[0m")
            terminal.flush()
    except (OSError, UnicodeEncodeError):
        return ()
    return lines


def take_back() -> None:
    """Nothing comes after the frame: give the terminal back."""
    if sys.__stderr__ is not None:
        sys.__stderr__.write(f"{LEAVE}\x1b[?25h")
        sys.__stderr__.flush()


def _file(spec: TargetSpec) -> Path:
    return paths.state_dir() / "frames" / f"{_whose(spec)[:16]}.json"


def _whose(spec: TargetSpec) -> str:
    """Everything that decides whose functions are shown, as far as it is known before anybody is asked."""
    parts = [str(spec.kind), spec.profile, spec.region, spec.endpoint]
    parts.append(str((spec.data_dir or paths.engine_dir()).absolute()))
    if spec.kind == "aws":
        names = sorted(name for name in os.environ if name.startswith("AWS_"))
        parts += [f"{name}={os.environ[name]}" for name in names]
        home = Path.home() / ".aws"
        for variable, usual in (
            ("AWS_CONFIG_FILE", "config"),
            ("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        ):
            file = Path(os.environ.get(variable) or home / usual)
            try:
                status = file.stat()
                parts.append(f"{status.st_mtime_ns} {status.st_size}")
            except OSError:
                parts.append("")
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()
