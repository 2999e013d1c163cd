"""Local routes."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from lambdatui.headless.output import OK, REFUSED, Usage, print_json, print_table, say
from lambdatui.service import EngineControl, Service, errors

_FRONTS = {"http": "an HTTP API", "rest": "a REST API", "alb": "a load balancer"}


async def route(service: Service, options: argparse.Namespace) -> int:
    """Add, list or remove local routes."""
    if service.engine is None:
        raise Usage("routes lead to the local engine; say --local")
    try:
        return await _do_route(service.engine, options)
    except (errors.NotFound, errors.Invalid, errors.Conflict) as error:
        say(f"lambdatui: {error.aws_message}")  # the engine's own words, about what was typed
        return REFUSED


async def _do_route(engine: EngineControl, options: argparse.Namespace) -> int:
    if options.action == "add":
        route = await engine.add_route(options.path, options.function, options.kind)
        if options.json:
            print_json(asdict(route))
        else:
            print(route.url)
        say(f"{route.function} answers at {route.path} as behind {_FRONTS[route.kind]}")
        return OK
    if options.action == "remove":
        await engine.remove_route(options.path)
        say(f"nothing answers at {options.path} any more")
        return OK
    routes = await engine.routes()
    if options.json:
        print_json([asdict(route) for route in routes])
        return OK
    rows = [(route.path, route.function, route.kind, route.url) for route in routes]
    print_table(("PATH", "FUNCTION", "AS", "URL"), rows)
    return OK
