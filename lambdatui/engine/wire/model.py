"""Reads botocore's service models: plain JSON, found and parsed without importing botocore itself.

The Lambda model is half a megabyte of JSON: 5 ms this way, against 90 ms through botocore's loader.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a structure: its shape and where on the wire it travels."""

    name: str
    shape: str
    wire_name: str
    location: str | None  # uri, querystring, header, headers, statusCode or None for the body
    raw: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """What the service model says of one operation."""

    name: str
    method: str
    uri: str
    status: int
    input: str | None
    output: str | None
    output_wrapper: str | None
    """Query protocol: the element that holds the result."""


class ServiceModel:
    """One service: its operations and shapes, looked at only when somebody asks."""

    def __init__(self, raw: Json) -> None:
        self.metadata: Json = raw["metadata"]
        self._shapes: dict[str, Json] = raw["shapes"]
        self.operations = {name: _operation(name, entry) for name, entry in raw["operations"].items()}
        self._members: dict[str, dict[str, Member]] = {}
        self.packed = any("requestcompression" in entry for entry in raw["operations"].values())
        """Whether clients may compress what they send."""

    @property
    def protocols(self) -> frozenset[str]:
        """All that its clients may speak."""
        return frozenset((self.metadata["protocol"], *self.metadata.get("protocols", ())))

    def shape(self, name: str) -> Json:
        return self._shapes[name]

    def error_shape(self, code: str) -> Json | None:
        shape = self._shapes.get(code)
        return shape if shape is not None and shape.get("exception") else None

    def members(self, shape: str | None) -> dict[str, Member]:
        """The members of a structure, in the model's order; none for an operation without input."""
        if shape is None:
            return {}
        known = self._members.get(shape)
        if known is None:
            entries: dict[str, Json] = self._shapes[shape].get("members", {})
            known = {name: _member(name, entry) for name, entry in entries.items()}
            self._members[shape] = known
        return known

    def required(self, shape: str | None) -> frozenset[str]:
        return frozenset() if shape is None else frozenset(self._shapes[shape].get("required", ()))


@cache
def load(service: str) -> ServiceModel:
    """The newest model of `service` (botocore's folder name, such as "lambda")."""
    newest = max(path for path in (_data_folder() / service).iterdir() if path.is_dir())
    packed = newest / "service-2.json.gz"
    text = gzip.decompress(packed.read_bytes()) if packed.exists() else packed.with_suffix("").read_bytes()
    return ServiceModel(orjson.loads(text))


@lru_cache(maxsize=1)
def _data_folder() -> Path:
    spec = find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("botocore is not installed: its service models describe what the engine answers")
    return Path(spec.submodule_search_locations[0]) / "data"


def _operation(name: str, entry: Json) -> Operation:
    http = entry.get("http", {})
    output = entry.get("output", {})
    return Operation(
        name=name,
        method=http.get("method", "POST"),
        uri=http.get("requestUri", "/"),
        status=http.get("responseCode", 200),
        input=entry.get("input", {}).get("shape"),
        output=output.get("shape"),
        output_wrapper=output.get("resultWrapper"),
    )


def _member(name: str, entry: Json) -> Member:
    return Member(name, entry["shape"], entry.get("locationName", name), entry.get("location"), entry)
