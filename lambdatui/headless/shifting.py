"""Move an alias to another version, as the canary screen does, to the end or until ctrl+c."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from lambdatui.headless.output import OK, REFUSED, Usage, print_json, print_table, say, split, when
from lambdatui.service import Service, errors
from lambdatui.service.shifts.shift import Figures, Phase, Plan, PlanError, Rules, Shift, Step
from lambdatui.service.shifts.shifts import Live
from lambdatui.service.shifts.words import read_milliseconds, read_share, read_steps

LOOK_S = 0.1


async def shift(service: Service, options: argparse.Namespace) -> int:
    """Begin a shift, or take one up that was left in the middle, and see it to its end."""
    name, qualifier = split(options.function)
    if qualifier:
        raise Usage(f"the alias is a word of its own: lambdatui shift {name} {qualifier} VERSION")
    taken_up = options.resume or options.back
    if taken_up == bool(options.version):
        raise Usage(
            "which version? lambdatui shift FUNCTION ALIAS VERSION, or ALIAS --resume, or ALIAS --back"
        )
    try:
        live = await (_take_up if taken_up else _begin)(service, name, options)
    except PlanError as problem:
        raise Usage(str(problem)) from None
    try:
        await _watch(live)
    except asyncio.CancelledError:
        said = f"lambdatui shift {name} {options.alias}"
        say(f"{_stands(live.shift)}, and stays so. `{said} --resume` goes on, `{said} --back` takes it back.")
        raise
    _print(live, as_json=options.json)
    say(f"{name}: {_stands(live.shift)}")
    return OK if live.shift.phase is (Phase.BACK if options.back else Phase.DONE) else REFUSED


async def _begin(service: Service, name: str, options: argparse.Namespace) -> Live:
    steps = _waiting(read_steps(options.steps), options.wait)
    rules = Rules(read_share(options.stop_errors), read_milliseconds(options.stop_p95))
    aliases = {one.name: one for one in await service.versions.aliases(name)}
    alias = aliases.get(options.alias)
    if alias is None:
        known = f"There are: {', '.join(aliases)}." if aliases else "lambdatui alias makes one."
        raise errors.NotFound(f"{name} has no alias {options.alias}. {known}")
    numbers = [one.number for one in await service.versions.list(name) if not one.is_latest]
    if options.version not in numbers:
        known = f"There are: {', '.join(numbers)}." if numbers else "lambdatui publish makes one."
        raise errors.NotFound(f"{name} has no version {options.version}. {known}")
    plan = Plan(name, alias.name, alias.version, options.version, steps, rules)
    return await service.shifts.start(plan)


def _waiting(steps: tuple[Step, ...], wait_s: float) -> tuple[Step, ...]:
    """Steps that name no time get the common one; the last has nothing to wait for."""
    return (*(step if step.wait_s else replace(step, wait_s=wait_s) for step in steps[:-1]), steps[-1])


async def _take_up(service: Service, name: str, options: argparse.Namespace) -> Live:
    await service.shifts.interrupted()
    live = service.shifts.live(name, options.alias)
    if live is None:
        raise errors.NotFound(f"No shift of {options.alias} of {name} was left in the middle.")
    if options.back:
        await service.shifts.change(live, lambda shift, now: shift.back(now, "asked for"))
    else:
        await service.shifts.change(live, Shift.resume)
    return live


async def _watch(live: Live) -> None:
    """Until it is over; each step and each trouble is said once."""
    told = problem = ""
    while True:
        shift = live.shift
        if not shift.unsent and (stands := _stands(shift)) != told:
            told = stands
            if not shift.is_over:
                _say_with_time(f"{stands}{_for_how_long(live, shift)}")
        if live.problem != problem:
            problem = live.problem
            if problem:
                _say_with_time(problem)
        if shift.is_over and not shift.unsent:
            return
        await asyncio.sleep(LOOK_S)


def _say_with_time(text: str) -> None:
    say(f"{when(datetime.now(UTC))}  {text}")


def _stands(shift: Shift) -> str:
    plan = shift.plan
    reason = f": {shift.reason}" if shift.reason else ""
    match shift.phase:
        case Phase.DONE:
            return f"{plan.alias} points at version {plan.new}"
        case Phase.BACK:
            return f"{plan.alias} is back at version {plan.old}{reason}"
        case Phase.STOPPED:
            return f"the shift of {plan.alias} stopped{reason}"
    return f"{plan.alias} gives {round(shift.share * 100, 2):g} % to version {plan.new}"


def _for_how_long(live: Live, shift: Shift) -> str:
    wait_s = shift.plan.steps[shift.at].wait_s
    new = f" ({live.new.runs} runs, {live.new.errors} failed so far)" if live.new.runs else ""
    return f" for {wait_s:g} s{new}" if wait_s else new


def _print(live: Live, *, as_json: bool) -> None:
    shift, sides = live.shift, ((live.shift.plan.old, live.old), (live.shift.plan.new, live.new))
    if as_json:
        print_json(_said(shift, sides))
        return
    rows = [(number, _traffic(shift, number), *_cells(figures)) for number, figures in sides]
    print_table(("VERSION", "TRAFFIC", "RUNS", "ERRORS", "P95"), rows)


def _traffic(shift: Shift, number: str) -> str:
    if shift.phase is Phase.STOPPED:  # somebody else's by now
        return "-"
    return f"{shift.share if number == shift.plan.new else 1 - shift.share:.0%}"


def _cells(figures: Figures) -> tuple[str, str, str]:
    p95 = "-" if figures.p95_ms is None else f"{figures.p95_ms:.0f} ms"
    return str(figures.runs), str(figures.errors), p95


def _said(shift: Shift, sides: tuple[tuple[str, Figures], ...]) -> dict[str, Any]:
    plan = shift.plan
    return {
        "function": plan.function,
        "alias": plan.alias,
        "phase": shift.phase.value,
        "reason": shift.reason or None,
        "share": None if shift.phase is Phase.STOPPED else shift.share,
        "from": plan.old,
        "to": plan.new,
        "versions": {number: asdict(figures) for number, figures in sides},
    }
