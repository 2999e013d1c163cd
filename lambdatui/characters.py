"""Which characters the terminal can show, and what stands in for those that it cannot.

A stand-in is as many columns wide as what it stands for, so that nothing moves.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

_STAND_INS = {
    one: stand_in
    for stand_in, many in {
        "-": "─━═╌┄╴╶·–—",
        "|": "│┃║╎┆╵╷▏▎▍▌▐▕",
        "+": "╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝✓",
        "#": "█▇▆▅▉▊▋▓◆",
        "=": "▄▃■",
        "_": "▁▂",
        ".": "░…",
        "^": "▔▀▲↑",
        "v": "▾▼↓",
        ">": "▸▶►→",
        "<": "◀◄←",
        "*": "●•",
        "o": "◌◇○",
        "x": "✗×",
        "!": "⚠",
        "u": "µ",
        '"': "“”„",
        "'": "‘’",
        "L": "λ",
    }.items()
    for one in many
}
_CONSOLE = dict(zip("╭╮╰╯", "┌┐└┘", strict=True))  # the fonts of the Linux console have no round corners


def charset(environ: Mapping[str, str] = os.environ) -> str:
    """What the terminal shows: ``utf-8``, ``ascii``, or ``cp437`` for the Linux console without a desktop.

    By the locale's rules: LC_ALL before LC_CTYPE before LANG.
    """
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := environ.get(name):
            if "utf" not in value.lower():
                return "ascii"
            break
    else:
        if not (environ.get("WT_SESSION") or environ.get("TERM_PROGRAM")):
            return "ascii"
    return "cp437" if environ.get("TERM") == "linux" else "utf-8"


class _Shown(dict[int, str]):
    """For ``str.translate``: what is shown for each character, found when it is first met."""

    def __init__(self, charset: str) -> None:
        super().__init__()
        self._charset = charset

    def __missing__(self, code: int) -> str:
        shown = self[code] = self._found(chr(code))
        return shown

    def _found(self, one: str) -> str:
        for way in (one, _CONSOLE.get(one, one)):
            try:
                way.encode(self._charset)
            except UnicodeEncodeError:
                continue
            return way
        return _STAND_INS.get(one) or _plainest(one)


def _plainest(one: str) -> str:
    """A letter without its accents; else as many question marks as it is wide."""
    from unicodedata import combining, east_asian_width, normalize

    if combining(one):
        return ""
    width = 2 if east_asian_width(one) in "WF" else 1
    letters = normalize("NFKD", one).encode("ascii", "ignore").decode()
    return letters if len(letters) == width else "?" * width


_SHOWN = {name: _Shown(name) for name in ("ascii", "cp437")}


def fitting(text: str, charset: str) -> str:
    """The same text in what the terminal can show."""
    shown = _SHOWN.get(charset)
    return text if shown is None or text.isascii() else text.translate(shown)
