"""Functions: list them, look at one."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from lambdatui.headless.output import OK, jsonable, print_json, print_table, say, split, when
from lambdatui.model import Alias, Function, Version
from lambdatui.service import Service


async def ls(service: Service, options: argparse.Namespace) -> int:
    """Every function of the target."""
    functions = [function async for page in service.functions.pages() for function in page]
    if options.json:
        print_json([_function(function) for function in functions])
        return OK
    print_table(
        ("NAME", "RUNTIME", "MEMORY", "TIMEOUT", "MODIFIED"),
        [
            (
                one.name,
                latest.runtime or latest.package_type,
                f"{latest.memory_mb} MB",
                f"{latest.timeout_s} s",
                when(latest.modified),
            )
            for one in functions
            for latest in (one.latest,)
        ],
    )
    say(f"{len(functions)} function{'' if len(functions) == 1 else 's'} in {_place(service)}")
    return OK


async def show(service: Service, options: argparse.Namespace) -> int:
    """One function with its versions and aliases."""
    name, qualifier = split(options.function)
    function, versions, aliases = await asyncio.gather(
        service.functions.get(name, qualifier), service.versions.list(name), service.versions.aliases(name)
    )
    if options.json:
        said = _function(function)
        said["versions"] = [jsonable(asdict(version)) for version in versions]
        said["aliases"] = [jsonable(asdict(alias)) for alias in aliases]
        print_json(said)
        return OK
    latest = function.latest
    facts = {
        "arn": latest.arn,
        "state": " ".join(filter(None, (latest.state, latest.state_reason))),
        "runtime": latest.runtime or latest.package_type,
        "handler": latest.handler or "",
        "memory": f"{latest.memory_mb} MB",
        "timeout": f"{latest.timeout_s} s",
        "modified": when(latest.modified),
        "description": latest.description,
        "environment": ", ".join(latest.environment),  # names only: values are often secrets
        "tags": ", ".join(f"{key}={value}" for key, value in function.tags.items()),
    }
    for label, value in facts.items():
        if value:
            print(f"{label:<12} {value}")
    print()
    _print_versions(versions, aliases)
    return OK


def _print_versions(versions: Iterable[Version], aliases: Sequence[Alias]) -> None:
    names: dict[str, list[str]] = {}
    for alias in aliases:
        for number, share in alias.weights:
            names.setdefault(number, []).append(alias.name if share == 1 else f"{alias.name} {share:.0%}")
    print_table(
        ("VERSION", "MODIFIED", "CODE", "ALIASES", "DESCRIPTION"),
        [
            (
                one.number,
                when(one.modified),
                one.code_sha256[:8],
                ", ".join(names.get(one.number, ())),
                one.description,
            )
            for one in versions
        ],
    )


def _function(function: Function) -> dict[str, Any]:
    said: dict[str, Any] = jsonable(asdict(function.latest))
    return {**said, "tags": dict(function.tags), "reserved_concurrency": function.reserved_concurrency}


def _place(service: Service) -> str:
    target = service.target
    return f"{target.region} of {target.account or target.endpoint} ({target.name})"
