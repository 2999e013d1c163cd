"""What tells two versions, aliases or functions apart."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import Any

from lambdatui.headless.output import OK, Usage, print_json, say, split
from lambdatui.model.difference import Change, Difference, FileChange
from lambdatui.model.settings import BY_KEY, FunctionSettings
from lambdatui.service import Service, errors
from lambdatui.service.differences import file_changes, setting_changes, unified, value_changes

_DIFFERS, _TROUBLE = 1, 2
_Side = tuple[str, str | None]


async def diff(service: Service, options: argparse.Namespace) -> int:
    """Settings, environment and code; like ``diff``, 0 when nothing differs and 1 when something does."""
    left, right = split(options.left), split(options.right)
    if not left[0] or not right[0]:
        raise Usage("diff takes two functions: lambdatui diff checkout:1 checkout:prod")
    found = await _between(service, left, right)
    if options.json:
        print_json(_said(found, options))
    else:
        _print(found, options)
    unread = [side for side in (found.left, found.right) if side.environment_problem]
    for side in unread:
        say(f"The variables of {side.version.arn} cannot be read: {side.environment_problem}")
    if found.code_problem:
        say(f"The code differs, but how cannot be told: {found.code_problem}")
    if not found.nothing:
        return _DIFFERS
    if unread:
        return _TROUBLE
    say("Nothing differs.")
    return OK


async def _between(service: Service, left: _Side, right: _Side) -> Difference:
    """Packages are fetched only when their hashes differ."""
    before, after = await asyncio.gather(service.settings.get(*left), service.settings.get(*right))
    files: tuple[FileChange, ...] = ()
    problem = ""
    if before.version.code_sha256 != after.version.code_sha256:
        try:
            files = await _files(service, left, right)
        except errors.ServiceError as error:
            problem = error.sentence
    return Difference(
        before,
        after,
        _changes(before, after),
        value_changes(before.environment, after.environment),
        files,
        problem,
    )


def _changes(before: FunctionSettings, after: FunctionSettings) -> tuple[Change, ...]:
    """The settings that differ. Two functions that each log to a group of their own do the same."""
    changes = setting_changes(before, after)
    if not (_logs_to_its_own(before) and _logs_to_its_own(after)):
        return changes
    return tuple(one for one in changes if one.name != BY_KEY["log_group"].label)


def _logs_to_its_own(side: FunctionSettings) -> bool:
    return side.values["log_group"] == f"/aws/lambda/{side.version.function}"


async def _files(service: Service, left: _Side, right: _Side) -> tuple[FileChange, ...]:
    async with AsyncExitStack() as packages:
        before = await service.code.download(*left)
        packages.callback(before.close)
        after = await service.code.download(*right)
        packages.callback(after.close)
        return await asyncio.to_thread(file_changes, before, after)


def _print(found: Difference, options: argparse.Namespace) -> None:
    if not found.nothing:
        print(f"--- {options.left}\n+++ {options.right}")
    _print_section(
        "Settings", [f"{one.name}: {one.before or '-'} -> {one.after or '-'}" for one in found.settings]
    )
    _print_section("Environment", [f"{one.name}: {_what(one)}" for one in found.variables])
    if found.same_code or found.code_problem:
        return
    if not found.files:
        _print_section("Code", ["the packages differ, the files in them do not"])
    for change in found.files:
        print(f"\nCode: {change.path}, {_counted(change)}")
        if not change.binary:
            print(*unified(change), sep="\n")


def _print_section(head: str, lines: Sequence[str]) -> None:
    if lines:
        print(f"\n{head}", *(f"  {line}" for line in lines), sep="\n")


def _what(change: Change | FileChange) -> str:
    """The values of variables are often secrets: what happened to them is all that is said."""
    if change.before is None:
        return "added"
    return "removed" if change.after is None else "changed"


def _counted(change: FileChange) -> str:
    what = _what(change)
    return f"{what}, binary" if change.binary else f"{what} +{change.added} -{change.removed}"


def _said(found: Difference, options: argparse.Namespace) -> dict[str, Any]:
    return {
        "left": options.left,
        "right": options.right,
        "same": found.nothing,
        "settings": [asdict(one) for one in found.settings],
        "environment": [{"name": one.name, "change": _what(one)} for one in found.variables],
        "code": {
            "same": found.same_code,
            "problem": found.code_problem or None,
            "files": [_file(one) for one in found.files],
        },
    }


def _file(change: FileChange) -> dict[str, Any]:
    return {
        "path": change.path,
        "change": _what(change),
        "added": change.added,
        "removed": change.removed,
        "binary": change.binary,
        "diff": [] if change.binary else unified(change),
    }
