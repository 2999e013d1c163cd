"""Functions whose events wait until they are resumed: to look at a queue, and not only after it."""

from __future__ import annotations

from typing import Any

from lambdatui.engine.own.routes import Call, Refused, Routes


async def get_pauses(call: Call) -> dict[str, Any]:
    return {"functions": call.engine.queue.paused.names}


async def put_pause(call: Call) -> dict[str, Any]:
    name = call.body.get("function")
    if not isinstance(name, str) or not name or call.body.keys() != {"function"}:
        raise Refused(400, "function is the name of the function whose events are to wait.")
    await call.engine.queue.pause(name)
    return await get_pauses(call)


async def delete_pauses(call: Call) -> dict[str, Any]:
    wanted = call.query.get("function")
    for name in [wanted] if wanted else call.engine.queue.paused.names:
        await call.engine.queue.resume(name)
    return await get_pauses(call)


ROUTES: Routes = {
    ("GET", "pauses"): get_pauses,
    ("PUT", "pauses"): put_pause,
    ("DELETE", "pauses"): delete_pauses,
}
