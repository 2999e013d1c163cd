"""The clock to read, to speed up and to push ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdatui.engine.own.queue import LONGEST_SETTLE_S
from lambdatui.engine.own.routes import Call, Refused, Routes, amount

if TYPE_CHECKING:
    from lambdatui.engine.engine import Engine

LONGEST_JUMP_S = 10 * 366 * 86400.0


async def get_clock(call: Call) -> dict[str, Any]:
    return {**call.engine.clock.describe(), "next_event": _next_due(call.engine)}


async def get_schedules(call: Call) -> dict[str, Any]:
    return {"schedules": call.engine.triggers.schedules.describe()}


async def post_clock(call: Call) -> dict[str, Any]:
    engine, wanted = call.engine, call.body
    unknown = sorted(wanted.keys() - {"mode", "advance_s", "to", "settle_s"})
    if unknown:
        raise Refused(400, f"{unknown[0]} means nothing here: say mode, advance_s, to or settle_s.")
    if "to" in wanted and (wanted["to"] != "next" or "advance_s" in wanted):
        raise Refused(400, 'to is "next", and goes without advance_s.')
    ahead = amount(wanted.get("advance_s", 0), "advance_s", LONGEST_JUMP_S)
    patience = amount(wanted.get("settle_s", 0), "settle_s", LONGEST_SETTLE_S)
    if "mode" in wanted:
        try:
            engine.clock.change(str(wanted["mode"]))
        except ValueError as error:
            raise Refused(400, str(error)) from None
    if "to" in wanted:
        at = _next_due(engine)
        if at is None:
            raise Refused(409, "No event and no schedule waits for a later time.")
        ahead = max(0.0, at - engine.clock.now())
    if ahead:
        engine.clock.advance(ahead)
    settled = await engine.queue.activity.quiet(patience)
    return {**await get_clock(call), "advanced_s": ahead, "settled": settled}


def _next_due(engine: Engine) -> float | None:
    """When the next event, delivery or schedule is due."""
    times = (engine.queue.next_due(), engine.triggers.schedules.next_due())
    return min((at for at in times if at is not None), default=None)


ROUTES: Routes = {
    ("GET", "clock"): get_clock,
    ("POST", "clock"): post_clock,
    ("GET", "schedules"): get_schedules,
}
