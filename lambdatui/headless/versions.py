"""Versions and aliases."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from lambdatui.headless.output import OK, REFUSED, Usage, jsonable, print_json, print_table, say
from lambdatui.model import Alias
from lambdatui.service import Service


async def publish(service: Service, options: argparse.Namespace) -> int:
    """Publish $LATEST."""
    version = await service.versions.publish(options.function, description=options.description)
    if options.json:
        print_json(jsonable(asdict(version)))
    else:
        print(version.number)
    say(f"{options.function} has version {version.number}")
    return OK


async def alias(service: Service, options: argparse.Namespace) -> int:
    """List, set or delete aliases."""
    name, alias = options.function, options.alias
    if options.delete:
        if not alias or options.version:
            raise Usage("which alias? lambdatui alias FUNCTION ALIAS --delete")
        await service.versions.delete_alias(name, alias)
        say(f"{name} has no alias {alias} any more")
        return OK
    if options.version:
        routing = dict([options.also]) if options.also else {}
        found = [
            await service.versions.put_alias(
                name, alias, version=options.version, routing=routing, description=options.description
            )
        ]
    else:
        found = [one for one in await service.versions.aliases(name) if alias in (None, one.name)]
        if alias and not found:
            say(f"lambdatui: {name} has no alias {alias}")
            return REFUSED
    if options.json:
        print_json([jsonable(asdict(one)) for one in found])
        return OK
    print_table(
        ("ALIAS", "TRAFFIC", "DESCRIPTION"), [(one.name, _traffic(one), one.description) for one in found]
    )
    return OK


def _traffic(alias: Alias) -> str:
    return ", ".join(f"{number} {share:.0%}" for number, share in alias.weights)
