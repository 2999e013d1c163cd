"""Text from outside is hostile: a log line can carry escapes that set a clipboard or repaint a screen.

Everything textual that comes from functions, logs or AWS passes through here once, at the boundary.
Escape sequences are dropped; what is left of control characters and direction overrides is shown
as visible signs instead of being obeyed.
"""

from __future__ import annotations

import re

# OSC, DCS, SOS, PM and APC strings up to their terminator (or the end of the line, when it never comes);
# CSI sequences; the two- and three-character escapes. Both the seven-bit and the C1 spellings.
_SEQUENCES = re.compile(
    "(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\\\|\x9c|(?=[\x1b\n])|$)"
    "|(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"
    "|\x1b[ -/]+[0-~]"
    "|\x1b[0-Z\\\\^-~]"
)
# Controls but tab and newline; C1; Arabic letter mark, direction marks and overrides; separators that
# some terminals treat as newlines; invisible fillers and tags; lone surrogates; the byte order mark.
# The zero-width joiner and variation selectors stay: emoji are made with them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_UNSAFE_ASCII = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\t\n")


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def clean(text: str) -> str:
    """Text that is safe to draw; newlines and tabs stay."""
    if text.isprintable():  # 0.2 µs for a line of a log
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\x1b" in text or "\x9b" in text or "\x9d" in text or "\x90" in text:
        text = _SEQUENCES.sub("", text)
    return _UNSAFE.sub(_sign, text)


def clean_line(text: str) -> str:
    """Like :func:`clean`, and on one line: for names, descriptions and other cells of a table."""
    if text.isprintable():
        return text
    return clean(text).replace("\n", "␊").replace("\t", "␉")


def clean_bytes(data: bytes) -> str:
    """A body as text; bytes that are not UTF-8 show as replacement signs. 6 MB of plain ASCII cost 10 ms."""
    if data.isascii() and len(data.translate(None, _UNSAFE_ASCII)) == len(data):
        return data.decode("ascii")
    return clean(data.decode("utf-8", "replace"))


_SECRETS = re.compile(
    r"(?i)(x-amz-security-token[:=]\s*|aws_session_token[:=]\s*|aws_secret_access_key[:=]\s*)[^\s&'\"]+"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b"
)


def mask(text: str) -> str:
    """Text for logs and error messages without keys and tokens (AWS echoes them when a signature fails)."""
    return _SECRETS.sub(lambda match: f"{match[1] or ''}****", text)
