"""Where the engine of a data folder listens, and the keys it wants: read from the files it leaves there."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Address:
    """A running engine."""

    url: str
    pid: int
    version: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)

    def environment(self, region: str = DEFAULT_REGION) -> dict[str, str]:
        """What a client needs, under the names that AWS's tools read."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": region,
        }


def find(folder: Path) -> Address | None:
    """The engine that runs on this data folder; None when none does (whatever it left behind)."""
    try:
        engine = json.loads((folder / "engine.json").read_bytes())
        keys = json.loads((folder / "keys.json").read_bytes())
        address = Address(
            url=str(engine["url"]),
            pid=int(engine["pid"]),
            version=str(engine.get("version", "")),
            access_key=str(keys["access_key"]),
            secret_key=str(keys["secret_key"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return address if _alive(address.pid) and _locked(folder / "engine.lock") else None


def stamp(folder: Path) -> tuple[int, int] | None:
    """Changes when the engine does: cheap enough to look at before every call."""
    try:
        status = os.stat(folder / "engine.json")
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _locked(lock: Path) -> bool:
    """Whether somebody holds the engine's lock. Only asked when its process lives, so that a look
    can never be in the way of an engine that is just starting."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
