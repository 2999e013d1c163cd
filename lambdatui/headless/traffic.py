"""``demo-traffic``: something to look at."""

from __future__ import annotations

import argparse
import asyncio
import time

from lambdatui.headless.output import say
from lambdatui.model import TargetKind
from lambdatui.service import Service
from lambdatui.service.errors import Invalid, ServiceError
from lambdatui.service.traffic import Tally, Traffic

REPORT_S = 5.0


async def traffic(service: Service, options: argparse.Namespace) -> int:
    """Put the samples in place and call them until ctrl+c, or for ``--for`` seconds."""
    if service.target.kind is not TargetKind.LOCAL:
        raise Invalid("demo-traffic calls the sample functions of a local engine, and nothing on AWS.")
    made = await service.functions.add_samples()
    for name in made:
        await service.functions.settled(name)
    load = Traffic(service, rate=options.rate)
    say(f"calling the samples of {service.target.name}, about {options.rate:g} a second; ctrl+c ends it")
    reporting = asyncio.create_task(_report(load.tally))
    try:
        await load.run(options.seconds)
    except BaseExceptionGroup as failures:
        raise _first(failures) from failures
    finally:
        reporting.cancel()
        say(_words(load.tally))
    return 0


async def _report(tally: Tally) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(REPORT_S)
        say(f"{time.monotonic() - began:5.0f} s  {_words(tally)}")


def _words(tally: Tally) -> str:
    kinds = ", ".join(f"{number} {name}" for name, number in sorted(tally.sent.items()))
    return f"{tally.total} calls ({kinds or 'none'}), {tally.failed} failed, {tally.refused} refused"


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Why it ended: one engine that is gone fails many calls with one reason."""
    found: BaseException | None = failures.split(ServiceError)[0]
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found if found is not None else failures
