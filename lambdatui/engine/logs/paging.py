"""Tokens of lists in CloudWatch Logs."""

from __future__ import annotations

import base64

from lambdatui.engine.wire.errors import ApiError


def token(text: str) -> str:
    """Where the next page begins, as a caller sees it."""
    return base64.urlsafe_b64encode(text.encode()).decode()


def text_of(given: str | None) -> str:
    """What `token` was made from; nothing for none."""
    try:
        return base64.b64decode(given or "", altchars=b"-_", validate=True).decode()
    except ValueError:  # also of text that is not ASCII
        raise _invalid() from None


def offset_of(given: str | None) -> int:
    """The same of a list whose pages begin at numbers."""
    text = text_of(given) or "0"
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise _invalid()
    return int(text)


def _invalid() -> ApiError:
    return ApiError("InvalidParameterException", "The specified nextToken is invalid.", 400)
