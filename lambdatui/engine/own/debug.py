"""Functions to put under a debugger, and to let go."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

from lambdatui.engine.debugging import HOST, Key, NoDebugger, Session, listening
from lambdatui.engine.environments.spec import RunSpec
from lambdatui.engine.own.routes import Call, Refused, Routes, amount
from lambdatui.engine.settings import DEFAULT_ACCOUNT, DEFAULT_REGION
from lambdatui.engine.wire.errors import ApiError

TICK_S = 0.02
PATIENCE_S = 20.0  # for an interpreter with its debugger to open the port
KNOWN = ("function", "account", "region", "port", "wait")


async def get_debug(call: Call) -> dict[str, Any]:
    return {"debugging": call.engine.debugged()}


async def put_debug(call: Call) -> dict[str, Any]:
    unknown = sorted(call.body.keys() - set(KNOWN))
    if unknown:
        raise Refused(400, f"{unknown[0]} means nothing here: say {', '.join(KNOWN)}.")
    key = _key(call.body)
    port = int(amount(call.body.get("port", 0), "port", 65535))
    _check_free(port)
    debugging = call.engine.dispatch.debugging
    session = debugging.begin(key, port, waits=bool(call.body.get("wait", False)))
    try:
        spec = await call.engine.dispatch.start_anew(*key, ahead=True)
        await _opened(call, spec, session)
    except (ApiError, Refused, NoDebugger) as problem:
        debugging.end(key)
        if isinstance(problem, Refused):
            await call.engine.dispatch.start_anew(*key, ahead=False)
            raise
        missing = isinstance(problem, ApiError) and problem.code == "ResourceNotFoundException"
        words = (isinstance(problem, ApiError) and problem.message) or str(problem)
        raise Refused(404 if missing else 409, words) from None
    return session.describe(spec.runtime, call.engine.execution.root_of(spec))


async def delete_debug(call: Call) -> dict[str, Any]:
    key = _key(call.query)
    if call.engine.dispatch.debugging.end(key) is None:
        raise Refused(404, f"{key[2]} is not being debugged.")
    with contextlib.suppress(ApiError):  # of one that was deleted: so are its environments
        await call.engine.dispatch.start_anew(*key, ahead=False)
    return await get_debug(call)


def _key(given: dict[str, Any]) -> Key:
    name = given.get("function")
    if not isinstance(name, str) or not name:
        raise Refused(400, "Say which function.")
    return (str(given.get("account", DEFAULT_ACCOUNT)), str(given.get("region", DEFAULT_REGION)), name)


def _check_free(port: int) -> None:
    try:
        with socket.create_server((HOST, port)):
            pass
    except OSError as error:
        raise Refused(409, f"Port {port} cannot be had ({(error.strerror or str(error)).lower()}).") from None


async def _opened(call: Call, spec: RunSpec, session: Session) -> None:
    """Wait until a debugger can come; Refused if the runtime ends before."""
    if spec.debug_port is None:
        raise Refused(409, spec.program.problem[1] if spec.program.problem else "It cannot be debugged.")
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE_S
    while not listening(session.port):
        failed = call.engine.execution.pool.failed(spec)
        if failed or loop.time() > until:
            why = "its runtime ended" if failed else f"{PATIENCE_S:.0f} s were not enough"
            raise Refused(409, f"{session.key[2]} has no debugger: {why}. Its log says more.")
        await asyncio.sleep(TICK_S)


ROUTES: Routes = {
    ("GET", "debug"): get_debug,
    ("PUT", "debug"): put_debug,
    ("DELETE", "debug"): delete_debug,
}
