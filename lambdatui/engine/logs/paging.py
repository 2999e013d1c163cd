"""Tokens of lists in CloudWatch Logs."""

from __future__ import annotations

import base64
import binascii

from lambdatui.engine.wire.errors import ApiError


def token(text: str) -> str:
    """Where the next page begins, as a caller sees it."""
    return base64.urlsafe_b64encode(text.encode()).decode()


def text_of(given: str | None) -> str:
    """What `token` was made from; nothing for none."""
    try:
        return base64.urlsafe_b64decode(given or "").decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ApiError("InvalidParameterException", "The specified nextToken is invalid.", 400) from None
