"""Shareable test events: the Lambda console keeps them in a schema registry of EventBridge."""

from __future__ import annotations

import json
from collections.abc import Mapping

from lambdatui.service.clean import clean, clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import NotFound

REGISTRY = "lambda-testevent-schemas"


class SharedEvents:
    """Reads what colleagues shared. AWS only: an engine and most endpoints have no schema registry."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of(self, function: str) -> dict[str, str]:
        """A function's shared events by name, laid out; none when nobody shared one."""
        try:
            raw = await self._connection.call(
                "schemas", "describe_schema", RegistryName=REGISTRY, SchemaName=f"_{function}-schema"
            )
        except NotFound:
            return {}
        return examples(str(raw.get("Content", "")))


def examples(content: str) -> dict[str, str]:
    """The examples of an OpenAPI schema, safe to draw."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    found = said.get("components", {}) if isinstance(said, Mapping) else {}
    found = found.get("examples", {}) if isinstance(found, Mapping) else {}
    if not isinstance(found, Mapping):
        return {}
    return {
        clean_line(name): clean(json.dumps(one["value"], indent=2, ensure_ascii=False))
        for name, one in found.items()
        if isinstance(one, Mapping) and "value" in one
    }
