"""Put a folder or a zip on Lambda."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from lambdatui.headless.output import OK, Usage, print_json, say, split, when
from lambdatui.model import Function
from lambdatui.model.settings import BY_KEY, problem_of
from lambdatui.service import Service, errors
from lambdatui.service.packing import pack
from lambdatui.service.watch import Redeploy, Watch


async def deploy(service: Service, options: argparse.Namespace) -> int:
    """New code for a function, or with --create a new function; ends when Lambda uses it, and with
    --watch not before it is interrupted."""
    name, qualifier = split(options.function)
    if qualifier:
        raise Usage(f"code goes to $LATEST: lambdatui deploy {options.source} {name}, then publish")
    settings = _settings(options)
    package = await asyncio.to_thread(_package, options.source)
    there = await _is_there(service, name)
    if there:
        await _update(service, name, package, settings)
    else:
        await _create(service, name, package, settings, options)
    function = await service.functions.settled(name)
    if options.json:
        print_json(_said(function, created=not there))
    else:
        print(function.latest.code_sha256)
    say(f"{name} {'has new code' if there else 'is there'}: {len(package):,} bytes, in use")
    if options.watch:
        say(f"watching {options.source}: what is saved is deployed; ctrl+c ends it")
        told = _told_json if options.json else _told
        await Watch(service.code, name, options.source, told, deployed=package).run()
    return OK


def _told(redeploy: Redeploy) -> None:
    if redeploy.problem:
        say(f"{when(redeploy.at)}  not deployed: {redeploy.problem}")
        return
    print(redeploy.code_sha256, flush=True)
    say(f"{when(redeploy.at)}  deployed: {redeploy.size:,} bytes in {redeploy.seconds:.1f} s")


def _told_json(redeploy: Redeploy) -> None:
    """A line for each, so that a program reads them as they come."""
    print(
        json.dumps(
            {
                "at": redeploy.at.isoformat(),
                "code_sha256": redeploy.code_sha256 or None,
                "size": redeploy.size,
                "seconds": round(redeploy.seconds, 3),
                "problem": redeploy.problem or None,
            }
        ),
        flush=True,
    )


def _settings(options: argparse.Namespace) -> dict[str, str]:
    """What was given of handler, runtime and role; checked before anything is sent."""
    given = {key: value for key in ("handler", "runtime", "role") if (value := getattr(options, key))}
    for key, value in given.items():
        if problem := problem_of(BY_KEY[key], value):
            raise Usage(f"--{key} {value}: {problem}")
    return given


def _package(source: Path) -> bytes:
    try:
        return pack(source)
    except errors.Invalid as error:
        raise Usage(error.sentence) from None
    except OSError as error:
        raise Usage(f"{error.filename or source}: {error.strerror}") from None


async def _is_there(service: Service, name: str) -> bool:
    try:
        await service.functions.get(name)
    except errors.NotFound:
        return False
    return True


async def _update(service: Service, name: str, package: bytes, settings: dict[str, str]) -> None:
    """Code first: it is what Lambda is likelier to refuse, and then nothing has changed."""
    await service.code.deploy(name, package)
    if settings:
        await service.settings.change(name, settings)


async def _create(
    service: Service, name: str, package: bytes, settings: dict[str, str], options: argparse.Namespace
) -> None:
    if not options.create:
        raise errors.NotFound(f"There is no function {name}. Make it: --create --handler H --runtime R.")
    if not {"handler", "runtime"} <= settings.keys():
        raise Usage(f"{name} is not there yet; say --handler and --runtime to create it")
    await service.functions.create(
        name,
        runtime=settings["runtime"],
        handler=settings["handler"],
        role=settings.get("role"),
        code=package,
    )


def _said(function: Function, *, created: bool) -> dict[str, object]:
    latest = function.latest
    return {
        "function": latest.function,
        "arn": latest.arn,
        "created": created,
        "code_sha256": latest.code_sha256,
        "code_size": latest.code_size,
        "runtime": latest.runtime,
        "handler": latest.handler,
        "state": latest.state,
        "last_update": latest.last_update,
        "revision_id": latest.revision_id,
    }
