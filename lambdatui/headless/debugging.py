"""A function under a debugger, until ctrl+c."""

from __future__ import annotations

import argparse
import asyncio
import signal
from dataclasses import asdict

from lambdatui.headless.output import OK, REFUSED, Usage, print_json, say
from lambdatui.service import Service, errors


async def debug(service: Service, options: argparse.Namespace) -> int:
    """Print host and port; end the debugging when told to stop."""
    engine = service.engine
    if engine is None:
        raise Usage("functions are debugged in the local engine; say --local")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        session = await engine.debug(options.function, port=options.port, wait=options.wait)
    except (errors.NotFound, errors.Invalid, errors.Conflict) as error:
        say(f"lambdatui: {error.aws_message}")
        return REFUSED
    engine.keep_alive()
    if options.json:
        print_json(asdict(session))
    else:
        print(f"{session.host}:{session.port}", flush=True)
    say(f"{session.function} waits for {session.debugger}; its code is at {session.root}. ctrl+c ends this.")
    await stop.wait()
    await engine.end_debug(session)
    say(f"{session.function} runs as ever again")
    return OK
