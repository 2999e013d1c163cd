"""Compare two versions of a function: settings, environment, code file by file."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Mapping

from lambdatui.model.difference import Change, Difference, FileChange
from lambdatui.model.settings import SETTINGS, FunctionSettings
from lambdatui.service.clean import clean_bytes
from lambdatui.service.code import Code, CodeFile, Package
from lambdatui.service.errors import ServiceError
from lambdatui.service.settings import Settings

LINES_LIMIT = 20_000
"""Lines that are compared one by one; bigger files only count as changed."""


class Differences:
    """Compares what settings and code say."""

    def __init__(self, settings: Settings, code: Code) -> None:
        self._settings = settings
        self._code = code

    async def between(
        self, name: str, left: str, right: str, *, other: Differences | None = None
    ) -> Difference:
        """What differs between two of version, alias and ``$LATEST``; the right one is of the function of
        that name in the target of ``other``, when that is given. Packages are fetched only when their
        hashes differ; when that fails, the settings are compared all the same."""
        there = other or self
        before, after = await asyncio.gather(self._settings.get(name, left), there._settings.get(name, right))
        files: tuple[FileChange, ...] = ()
        problem = ""
        if before.version.code_sha256 != after.version.code_sha256:
            try:
                files = await self._files(name, left, right, there._code)
            except ServiceError as error:
                problem = error.sentence
        return Difference(
            before,
            after,
            setting_changes(before, after),
            value_changes(before.environment, after.environment),
            files,
            problem,
        )

    async def _files(self, name: str, left: str, right: str, there: Code) -> tuple[FileChange, ...]:
        before = await self._code.download(name, left)
        try:
            after = await there.download(name, right)
            try:
                return await asyncio.to_thread(file_changes, before, after)
            finally:
                after.close()
        finally:
            before.close()


def setting_changes(before: FunctionSettings, after: FunctionSettings) -> tuple[Change, ...]:
    """The settings that differ, in the order of the table."""
    return tuple(
        Change(
            each.label,
            f"{before.values.get(each.key, '')} {each.unit}".strip(),
            f"{after.values.get(each.key, '')} {each.unit}".strip(),
        )
        for each in SETTINGS
        if before.values.get(each.key, "") != after.values.get(each.key, "")
    )


def value_changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """The names whose values differ."""
    return tuple(
        Change(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )


def file_changes(before: Package, after: Package) -> tuple[FileChange, ...]:
    """The files that differ; equal ones are told by length and checksum without unpacking."""
    old = {file.path: file for file in before.files}
    new = {file.path: file for file in after.files}
    changes = []
    for path in sorted({*old, *new}):
        left, right = old.get(path), new.get(path)
        if left and right and (left.size, left.crc) == (right.size, right.crc):
            continue
        changes.append(_file_change(path, _content(before, left), _content(after, right)))
    return tuple(changes)


def _content(package: Package, file: CodeFile | None) -> bytes | None:
    return None if file is None else package.read(file)


def _file_change(path: str, before: bytes | None, after: bytes | None) -> FileChange:
    if _binary(before) or _binary(after):
        return FileChange(path, before, after, binary=True)
    old, new = _lines(before), _lines(after)
    if len(old) + len(new) > LINES_LIMIT:
        return FileChange(path, before, after, len(new), len(old))
    counted = [line[:1] for line in difflib.unified_diff(old, new, n=0, lineterm="")][2:]
    return FileChange(path, before, after, counted.count("+"), counted.count("-"))


def _binary(data: bytes | None) -> bool:
    return data is not None and b"\0" in data[:8192]


def _lines(data: bytes | None) -> list[str]:
    return clean_bytes(data).splitlines() if data else []


def unified(change: FileChange, *, context: int = 3) -> list[str]:
    """A changed file line by line, as ``diff -u`` writes it; safe to draw."""
    old, new = _lines(change.before), _lines(change.after)
    return list(
        difflib.unified_diff(
            old,
            new,
            change.path if change.before is not None else "(not there)",
            change.path if change.after is not None else "(not there)",
            n=context,
            lineterm="",
        )
    )
