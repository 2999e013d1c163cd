"""Payloads that the person saved, by function: plain JSON files in the data folder, to be kept for good.

They belong to the function's name, not to an account: what was tried locally is at hand on AWS.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lambdatui.service.clean import clean_bytes
from lambdatui.service.errors import Conflict, Invalid, NotFound, ServiceError

_NAME = re.compile(r"\w[\w .+-]{0,79}")
MOST_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class SavedEvent:
    """One payload with a name."""

    name: str
    size: int
    saved: datetime


class SavedEvents:
    """The saved payloads of every function, below one folder."""

    def __init__(self, folder: Path) -> None:
        self._root = folder

    async def of(self, function: str) -> list[SavedEvent]:
        """A function's saved payloads, by name."""
        return await asyncio.to_thread(self._list, function)

    async def read(self, function: str, name: str) -> str:
        """One payload, safe to draw."""
        return await asyncio.to_thread(read_file, self._file(function, name))

    async def save(self, function: str, name: str, payload: str, *, replace: bool = False) -> None:
        """Keep a payload under a name; one of that name is only replaced when told to."""
        await asyncio.to_thread(self._save, self._file(function, name), payload, replace)

    async def rename(self, function: str, name: str, to: str) -> None:
        """Give a payload another name."""
        await asyncio.to_thread(self._rename, self._file(function, name), self._file(function, to))

    async def delete(self, function: str, name: str) -> None:
        """Delete a payload."""
        await asyncio.to_thread(self._file(function, name).unlink, missing_ok=True)

    def folder(self, function: str) -> Path:
        """Where a function's payloads are. Names of functions are safe, but for their case on some disks."""
        safe = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in function)[:80]
        return self._root / f"{safe}-{hashlib.sha256(function.encode()).hexdigest()[:8]}"

    def _file(self, function: str, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Invalid(
                "A name has up to 80 letters, digits, blanks and . _ + -, and begins with a letter or digit."
            )
        return self.folder(function) / f"{name}.json"

    def _list(self, function: str) -> list[SavedEvent]:
        found = []
        for file in sorted(self.folder(function).glob("*.json"), key=lambda one: one.name.lower()):
            if _NAME.fullmatch(file.stem):
                status = file.stat()
                saved = datetime.fromtimestamp(status.st_mtime, UTC)
                found.append(SavedEvent(file.stem, status.st_size, saved))
        return found

    def _save(self, file: Path, payload: str, replace: bool) -> None:
        if file.exists() and not replace:
            raise Conflict(f"There is a payload named {file.stem} already.")
        fresh = file.with_suffix(f".{os.getpid()}.tmp")
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                out.write(payload)
            os.replace(fresh, file)
        except OSError as error:
            raise ServiceError(f"{file} cannot be written: {error.strerror}.") from None

    def _rename(self, file: Path, to: Path) -> None:
        if to.exists():
            raise Conflict(f"There is a payload named {to.stem} already.")
        try:
            file.rename(to)
        except FileNotFoundError:
            raise NotFound(f"There is no payload {file.stem} any more.") from None


def read_file(path: Path) -> str:
    """A payload from any file; says in words why it cannot be one."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Invalid(f"{path} is larger than any payload may be.")
        return clean_bytes(path.read_bytes())
    except FileNotFoundError:
        raise NotFound(f"There is no file {path}.") from None
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None
