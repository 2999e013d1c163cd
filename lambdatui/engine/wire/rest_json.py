"""rest-json: the operation is in method and path, the members in path, query, headers and a JSON body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from lambdatui.engine.wire.errors import ApiError, serialization
from lambdatui.engine.wire.model import Member, Operation, ServiceModel
from lambdatui.engine.wire.protocol import (
    ERROR_TYPE,
    REQUEST_ID,
    Match,
    Reply,
    Request,
    WireProtocol,
    unknown_operation,
)
from lambdatui.engine.wire.routes import Routes, query_pairs
from lambdatui.engine.wire.values import JsonCodec, read_text, write_timestamp


@dataclass(slots=True)
class _Input:
    """Where an operation's members come from."""

    labels: list[Member]
    queries: list[Member]
    headers: list[Member]
    prefixed: list[Member]
    body: frozenset[str]
    payload: Member | None


class RestJson(WireProtocol):
    """REST-JSON: method and path name the operation; members stand in path, query, headers and body."""

    content_type = "application/json"

    def __init__(self, model: ServiceModel, statuses: dict[str, int]) -> None:
        super().__init__(model, statuses)
        self._routes = Routes(list(model.operations.values()))
        self._codec = JsonCodec(model)
        self._inputs: dict[str, _Input] = {}

    def match(self, request: Request) -> Match:
        found = self._routes.find(request.method, request.path, request.query)
        if found is None:
            service = self.model.metadata["serviceFullName"]
            raise unknown_operation(f"{service} has no operation {request.method} {request.path}")
        return Match(*found)

    def parse(self, match: Match, request: Request) -> dict[str, Any]:
        operation = match.operation
        if operation.input is None:
            return {}
        plan = self._inputs.get(operation.name)
        if plan is None:
            plan = self._inputs[operation.name] = self._plan(operation.input)
        values: dict[str, Any] = {}
        for member in plan.labels:
            values[member.name] = self._scalar(member, match.labels[member.wire_name])
        if request.query and plan.queries:
            self._read_query(plan.queries, query_pairs(request.query), values)
        for member in plan.headers:
            text = request.headers.get(member.wire_name.lower())
            if text is not None:
                values[member.name] = self._scalar(member, text)
        for member in plan.prefixed:
            prefix = member.wire_name.lower()
            values[member.name] = {
                name[len(prefix) :]: text for name, text in request.headers.items() if name.startswith(prefix)
            }
        if plan.payload is not None:
            self._read_payload(plan.payload, request.body, values)
        elif plan.body and request.body:
            assert operation.input is not None
            values |= self._codec.read_members(operation.input, plan.body, parse_json(request.body))
        return values

    def headers_of(self, match: Match) -> tuple[str, ...] | None:
        plan = self._inputs.get(match.operation.name)
        if plan is None or plan.prefixed or (plan.payload is None and plan.body):
            return None
        return tuple(member.wire_name.lower() for member in plan.headers)

    def reply(self, operation: Operation, result: dict[str, Any], request_id: str) -> Reply:
        reply = Reply(
            self.status_of(operation, result),
            [("Content-Type", self.content_type), (REQUEST_ID, request_id)],
        )
        if operation.output is None:
            return reply
        members = self.model.members(operation.output)
        for name, member in members.items():
            value = result.get(name)
            if value is not None and member.location == "header":
                reply.headers.append((member.wire_name, self._header_text(member, value)))
        payload = self.model.shape(operation.output).get("payload")
        if payload is None:
            if reply.status != 204:
                reply.body = orjson.dumps(self._codec.write_members(operation.output, result, body_only=True))
        elif result.get(payload) is not None:
            value = result[payload]
            raw = isinstance(value, bytes)
            reply.body = value if raw else orjson.dumps(self._codec.write(members[payload].shape, value))
        return reply

    def fail(self, error: ApiError, request_id: str) -> Reply:
        shape = self.model.error_shape(error.code)
        headers = [
            ("Content-Type", self.content_type),
            (REQUEST_ID, request_id),
            (ERROR_TYPE, error.code),
        ]
        members = self.model.members(error.code) if shape is not None else {}
        body: dict[str, Any] = {}
        if "Type" in members and error.type is not None:
            body["Type"] = error.type
        # A null message is said under "Message": AWS does so for denied access.
        capital = "Message" in members or (error.message is None and "message" not in members)
        body["Message" if capital else "message"] = error.message
        for name, value in error.extra.items():
            member = members.get(name)
            if member is not None and member.location == "header":
                headers.append((member.wire_name, str(value)))
            else:
                body[name] = value
        return Reply(self.error_status(error, shape), headers, orjson.dumps(body))

    def _plan(self, shape: str) -> _Input:
        members = self.model.members(shape)
        payload = self.model.shape(shape).get("payload")

        def at(location: str) -> list[Member]:
            return [member for member in members.values() if member.location == location]

        body = frozenset(name for name, member in members.items() if not member.location and name != payload)
        payload_member = members[payload] if payload else None
        return _Input(
            at("uri"),
            at("querystring"),
            at("header"),
            at("headers"),
            frozenset() if payload else body,
            payload_member,
        )

    def _scalar(self, member: Member, text: str) -> Any:
        return read_text(self.model.shape(member.shape)["type"], text)

    def _read_query(
        self, members: list[Member], pairs: list[tuple[str, str]], values: dict[str, Any]
    ) -> None:
        for member in members:
            texts = [value for name, value in pairs if name == member.wire_name]
            if not texts:
                continue
            raw = self.model.shape(member.shape)
            if raw["type"] == "list":
                kind = self.model.shape(raw["member"]["shape"])["type"]
                values[member.name] = [read_text(kind, text) for text in texts]
            else:
                values[member.name] = self._scalar(member, texts[0])

    def _read_payload(self, member: Member, body: bytes, values: dict[str, Any]) -> None:
        if self.model.shape(member.shape)["type"] == "blob":
            values[member.name] = body
        elif body:
            values[member.name] = self._codec.read(member.shape, parse_json(body))

    def _header_text(self, member: Member, value: Any) -> str:
        kind = self.model.shape(member.shape)["type"]
        if kind == "timestamp":
            return str(write_timestamp(value, "rfc822"))
        if kind == "boolean":
            return "true" if value else "false"
        return str(value)


def parse_json(body: bytes) -> Any:
    """A body as JSON, or AWS's refusal of what is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        raise serialization(f"The request's body is not valid JSON: {problem}") from None
