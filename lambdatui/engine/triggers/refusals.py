"""Errors that the engine gives in a neighbour's stead, in the form that its clients read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import orjson

from lambdatui.engine.wire.errors import ApiError
from lambdatui.engine.wire.protocol import ERROR_TYPE, REQUEST_ID

if TYPE_CHECKING:
    from lambdatui.engine.http import Exchange

_S3_CODES = {
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "UnrecognizedClientException": "InvalidAccessKeyId",
    "MissingAuthenticationTokenException": "AccessDenied",
    "IncompleteSignatureException": "AuthorizationHeaderMalformed",
    "RequestEntityTooLargeException": "EntityTooLarge",
}
_QUERY_CODES = _S3_CODES | {
    "UnrecognizedClientException": "InvalidClientTokenId",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "IncompleteSignatureException": "IncompleteSignature",
}


def refuse(exchange: Exchange, service: str, error: ApiError, request_id: str) -> None:
    """Answers with an error; the service and the request's own form say how it is written."""
    if exchange.gone or exchange.answered:
        return
    kind, body = _body(exchange, service, error, request_id)
    headers = [("Content-Type", kind), (REQUEST_ID, request_id), (ERROR_TYPE, error.code)]
    if kind == "application/cbor":
        headers.append(("smithy-protocol", "rpc-v2-cbor"))
    exchange.respond(error.status or 400, headers, body)


def _body(exchange: Exchange, service: str, error: ApiError, request_id: str) -> tuple[str, bytes]:
    message = escape(error.message or "")
    if service == "s3":
        code = _S3_CODES.get(error.code, error.code)
        inner = f"<Code>{code}</Code><Message>{message}</Message><RequestId>{request_id}</RequestId>"
        return "application/xml", f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'.encode()
    if _is_form(exchange):
        code = _QUERY_CODES.get(error.code, error.code)
        inner = f"<Code>{code}</Code><Message>{message}</Message>"
        body = f"<Error>{inner}</Error><RequestId>{request_id}</RequestId>"
        if service == "ec2":
            body = f"<Errors><Error>{inner}</Error></Errors><RequestID>{request_id}</RequestID>"
        root = "Response" if service == "ec2" else "ErrorResponse"
        return "text/xml", f"<{root}>{body}</{root}>".encode()
    if exchange.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "application/cbor", _cbor_map({"__type": error.code, "message": error.message or ""})
    body_json = orjson.dumps({"__type": error.code, "message": error.message})
    return "application/x-amz-json-1.0", body_json


def _is_form(exchange: Exchange) -> bool:
    form = exchange.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return form or "Action=" in exchange.query


def _cbor_map(pairs: dict[str, str]) -> bytes:
    """A small map of texts, as RFC 8949 writes it."""
    return bytes([0xA0 + len(pairs)]) + b"".join(_cbor_text(k) + _cbor_text(v) for k, v in pairs.items())


def _cbor_text(text: str) -> bytes:
    data = text.encode()
    if len(data) < 24:
        return bytes([0x60 + len(data)]) + data
    return b"\x79" + len(data).to_bytes(2, "big") + data
