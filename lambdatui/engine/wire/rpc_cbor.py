"""Smithy's rpcv2Cbor: the operation is in the path, everything else in one CBOR body."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from lambdatui.engine.wire import cbor
from lambdatui.engine.wire.errors import ApiError
from lambdatui.engine.wire.model import Operation, ServiceModel
from lambdatui.engine.wire.protocol import (
    ERROR_TYPE,
    REQUEST_ID,
    Match,
    Reply,
    Request,
    WireProtocol,
    query_error,
    unknown_operation,
)
from lambdatui.engine.wire.values import Convert, JsonCodec, mismatch

PROTOCOL = "smithy-protocol"
_PATH = re.compile(r"/service/[\w.]+/operation/(\w+)", re.ASCII)
_CLOCK = "timestamp"


class RpcCbor(WireProtocol):
    """Smithy RPC v2: the operation stands in the path, the members in one CBOR map."""

    content_type = "application/cbor"

    def __init__(self, model: ServiceModel, statuses: dict[str, int]) -> None:
        super().__init__(model, statuses)
        self._codec = CborCodec(model)

    @staticmethod
    def speaks(request: Request) -> bool:
        return request.headers.get(PROTOCOL, "").lower() == "rpc-v2-cbor"

    def match(self, request: Request) -> Match:
        found = _PATH.fullmatch(request.path)
        operation = self.model.operations.get(found[1]) if found else None
        if operation is None or request.method != "POST":
            service = self.model.metadata["serviceFullName"]
            raise unknown_operation(f"{service} has no operation at {request.path!r}")
        return Match(operation, {})

    def parse(self, match: Match, request: Request) -> dict[str, Any]:
        if match.operation.input is None:
            return {}
        body = cbor.loads(request.body) if request.body else {}
        return self._codec.read_members(match.operation.input, None, body)

    def reply(self, operation: Operation, result: dict[str, Any], request_id: str) -> Reply:
        reply = Reply(self.status_of(operation, result), self._headers(request_id))
        if operation.output is not None:
            reply.body = cbor.dumps(self._codec.write_members(operation.output, result))
        return reply

    def fail(self, error: ApiError, request_id: str) -> Reply:
        shape = self.model.error_shape(error.code)
        status = self.error_status(error, shape)
        headers = [*self._headers(request_id), (ERROR_TYPE, error.code)]
        headers += query_error(self.model, shape, error.code, status)
        body = {"__type": error.code, "message": error.message or "", **error.extra}
        return Reply(status, headers, cbor.dumps(body))

    def _headers(self, request_id: str) -> list[tuple[str, str]]:
        return [
            ("Content-Type", self.content_type),
            ("Smithy-Protocol", "rpc-v2-cbor"),
            (REQUEST_ID, request_id),
        ]


class CborCodec(JsonCodec):
    """Structures as in JSON; blobs, times and numbers as themselves."""

    def _make_reader(self, shape: str) -> Convert:
        kind = self._model.shape(shape)["type"]
        if kind == "blob":
            return _read_bytes
        return _read_time if kind == _CLOCK else super()._make_reader(shape)

    def _make_writer(self, shape: str) -> Convert | None:
        kind = self._model.shape(shape)["type"]
        if kind == "blob":
            return None
        if kind == _CLOCK:
            return _write_time
        return float if kind in ("float", "double") else super()._make_writer(shape)


def _read_bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    raise mismatch(value, "blob")


def _read_time(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    raise mismatch(value, _CLOCK)


def _write_time(value: datetime | float) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC)
