"""Whatever a body contains, it is read and checked, or refused in AWS's words: nothing else."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdatui.engine.wire import model, overrides
from lambdatui.engine.wire.errors import ApiError
from lambdatui.engine.wire.json_rpc import JsonRpc
from lambdatui.engine.wire.protocol import Match, WireProtocol
from lambdatui.engine.wire.query import Query
from lambdatui.engine.wire.rest_json import RestJson
from lambdatui.engine.wire.validate import Validator

PROTOCOLS: dict[str, type[WireProtocol]] = {"lambda": RestJson, "logs": JsonRpc, "sts": Query}
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def matching(service: model.ServiceModel, shape: str, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values that nearly fit a shape: right members with now and then a wrong value."""
    raw = service.shape(shape)
    if raw["type"] == "structure" and depth < 4:
        members = {
            member.wire_name: matching(service, member.shape, depth + 1) | VALUES
            for member in service.members(shape).values()
        }
        return st.fixed_dictionaries({}, optional=members)
    if raw["type"] == "list" and depth < 4:
        return st.lists(matching(service, raw["member"]["shape"], depth + 1) | st.none(), max_size=3)
    if raw["type"] == "map" and depth < 4:
        return st.dictionaries(
            st.text(max_size=6), matching(service, raw["value"]["shape"], depth + 1), max_size=3
        )
    if "enum" in raw:
        return st.sampled_from(raw["enum"])
    return SCALARS


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_body(name: str, data: st.DataObject) -> None:
    service = model.load(name)
    wire = PROTOCOLS[name](service, {})
    operation = data.draw(st.sampled_from(sorted(service.operations.values(), key=lambda entry: entry.name)))
    if operation.input is None:
        return
    given_ = data.draw(matching(service, operation.input) | VALUES)
    texts = st.text(max_size=20)
    request = SimpleNamespace(
        method="POST",
        path="/",
        query="&".join(f"{quote(data.draw(texts))}={quote(data.draw(texts))}" for _ in range(2)),
        headers={"x-amz-log-type": data.draw(texts)},
        body=_body(name, given_),
    )
    labels = {
        member.wire_name: data.draw(texts)
        for member in service.members(operation.input).values()
        if member.location == "uri"
    }
    parsed: dict[str, Any] | None = None
    refusal: ApiError | None = None
    try:
        parsed = wire.parse(Match(operation, labels), request)
    except ApiError as error:
        refusal = error
    if parsed is None:
        assert refusal is not None
        assert refusal.code == "SerializationException"
    else:
        errors = Validator(service, overrides.RULES.get(name, {})).errors(operation, parsed)
        assert all("failed to satisfy constraint: " in text for text in errors)


def _body(name: str, value: Any) -> bytes:
    if name == "sts":
        pairs = value.items() if isinstance(value, dict) else [("x", value)]
        return "&".join(f"{quote(str(key))}={quote(str(item))}" for key, item in pairs).encode()
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
