"""``.env`` files: variables as ``NAME=value`` lines."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from lambdatui.service.errors import Invalid

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*?)\s*", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "$": "$", "`": "`"}
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")


def parse(text: str) -> dict[str, str]:
    """The variables of a file: comments and empty lines skipped, quotes taken off, nothing expanded."""
    found: dict[str, str] = {}
    for number, line in _lines(text):
        match = _LINE.fullmatch(line)
        if match is None:
            raise Invalid(f"Line {number} is not NAME=value.")  # what it says may be a secret
        found[match[1]] = _value(match[2], number)
    return found


def _lines(text: str) -> list[tuple[int, str]]:
    """Logical lines with the number of their first; a quoted value may go on in the next."""
    lines: list[tuple[int, str]] = []
    begun: tuple[int, str] | None = None
    for number, line in enumerate(text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n"), 1):
        if begun is not None:
            begun = begun[0], f"{begun[1]}\n{line}"
        elif line.strip() and not line.lstrip().startswith("#"):
            begun = number, line
        if begun is not None and not _open(begun[1]):
            lines.append(begun)
            begun = None
    if begun is not None:
        raise Invalid(f"The quotes that line {begun[0]} opens are never closed.")
    return lines


def _open(line: str) -> bool:
    """Whether a value in quotes has not ended yet."""
    value = line.partition("=")[2].lstrip()
    if value[:1] == "'":
        return "'" not in value[1:]
    return value[:1] == '"' and _closing(value) < 0


def _closing(value: str) -> int:
    """Where the double quotes end that a value begins with; -1 when they do not."""
    at = 1
    while at < len(value):
        if value[at] == "\\":
            at += 2
            continue
        if value[at] == '"':
            return at
        at += 1
    return -1


def _value(text: str, number: int) -> str:
    if text[:1] == '"':
        end, rest = _closing(text), text[_closing(text) + 1 :]
        value = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text[1:end])
    elif text[:1] == "'":
        end = text.index("'", 1)
        value, rest = text[1:end], text[end + 1 :]
    else:
        return re.split(r"\s+#", text, maxsplit=1)[0]
    if rest.strip() and not rest.strip().startswith("#"):
        raise Invalid(f"Line {number} has something after the closing quotes.")
    return value


def render(variables: Mapping[str, str]) -> str:
    """The file's text; values are quoted where they must be."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in sorted(variables.items()))


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def read(path: Path) -> dict[str, str]:
    """The variables of a file on this machine."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Invalid(f"{path} is not a text file.") from None


def write(path: Path, variables: Mapping[str, str]) -> None:
    """A new file, readable by its owner only. One that exists is left alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Invalid(f"{path} exists already; nothing was written.") from None
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(render(variables))
