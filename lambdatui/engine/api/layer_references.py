"""Which layers a function may name."""

from __future__ import annotations

from typing import Any

from lambdatui.engine.store import layers
from lambdatui.engine.store.database import Connection
from lambdatui.engine.wire.errors import invalid_parameter

MOST = 5


def resolve_layers(conn: Connection, region: str, arns: list[str]) -> list[dict[str, Any]]:
    """The layer versions as a configuration keeps them, checked by Lambda's rules."""
    if len(arns) > MOST:
        raise invalid_parameter(f"Cannot reference more than {MOST} layers.")
    found, seen = [], dict[str, str]()
    for arn in arns:
        layer = arn.rpartition(":")[0]
        if layer in seen:
            raise invalid_parameter(
                "Two different versions of the same layer are not allowed to be referenced in the same"
                f" function. {seen[layer]} and {arn} are versions of the same layer."
            )
        seen[layer] = arn
        if arn.split(":")[3] != region:
            raise invalid_parameter(
                "Layers are not in the same region as the function."
                f" Layers are expected to be in region {region}."
            )
        record = layers.by_arn(conn, arn)
        if record is None:
            raise invalid_parameter(f"Layer version {arn} does not exist.")
        found.append({"Arn": arn, "CodeSize": record.code_size})
    return found
