"""One payload, two answers."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

from lambdatui.headless.invoking import read_payload, said_of, summary
from lambdatui.headless.output import OK, Usage, print_json, say, split
from lambdatui.model import Invocation
from lambdatui.model.function import LATEST
from lambdatui.service import Service, open_target
from lambdatui.service.json_diff import JsonChange, changes
from lambdatui.service.places import beside

_DIFFERS = 1


async def compare(service: Service, options: argparse.Namespace) -> int:
    """Invoke both at once; like ``diff``, 0 when the answers are the same and 1 when they are not."""
    name, qualifier = split(options.function)
    if qualifier:
        raise Usage(f"compare takes two qualifiers: lambdatui compare {name} {qualifier} LATEST")
    left, right = (LATEST if side == "LATEST" else side for side in (options.left, options.right))
    if left == right and options.on is None:
        raise Usage("compare takes two different ones, or the same one somewhere else (--on)")
    payload = read_payload(options.payload)
    async with _other(service, options.on) as there:
        first, second = await asyncio.gather(
            service.invoker.invoke(name, payload, qualifier=left),
            there.invoker.invoke(name, payload, qualifier=right),
        )
    found = changes(first.text, second.text)
    same = not found and first.function_error == second.function_error
    if options.json:
        print_json({
            "left": said_of(first),
            "right": said_of(second),
            "same": same,
            "differences": [asdict(one) for one in found],
        })  # fmt: skip
    elif not same:
        _print(f"{name}:{left}", f"{name}:{right}" + (f" on {options.on}" if options.on else ""), found)
    _tell(left, first)
    _tell(right, second)
    if same:
        say("Nothing differs in the answers.")
    return OK if same else _DIFFERS


@asynccontextmanager
async def _other(here: Service, where: str | None) -> AsyncIterator[Service]:
    """Where the right one runs; closed again when that is not here."""
    if where is None:
        yield here
        return
    there = await open_target(beside(here.spec, where, here.target.region), interactive=False)
    try:
        yield there
    finally:
        await there.close()


def _print(left: str, right: str, found: list[JsonChange]) -> None:
    print(f"--- {left}\n+++ {right}\n")
    for change in found:
        sides = (value if value is not None else "not there" for value in (change.left, change.right))
        print(f"{change.path or 'the whole answer'}: {' -> '.join(sides)}")


def _tell(side: str, done: Invocation) -> None:
    say(f"{side}: {summary(done)}")
