"""Fault switches to set and to take back."""

from __future__ import annotations

from typing import Any

from lambdatui.engine.faults import KINDS, Fault
from lambdatui.engine.own.looking import changed
from lambdatui.engine.own.routes import Call, Refused, Routes, amount

MOST_TIMES = 10**9
LONGEST_S = 86_400.0
MOST_MB = 10_240.0


async def get_faults(call: Call) -> dict[str, Any]:
    faults = call.engine.execution.faults
    stamp = await changed(call, lambda: str([fault.describe() for fault in faults]))
    return {"stamp": stamp, "kinds": KINDS, "faults": [fault.describe() for fault in faults]}


async def put_fault(call: Call) -> dict[str, Any]:
    wanted = call.body
    unknown = sorted(wanted.keys() - {"kind", "function", "times", "seconds", "megabytes"})
    if unknown:
        known = "kind, function, times, seconds or megabytes"
        raise Refused(400, f"{unknown[0]} means nothing here: say {known}.")
    kind = wanted.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Refused(400, f"There is no fault {kind!r}: say one of {', '.join(KINDS)}.")
    name = wanted.get("function")
    if not isinstance(name, str | None):
        raise Refused(400, "function is a name.")
    times = wanted.get("times")
    left = None if times is None else int(amount(times, "times", MOST_TIMES))
    seconds = amount(wanted.get("seconds", 0), "seconds", LONGEST_S)
    megabytes = amount(wanted.get("megabytes", 0), "megabytes", MOST_MB)
    fault = Fault(kind, name, left, seconds, megabytes)
    call.engine.execution.faults.put(fault)
    return fault.describe()


async def delete_faults(call: Call) -> dict[str, Any]:
    call.engine.execution.faults.clear(call.query.get("kind"), call.query.get("function"))
    return await get_faults(call)


ROUTES: Routes = {
    ("GET", "faults"): get_faults,
    ("PUT", "faults"): put_fault,
    ("DELETE", "faults"): delete_faults,
}
