"""Layers that a function uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdatui.model.attachments import LayerUse
from lambdatui.model.function import Layer
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Denied, Invalid, NotFound
from lambdatui.service.together import together


class Layers:
    """ListLayerVersions, for the layers in use."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def used(self, layers: Sequence[Layer]) -> list[LayerUse]:
        """Each layer with its newest version, where these credentials may know it."""
        return await together(self._used(layer) for layer in layers)

    async def _used(self, layer: Layer) -> LayerUse:
        whole, _, number = layer.arn.rpartition(":")
        name = whole.rpartition(":")[2]
        found = LayerUse(layer.arn, name, int(number) if number.isdecimal() else 0, layer.size)
        try:
            raw = await self._connection.call("lambda", "list_layer_versions", LayerName=whole)
        except (Denied, NotFound, Invalid):
            return found
        versions = raw.get("LayerVersions") or ()
        own: Mapping[str, Any] = next((each for each in versions if each["Version"] == found.number), {})
        about = clean_line(own.get("Description", ""))
        newest = max((int(each["Version"]) for each in versions), default=None)
        return LayerUse(layer.arn, name, found.number, layer.size, newest, about)
