"""What was invoked, kept between runs: one private file of JSON lines per target and function."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from lambdatui.model import Invocation, InvocationType, InvokeError, Report
from lambdatui.model.invocation import Chunk

KEEP = 200  # records of one function
KEEP_BYTES = 8 << 20  # of one function's file; the newest record stays whatever its size
RESPONSE_BYTES = 256 << 10  # of one response; payloads are kept whole, they are to be sent again


class History:
    """Invocations of one target, newest first when read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """Where what belongs to this target is kept."""
        self._writing = asyncio.Lock()

    async def add(self, invocation: Invocation) -> None:
        """Remember an invocation. A disk that refuses is no reason to fail what was invoked."""
        line = json.dumps(_written(invocation), separators=(",", ":")).encode() + b"\n"
        async with self._writing:
            await asyncio.to_thread(self._append, self._file(invocation.function), line)

    async def of(self, function: str, *, limit: int = KEEP) -> list[Invocation]:
        """A function's invocations, the newest first."""
        return await asyncio.to_thread(self._read, self._file(function), limit)

    async def clear(self, function: str) -> None:
        """Forget a function's invocations."""
        async with self._writing:
            self._file(function).unlink(missing_ok=True)

    def _file(self, function: str) -> Path:
        """Names of functions are safe as names of files, but for their case on some file systems."""
        tail = hashlib.sha256(function.encode()).hexdigest()[:8]
        safe = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in function)[:80]
        return self.folder / f"{safe}-{tail}.jsonl"

    def _append(self, file: Path, line: bytes) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "ab") as out:
                out.write(line)
                size = out.tell()
            if size > KEEP_BYTES or (size > KEEP * 200 and _lines(file) > 2 * KEEP):
                _shorten(file)
        except OSError:
            return

    def _read(self, file: Path, limit: int) -> list[Invocation]:
        try:
            lines = file.read_bytes().splitlines()
        except OSError:
            return []
        found: list[Invocation] = []
        for line in reversed(lines):
            if len(found) == limit:
                break
            try:
                found.append(_read(json.loads(line)))
            except (ValueError, KeyError, TypeError):  # a line cut by a crash, or written by a later version
                continue
        return found


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")


def _shorten(file: Path) -> None:
    """Keep the newest records, half the allowed bytes, so that this is not done at every call."""
    kept: list[bytes] = []
    size = 0
    for line in reversed(file.read_bytes().splitlines(keepends=True)):
        size += len(line)
        if kept and (size > KEEP_BYTES // 2 or len(kept) >= KEEP):
            break
        kept.append(line)
    fresh = file.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.writelines(reversed(kept))
    os.replace(fresh, file)


def _written(invocation: Invocation) -> dict[str, Any]:
    raw = dataclasses.asdict(invocation)
    clipped = len(invocation.response) > RESPONSE_BYTES
    raw["started"] = invocation.started.isoformat()
    raw["payload"] = _bytes_written(invocation.payload)
    raw["response"] = _bytes_written(invocation.response[:RESPONSE_BYTES])
    raw["text"] = invocation.text[:RESPONSE_BYTES]
    raw["clipped"] = clipped
    return raw


def _read(raw: dict[str, Any]) -> Invocation:
    raw["type"] = InvocationType(raw["type"])
    raw["started"] = datetime.fromisoformat(raw["started"])
    raw["payload"] = _bytes_read(raw["payload"])
    raw["response"] = _bytes_read(raw["response"])
    raw["log"] = tuple(raw["log"])
    raw["chunks"] = tuple(Chunk(**chunk) for chunk in raw.get("chunks", ()))
    if raw["report"]:
        raw["report"] = Report(**raw["report"])
    if raw["error"]:
        raw["error"] = InvokeError(**{**raw["error"], "trace": tuple(raw["error"]["trace"])})
    return Invocation(**raw)


def _bytes_written(data: bytes) -> str | list[str]:
    """UTF-8 as text, which one can read in the file; other bytes as base64 in a list."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return [base64.b64encode(data).decode()]


def _bytes_read(written: str | list[str]) -> bytes:
    return written.encode() if isinstance(written, str) else base64.b64decode(written[0])
