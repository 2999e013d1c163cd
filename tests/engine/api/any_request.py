"""Requests made from the service model: right ones, nearly right ones and nonsense, for any operation."""

from __future__ import annotations

import base64
import json
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from hypothesis import strategies as st

from tests.engine.api.aws import ROLE, zipped

Strategy = st.SearchStrategy[Any]
MODEL = botocore.session.Session().get_service_model("lambda")
DEEPEST = 5

_TEXTS = st.text(max_size=30) | st.sampled_from(
    ["", "f", "$LATEST", "\x00", "é€😀", "x" * 300, "..", "a/b", "%", "null", "arn:aws:lambda:::", "'; --"]
)
_NUMBERS = st.integers(-3, 12_000) | st.integers() | st.sampled_from([2**31, 2**63, -(2**63) - 1, 10**30])
_NONSENSE = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_BLOBS = st.sampled_from([b"{}", b"", b"1", b"\xff", b"PK\x03\x04"])
_PLAIN = string.ascii_letters + string.digits + "-_"
_HEADER_SAFE = frozenset(string.printable) - frozenset("\r\n\x0b\x0c")


@dataclass(frozen=True)
class Http:
    """A request as it goes over the wire."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


# Members without which an operation hardly ever gets far, though the model does not ask for them.
_USUAL = {
    "CreateFunctionRequest": ("Runtime", "Handler"),
    "CreateEventSourceMappingRequest": ("EventSourceArn", "StartingPosition"),
    "UpdateFunctionCodeRequest": ("ZipFile",),
}


class Maker:
    """Makes requests that often name what is there: ``known`` has examples by member or shape name."""

    def __init__(self, known: Mapping[str, list[Any]]) -> None:
        self._known = known
        self._made: dict[tuple[str, str], Strategy] = {}

    def requests(self, operation: OperationModel) -> Strategy:
        """Any request to this operation: most are right, or wrong in one place only."""
        if operation.input_shape is None or not operation.input_shape.members:
            return st.just(_http(operation, {}))
        right = self._structure(operation.input_shape, 0)
        wrong = st.tuples(right, st.sampled_from(sorted(operation.input_shape.members)), _NONSENSE).map(
            lambda parts: parts[0] | {parts[1]: parts[2]}
        )
        bodies = st.binary(max_size=60) | st.sampled_from([b"{", b"[]", b"null", b"1", b"[" * 3000, b'{"a":'])
        return st.one_of(
            right.map(lambda values: _http(operation, values)),
            right.map(lambda values: _http(operation, values)),
            wrong.map(lambda values: _http(operation, values)),
            st.tuples(right, bodies).map(lambda pair: _http(operation, pair[0], pair[1])),
        )

    def _structure(self, shape: StructureShape, depth: int) -> Strategy:
        """All required members and a few others."""
        members = {name: self._member(name, member, depth + 1) for name, member in shape.members.items()}
        usual = {*shape.required_members, *_USUAL.get(shape.name, ())}
        others = sorted(set(members) - usual)
        few = st.lists(st.sampled_from(others), max_size=3, unique=True) if others else st.just([])
        return few.flatmap(
            lambda chosen: st.fixed_dictionaries({name: members[name] for name in (*sorted(usual), *chosen)})
        )

    def _member(self, name: str, shape: Shape, depth: int) -> Strategy:
        key = (name, f"{shape.name}.{depth}")
        if key not in self._made:
            self._made[key] = self._make(name, shape, depth)
        return self._made[key]

    def _make(self, name: str, shape: Shape, depth: int) -> Strategy:
        for key in (name, shape.name):
            if key in self._known:
                return st.sampled_from(self._known[key])
        if depth > DEEPEST:
            return st.none()
        if isinstance(shape, StructureShape):
            return self._structure(shape, depth)
        if isinstance(shape, ListShape):
            return st.lists(self._member("", shape.member, depth + 1), max_size=3)
        if isinstance(shape, MapShape):
            keys, values = self._member("", shape.key, depth + 1), self._member("", shape.value, depth + 1)
            return st.dictionaries(keys, values, max_size=3)
        return _scalar(shape)


def _scalar(shape: Shape) -> Strategy:
    limits = shape.metadata
    if "enum" in limits:
        return st.sampled_from(limits["enum"])
    kind = shape.type_name
    if kind in ("integer", "long"):
        low, high = limits.get("min", 0), limits.get("max", 1000)
        return st.integers(low, max(low, high)) | st.sampled_from([low, max(low, high)])
    if kind in ("float", "double"):
        return st.floats(limits.get("min", 0), limits.get("max", 1))
    if kind == "boolean":
        return st.booleans()
    if kind == "timestamp":
        return st.integers(0, 2_000_000_000) | st.just("2026-01-01T00:00:00Z")
    if kind == "blob":
        return _BLOBS
    low, high = limits.get("min", 0), limits.get("max", 64)
    if "pattern" in limits and (pattern := _compiled(limits["pattern"])) is not None:
        fitting = st.from_regex(pattern, fullmatch=True)
        return fitting.filter(lambda text: low <= len(text) <= high)
    return st.text(_PLAIN, min_size=min(low, 64), max_size=min(high, 64))


def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern.replace(r"[\w-", r"[\w\-"), re.ASCII)
    except re.error:  # written for Java
        return None


def _http(operation: OperationModel, values: dict[str, Any], body: bytes | None = None) -> Http:
    """Put every member where the model wants it, whatever its value is."""
    shape, path = operation.input_shape, operation.http["requestUri"]
    query: list[str] = []
    headers: dict[str, str] = {}
    members: dict[str, Any] = {}
    payload = shape.serialization.get("payload") if shape else None
    for name, value in values.items():
        assert shape is not None
        rules = shape.members[name].serialization
        wire = rules.get("name", name)
        location = rules.get("location")
        if location == "uri":
            text = quote(_text(value), safe="").replace(".", "%2E") or "%20"
            path = path.replace(f"{{{wire}}}", text).replace(f"{{{wire}+}}", text)
        elif location == "querystring":
            many = value if isinstance(value, list) else [value]
            query += [f"{quote(wire)}={quote(_text(one), safe='')}" for one in many]
        elif location == "header":
            headers[wire] = "".join(sign for sign in _text(value) if sign in _HEADER_SAFE).strip()
        elif name == payload:
            body = value if isinstance(value, bytes) and body is None else body
        else:
            members[wire] = value
    path = path.replace("{", "%7B").replace("}", "%7D")  # a label that was left out
    if body is None:
        body = json.dumps(members, default=_base64).encode("utf-8", "surrogatepass") if members else b""
    start, _, fixed = path.partition("?")
    target = "?".join(part for part in (start, "&".join(part for part in (fixed, *query) if part)) if part)
    return Http(operation.http["method"], target, headers, body)


def _base64(value: Any) -> str:
    return base64.b64encode(value).decode()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bytes):
        return _base64(value)
    return json.dumps(value, default=_base64)


def known(account: str, mapping: str, signing: str) -> dict[str, list[Any]]:
    """What members may name in an account with a function ``f``, its version 1, alias ``live``, and more."""
    function = f"arn:aws:lambda:us-east-1:{account}:function:f"
    layer = f"arn:aws:lambda:us-east-1:{account}:layer:l"
    provider = f"arn:aws:lambda:us-east-1:{account}:capacity-provider:p"
    queue = f"arn:aws:sqs:us-east-1:{account}:q"
    absent = "11111111-2222-3333-4444-555555555555"
    names = ["f", "f", "f", "f:1", "f:live", "none", function, f"{function}:live", "function:f", "new", "1"]
    names += [f"{account}:function:f:$LATEST", function.replace("us-east-1", "eu-west-1"), "f:none", "f:9"]
    execution = f"{function}:1/durable-execution/one/{absent}"
    return {
        "FunctionName": names,
        "NamespacedFunctionName": names,
        "Qualifier": ["1", "live", "$LATEST", "7", "none", "$LATEST.PUBLISHED"],
        "FunctionVersion": ["1", "$LATEST", "2", "ALL"],
        "Name": ["live", "other", "none"],
        "UUID": [mapping, mapping, absent, "x"],
        "Role": [ROLE],
        "Runtime": ["python3.12", "nodejs22.x", "python3.7", "none"],
        "Handler": ["handler.handler"],
        "LayerName": ["l", "l", "none", layer],
        "VersionNumber": [1, 1, 2, 0, -1, 10**12],
        "LayerVersionArn": [f"{layer}:1", f"{layer}:1", f"{layer}:9", layer],
        "ResourceArn": [function, f"{function}:live", f"{function}:7", f"{function}none"],
        "Resource": [function, provider, signing, f"{function}:1", layer]
        + [f"arn:aws:lambda:us-east-1:{account}:event-source-mapping:{uuid}" for uuid in (mapping, absent)],
        "CodeSigningConfigArn": [signing, signing, signing[:-1] + "0"],
        "CapacityProviderName": ["p", "p", "none", provider],
        "CapacityProviderArn": [provider],
        "EventSourceArn": [
            queue,
            f"{queue}.fifo",
            f"arn:aws:kinesis:us-east-1:{account}:stream/s",
            f"arn:aws:dynamodb:us-east-1:{account}:table/t/stream/2026-01-01T00:00:00.000",
            f"arn:aws:kafka:us-east-1:{account}:cluster/c/{absent}",
            "arn:aws:x:::y",
        ],
        "Destination": [queue, function, f"{function}none", "arn:aws:s3:::b", "arn:x", ""],
        "TargetArn": [queue, ""],
        "Principal": ["*", "s3.amazonaws.com", "123456789012", "nobody"],
        "Action": ["lambda:InvokeFunction", "lambda:GetLayerVersion", "lambda:*", "x"],
        "StatementId": ["s", "s2", "none"],
        "Policy": [_policy(function), "{}", "[", '{"Statement": 1}', '{"Statement": [{"Sid": []}]}'],
        "Pattern": ['{"body": [1]}', "{}", "[", "null", '{"a": [{"numeric": [">"]}]}', '{"a": [{"x": {}}]}'],
        "DurableExecutionArn": [execution, function],
        "Marker": ["", "x", "WyJhIiwgMV0=", "MQ==", "bnVsbA==", "WyIiLC0xXQ==", "W1tdLCBbXV0="],
        "RevisionId": [absent],
        "SubnetId": ["subnet-1", "subnet-2"],
        "SecurityGroupId": ["sg-1"],
        "ZipFile": [zipped(), zipped("x = 1"), zipped("y = 1"), zipped()[:-9], b"", b"not a zip"],
        "Code": [{"ZipFile": zipped()}, {"ZipFile": zipped()}, {"ZipFile": b"no"}, {"S3Bucket": "b"}, {}],
        "Content": [{"ZipFile": zipped()}, {"ZipFile": zipped()}, {"ZipFile": b"no"}, {"S3Bucket": "b"}, {}],
        "ImageUri": ["000000000000.dkr.ecr.us-east-1.amazonaws.com/r:latest", "x"],
        "Tags": [{}, {"a": "b"}, {f"t{number}": "" for number in range(51)}],
        "Payload": [b"{}", b"", b"1", b"nothing", b"\xff"],
        "ClientContext": ["e30=", "x", "eyJjdXN0b20iOiB7fX0="],
        "InvokeArgs": [b"{}", b"nothing"],
    }


def _policy(resource: str) -> str:
    statement = {"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "lambda:*", "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
