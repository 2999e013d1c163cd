"""The services without a screen: data on stdout, talk on stderr, an exit code that means something."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from lambdatui.events import Answer, Sample
from lambdatui.headless import (
    bursting,
    comparing,
    debugging,
    deploying,
    difference,
    functions,
    invoking,
    log,
    routes,
    shifting,
    traffic,
    versions,
)
from lambdatui.headless.output import REFUSED, UNREACHABLE, USAGE, Usage, say
from lambdatui.service import Service, TargetSpec, errors, open_target

Command = Callable[[Service, argparse.Namespace], Awaitable[int]]
T = TypeVar("T")

_COMMANDS: dict[str, Command] = {
    "ls": functions.ls,
    "show": functions.show,
    "invoke": invoking.invoke,
    "burst": bursting.burst,
    "compare": comparing.compare,
    "publish": versions.publish,
    "alias": versions.alias,
    "shift": shifting.shift,
    "diff": difference.diff,
    "debug": debugging.debug,
    "deploy": deploying.deploy,
    "tail": log.tail,
    "route": routes.route,
    "demo-traffic": traffic.traffic,
}
_NO_WAY_IN = (errors.Unreachable, errors.EngineFailed, errors.NoCredentials, errors.Expired)
_TROUBLE = 2  # of these, as of every diff: their 1 says that something differs
_DIFFING = ("diff", "compare")


def run(options: argparse.Namespace, spec: TargetSpec) -> int:
    """One command against one target; its exit code."""
    try:
        return asyncio.run(_with_service(spec, lambda service: _COMMANDS[options.command](service, options)))
    except Usage as error:
        say(f"lambdatui: {error}")
        return USAGE
    except errors.ServiceError as error:
        code = _failed(error)
        return _TROUBLE if options.command in _DIFFING and code == REFUSED else code


def send(spec: TargetSpec, function: str, sample: Sample, event: bytes, wait_s: float) -> Answer:
    """Send a sample event as its caller would. What cannot be sent is said, and raises SystemExit."""
    try:
        return asyncio.run(
            _with_service(spec, lambda service: invoking.send(service, function, sample, event, wait_s))
        )
    except errors.ServiceError as error:
        raise SystemExit(_failed(error)) from None


async def _with_service(spec: TargetSpec, use: Callable[[Service], Awaitable[T]]) -> T:
    service = await open_target(spec, interactive=False)
    try:
        return await use(service)
    finally:
        await service.close()


def _failed(error: errors.ServiceError) -> int:
    say(f"lambdatui: {error.sentence}")
    return UNREACHABLE if isinstance(error, _NO_WAY_IN) else REFUSED
