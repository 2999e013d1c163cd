"""Callers that wait to be called back: to begin to wait, and to see what came."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from lambdatui.engine.callbacks.registry import DEADLINES, Kind, Waiting
from lambdatui.engine.own.routes import Call, Refused, Routes, amount

LONGEST_DEADLINE_S = 86_400.0
LONGEST_WAIT_S = 60.0


async def get_callbacks(call: Call) -> dict[str, Any]:
    return {"callbacks": [_shown(call, one) for one in call.engine.callbacks]}


async def get_callback(call: Call) -> dict[str, Any]:
    found = _found(call)
    wait_s = call.number("wait_s", 0, LONGEST_WAIT_S)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(found.over.wait(), wait_s)
    return _shown(call, found)


async def post_callback(call: Call) -> dict[str, Any]:
    wanted = call.body
    unknown = sorted(wanted.keys() - {"kind", "key", "deadline_s"})
    if unknown:
        raise Refused(400, f"{unknown[0]} means nothing here: say kind, key or deadline_s.")
    try:
        kind = Kind(str(wanted.get("kind")))
    except ValueError:
        raise Refused(400, f"kind is one of {', '.join(Kind)}.") from None
    key = wanted.get("key")
    if kind is Kind.CLOUDFORMATION and key is not None:
        raise Refused(400, "CloudFormation waits at an address, which is made for you: leave key out.")
    if kind is not Kind.CLOUDFORMATION and not (isinstance(key, str) and key):
        raise Refused(400, "key is the job's id (codepipeline) or the result token (config).")
    deadline_s = DEADLINES[kind]
    if "deadline_s" in wanted:
        deadline_s = amount(wanted["deadline_s"], "deadline_s", LONGEST_DEADLINE_S)
    return _shown(call, await call.engine.callbacks.wait_for(kind, key, deadline_s))


async def delete_callback(call: Call) -> dict[str, Any]:
    await call.engine.callbacks.drop(_found(call).id)
    return {}


def _found(call: Call) -> Waiting:
    found = call.engine.callbacks.get(call.id)
    if found is None:
        raise Refused(404, f"Nobody waits for call back {call.id}.")
    return found


def _shown(call: Call, one: Waiting) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "url": call.engine.callbacks.url_of(one),
        "state": one.state,
        "deadline": one.deadline,
        "call": one.call,
        "answer": one.answer,
        "answered": one.answered,
        "refused": one.refused,
    }


ROUTES: Routes = {
    ("GET", "callbacks"): get_callbacks,
    ("POST", "callbacks"): post_callback,
    ("GET", "callbacks/*"): get_callback,
    ("DELETE", "callbacks/*"): delete_callback,
}
