"""The engine's own keys, and the session keys that functions get."""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import os
import secrets
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from lambdatui.engine.settings import DEFAULT_ACCOUNT

SESSION_S = 12 * 3600.0
"""So long the keys of a session are good; an environment is replaced before its own are not."""

_SESSION_PREFIX = "ASIA"


class ExpiredToken(Exception):  # noqa: N818 - read as a fact
    """A session's keys were good once."""


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """Keys for one environment, with the token that says whose they are."""

    access_key: str
    secret_key: str
    token: str


@dataclass(frozen=True, slots=True)
class Principal:
    """Who signed a request."""

    account: str
    arn: str
    user_id: str
    session: bool
    """A function's session: may use AWS's APIs, never the engine's own."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The generated key pair of one data folder. Session keys are derived from it and stored nowhere."""

    access_key: str
    secret_key: str
    session_s: float = SESSION_S

    @classmethod
    def load(cls, folder: Path, session_s: float = SESSION_S) -> Credentials:
        """The keys in `folder/keys.json`; made at the first start, readable by the user alone."""
        path = folder / "keys.json"
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            stored = json.loads(path.read_text())
            return cls(str(stored["access_key"]), str(stored["secret_key"]), session_s)
        made = cls.generate()
        text = json.dumps({"access_key": made.access_key, "secret_key": made.secret_key})
        write_private(path, text)
        return replace(made, session_s=session_s)

    @classmethod
    def generate(cls) -> Credentials:
        access_key = "AKIA" + base64.b32encode(secrets.token_bytes(10)).decode()
        return cls(access_key, base64.b64encode(secrets.token_bytes(30)).decode())

    def secret_for(self, access_key: str) -> str | None:
        """The secret of a key that this engine knows. A twelve-digit key is an account of its own."""
        if access_key == self.access_key or is_account(access_key):
            return self.secret_key
        if access_key.startswith(_SESSION_PREFIX) and len(access_key) == 20:
            return self._derive("secret", access_key)
        return None

    def principal_for(self, access_key: str, token: str | None) -> Principal | None:
        """Who holds `access_key`; None if a session's token does not belong to its key.

        Raises ExpiredToken for one that did.
        """
        if not access_key.startswith(_SESSION_PREFIX):
            return root(access_key if is_account(access_key) else DEFAULT_ACCOUNT)
        claims = self._claims(access_key, token or "")
        if claims is None:
            return None
        account, role_arn, name, until = claims
        if until < time.time():
            raise ExpiredToken
        role = role_arn.rpartition("/")[2]
        arn = f"arn:aws:sts::{account}:assumed-role/{role}/{name}"
        return Principal(account, arn, f"{self._role_id(role_arn)}:{name}", session=True)

    def session(self, account: str, role_arn: str, name: str, environment_id: str) -> SessionKeys:
        """Keys for one execution environment of function `name`, good from now on for a while."""
        seed = self._mac("session", f"{account}\n{role_arn}\n{name}\n{environment_id}")
        access_key = _SESSION_PREFIX + base64.b32encode(seed[:10]).decode()
        until = int(time.time() + self.session_s)
        claims = base64.urlsafe_b64encode(json.dumps([account, role_arn, name, until]).encode()).decode()
        return SessionKeys(
            access_key,
            self._derive("secret", access_key),
            f"{claims}.{self._derive('token', access_key + claims)}",
        )

    def _claims(self, access_key: str, token: str) -> tuple[str, str, str, int] | None:
        claims, _, mac = token.partition(".")
        wanted = self._derive("token", access_key + claims)
        if not hmac.compare_digest(mac.encode(), wanted.encode()):
            return None
        account, role_arn, name, until = json.loads(base64.urlsafe_b64decode(claims))
        return account, role_arn, name, until

    def _role_id(self, role_arn: str) -> str:
        return "AROA" + base64.b32encode(self._mac("role", role_arn)[:10]).decode()

    def _derive(self, purpose: str, text: str) -> str:
        return base64.urlsafe_b64encode(self._mac(purpose, text)[:30]).decode()

    def _mac(self, purpose: str, text: str) -> bytes:
        return hmac.digest(self.secret_key.encode(), f"{purpose}\n{text}".encode(), "sha256")


@lru_cache(maxsize=256)
def root(account: str) -> Principal:
    """Who owns an account."""
    return Principal(account, f"arn:aws:iam::{account}:root", account, session=False)


def is_account(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdigit()


def write_private(path: Path, text: str) -> None:
    """Writes a file that only the user may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
