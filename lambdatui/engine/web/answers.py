"""What clients get for what functions return. Each service has its own idea of a proper answer."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
# The listener's own business, whatever a function says of it.
_OURS = frozenset(("connection", "content-length", "date", "keep-alive", "transfer-encoding", "upgrade"))
_REST_MEMBERS = frozenset(("isBase64Encoded", "statusCode", "headers", "multiValueHeaders", "body"))
_MAX_BALANCER = 1 << 20

Pairs = list[tuple[str, str]]


class Malformed(Exception):  # noqa: N818 - not a defect of ours
    """The function's answer is none that the service takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer for the client. Header names are as the function spelt them."""

    status: int
    headers: Pairs
    body: bytes

    def names(self) -> frozenset[str]:
        return frozenset(name.lower() for name, _ in self.headers)


def payload_2(payload: bytes) -> Answer:
    """For function URLs and HTTP APIs: whatever is no response of the agreed shape is a body."""
    try:
        value = json.loads(payload)
    except ValueError:  # a stream that was collected
        return Answer(200, [("Content-Type", "application/json")], payload)
    except RecursionError:  # nested deeper than is read here: a body, unless it says that it is more
        if b'"statusCode"' in payload:
            raise Malformed from None
        return Answer(200, [("Content-Type", "application/json")], payload)
    if not isinstance(value, dict) or "statusCode" not in value:
        text = value if isinstance(value, str) else compact(value)
        return Answer(200, [("Content-Type", "application/json")], _encode(text))
    body = value.get("body")
    if body is not None and not isinstance(body, str):
        value = {**value, "body": compact(body)}
    headers = _headers(value.get("headers"))
    headers += [("Set-Cookie", cookie) for cookie in cookies(value.get("cookies"))]
    return _with_default_type(Answer(status(value["statusCode"]), headers, _body(value)))


def rest(payload: bytes) -> Answer:
    """For REST APIs: an object with nothing but the members of a proxy response."""
    value = _object(payload)
    if value.keys() - _REST_MEMBERS:
        raise Malformed
    code = value.get("statusCode")
    headers = _both_kinds(value)
    return _with_default_type(Answer(200 if code is None else status(code), headers, _body(value)))


def load_balancer(payload: bytes) -> Answer:
    """For load balancers: a statusCode is a must, and a megabyte the limit."""
    value = _object(payload)
    if len(payload) > _MAX_BALANCER or isinstance(value.get("statusCode"), str):
        raise Malformed
    if not isinstance(value.get("statusDescription", ""), str | None):
        raise Malformed
    return Answer(status(value.get("statusCode")), _both_kinds(value), _body(value))


def prelude(text: bytes) -> tuple[int, Pairs]:
    """Status and headers of a streamed response, as they stand before its body."""
    value = _object(text)
    headers = _headers(value.get("headers"))
    headers += [("Set-Cookie", cookie) for cookie in cookies(value.get("cookies"))]
    return status(value.get("statusCode", 200)), headers


def compact(value: Any) -> str:
    """JSON without blanks."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise Malformed from None


def status(value: Any) -> int:
    """A status of HTTP that ends an exchange, as a number or as a numeric text."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise Malformed
    return value


def cookies(value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(cookie, str) for cookie in value):
        raise Malformed
    return value


def _object(payload: bytes) -> dict[str, Any]:
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(value, dict):
        raise Malformed
    return value


def _both_kinds(value: dict[str, Any]) -> Pairs:
    """``headers`` and ``multiValueHeaders``; a header that is in both is taken from the lists."""
    many = value.get("multiValueHeaders")
    if not isinstance(many, dict | None) or not all(isinstance(one, list) for one in (many or {}).values()):
        raise Malformed
    listed = [
        pair for name, values in (many or {}).items() for one in values for pair in _headers({name: one})
    ]
    names = {name.lower() for name, _ in listed}
    return [pair for pair in _headers(value.get("headers")) if pair[0].lower() not in names] + listed


def _headers(value: Any) -> Pairs:
    if value is None:
        return []
    if not isinstance(value, dict):
        raise Malformed
    found = []
    for name, content in value.items():
        if not _NAME.fullmatch(name) or isinstance(content, dict | list):
            raise Malformed
        if content is not None and name.lower() not in _OURS:
            found.append((name, _header_text(content)))
    return found


def _header_text(content: Any) -> str:
    """A value as text; what is beyond Latin-1 goes out as its UTF-8 bytes."""
    text = content if isinstance(content, str) else compact(content)
    return text if text.isascii() else _encode(text).decode("latin-1")


def _body(value: dict[str, Any]) -> bytes:
    body, encoded = value.get("body"), value.get("isBase64Encoded")
    if not isinstance(body, str | None) or not isinstance(encoded, bool | None):
        raise Malformed
    if not encoded or not body:
        return _encode(body or "")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed from None


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _with_default_type(answer: Answer) -> Answer:
    if "content-type" in answer.names():
        return answer
    return Answer(answer.status, [("Content-Type", "application/json"), *answer.headers], answer.body)
