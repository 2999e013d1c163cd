"""Links that let a plain GET download code for ten minutes, as AWS's presigned ``Code.Location`` does.

A token carries what it opens and until when, sealed with a key that lives as long as this process: nothing
has to be remembered, and nobody can guess or change one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
import time
from collections.abc import Callable

LIFETIME_S = 600
_SHA = 32
_EXPIRY = struct.Struct(">d")


class CodeLinks:
    """Makes and reads such tokens. ``now`` is real time, whatever the engine's clock does."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._key = secrets.token_bytes(32)
        self._now = now

    def grant(self, sha: str) -> str:
        """A token for the zip with this digest (base64, as AWS shows it)."""
        body = base64.b64decode(sha) + _EXPIRY.pack(self._now() + LIFETIME_S)
        return base64.urlsafe_b64encode(body + self._seal(body)).decode().rstrip("=")

    def open(self, token: str) -> str | None:
        """The digest that a token opens; None for one that is expired or not ours."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        body, seal = raw[: _SHA + _EXPIRY.size], raw[_SHA + _EXPIRY.size :]
        if not hmac.compare_digest(seal, self._seal(body)):
            return None
        (until,) = _EXPIRY.unpack(body[_SHA:])
        return base64.b64encode(body[:_SHA]).decode() if self._now() < until else None

    def _seal(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)
