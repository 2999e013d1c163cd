"""AWS's json 1.0 and 1.1: the operation is in a header, everything else in one JSON body."""

from __future__ import annotations

from typing import Any

import orjson

from lambdatui.engine.wire.errors import ApiError
from lambdatui.engine.wire.model import Operation, ServiceModel
from lambdatui.engine.wire.protocol import (
    ERROR_TYPE,
    REQUEST_ID,
    Match,
    Reply,
    Request,
    WireProtocol,
    error_code,
    query_error,
    unknown_operation,
)
from lambdatui.engine.wire.rest_json import parse_json
from lambdatui.engine.wire.values import JsonCodec


class JsonRpc(WireProtocol):
    """AWS JSON 1.0 and 1.1: the operation stands in a header, the members in one JSON object."""

    def __init__(self, model: ServiceModel, statuses: dict[str, int]) -> None:
        super().__init__(model, statuses)
        self._codec = JsonCodec(model)
        self._prefix = f"{model.metadata.get('targetPrefix', '')}."
        self._type = f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.1')}"

    @staticmethod
    def speaks(request: Request) -> bool:
        return "x-amz-target" in request.headers

    def match(self, request: Request) -> Match:
        target = request.headers.get("x-amz-target", "")
        operation = self.model.operations.get(target.removeprefix(self._prefix))
        if operation is None or not target.startswith(self._prefix) or request.method != "POST":
            service = self.model.metadata["serviceFullName"]
            raise unknown_operation(f"{service} has no operation {target!r}")
        return Match(operation, {})

    def parse(self, match: Match, request: Request) -> dict[str, Any]:
        if match.operation.input is None:
            return {}
        body = parse_json(request.body) if request.body.strip() else {}
        return self._codec.read_members(match.operation.input, None, {} if body is None else body)

    def reply(self, operation: Operation, result: dict[str, Any], request_id: str) -> Reply:
        reply = Reply(self.status_of(operation, result), self._headers(request_id))
        if operation.output is not None:
            reply.body = orjson.dumps(self._codec.write_members(operation.output, result))
        return reply

    def fail(self, error: ApiError, request_id: str) -> Reply:
        shape = self.model.error_shape(error.code)
        code = error_code(shape, error.code)
        body = {"__type": code, "message": error.message, **error.extra}
        status = self.error_status(error, shape)
        headers = [*self._headers(request_id), (ERROR_TYPE, code)]
        headers += query_error(self.model, shape, error.code, status)
        # This protocol keeps 400 for whatever is the caller's doing, a missing resource included.
        return Reply(status, headers, orjson.dumps(body))

    def _headers(self, request_id: str) -> list[tuple[str, str]]:
        return [("Content-Type", self._type), (REQUEST_ID, request_id)]
