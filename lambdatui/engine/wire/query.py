"""AWS's query protocol: a form with an Action goes in, XML comes out."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from lambdatui.engine.wire.errors import ApiError, serialization
from lambdatui.engine.wire.model import Json, Operation, ServiceModel
from lambdatui.engine.wire.protocol import (
    ERROR_TYPE,
    OF_THE_DOOR,
    OLD_CODES,
    REQUEST_ID,
    Match,
    Reply,
    Request,
    WireProtocol,
    error_code,
)
from lambdatui.engine.wire.routes import query_pairs
from lambdatui.engine.wire.values import read_text, write_blob, write_timestamp


class Query(WireProtocol):
    """AWS Query: the operation and its members are a form, the answer is XML."""

    content_type = "text/xml"

    def __init__(self, model: ServiceModel, statuses: dict[str, int]) -> None:
        super().__init__(model, statuses)
        self._namespace = model.metadata.get("xmlNamespace", "")

    def match(self, request: Request) -> Match:
        action = _form(request).get("Action", "")
        operation = self.model.operations.get(action)
        if operation is None:
            version = self.model.metadata["apiVersion"]
            text = f"Could not find operation {action} for version {version}"
            raise ApiError("InvalidAction", text, 400, type=None)
        return Match(operation, {})

    def parse(self, match: Match, request: Request) -> dict[str, Any]:
        shape = match.operation.input
        return {} if shape is None else self._read_structure(shape, "", _form(request))

    def reply(self, operation: Operation, result: dict[str, Any], request_id: str) -> Reply:
        inner = ""
        if operation.output is not None:
            inner = self._write_members(operation.output, result)
        if operation.output_wrapper:
            inner = f"<{operation.output_wrapper}>{inner}</{operation.output_wrapper}>"
        body = (
            f'<{operation.name}Response xmlns="{self._namespace}">{inner}'
            f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation.name}Response>"
        )
        headers = [("Content-Type", self.content_type), (REQUEST_ID, request_id)]
        return Reply(self.status_of(operation, result), headers, body.encode())

    def fail(self, error: ApiError, request_id: str) -> Reply:
        shape = None if error.code in OF_THE_DOOR else self.model.error_shape(error.code)
        code = error_code(shape, OLD_CODES.get(error.code, error.code))
        status = self.error_status(error, shape)
        side = "Sender" if status < 500 else "Receiver"
        body = (
            f'<ErrorResponse xmlns="{self._namespace}"><Error><Type>{side}</Type><Code>{escape(code)}</Code>'
            f"<Message>{_xml(error.message or '')}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        headers = [("Content-Type", self.content_type), (REQUEST_ID, request_id), (ERROR_TYPE, code)]
        return Reply(status, headers, body.encode())

    def _read_structure(self, shape: str, prefix: str, form: dict[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, member in self.model.members(shape).items():
            value = self._read(member.shape, f"{prefix}{member.wire_name}", form)
            if value is not None:
                values[name] = value
        return values

    def _read(self, shape: str, name: str, form: dict[str, str]) -> Any:
        raw = self.model.shape(shape)
        kind = raw["type"]
        if kind == "structure":
            return self._read_structure(shape, f"{name}.", form) if _any_below(name, form) else None
        if kind == "list":
            return self._read_list(raw, name, form)
        if kind == "map":
            return self._read_map(raw, name, form)
        return read_text(kind, form[name]) if name in form else None

    def _read_list(self, raw: Json, name: str, form: dict[str, str]) -> list[Any] | None:
        between = "" if raw.get("flattened") else f".{raw['member'].get('locationName', 'member')}"
        items: list[Any] = []
        while _any_below(f"{name}{between}.{len(items) + 1}", form):
            items.append(self._read(raw["member"]["shape"], f"{name}{between}.{len(items) + 1}", form))
        if items:
            return items
        return [] if name in form else None

    def _read_map(self, raw: Json, name: str, form: dict[str, str]) -> dict[str, Any] | None:
        between = "" if raw.get("flattened") else ".entry"
        key_name = raw["key"].get("locationName", "key")
        value_name = raw["value"].get("locationName", "value")
        found: dict[str, Any] = {}
        number = 1
        while (key := form.get(f"{name}{between}.{number}.{key_name}")) is not None:
            found[key] = self._read(raw["value"]["shape"], f"{name}{between}.{number}.{value_name}", form)
            number += 1
        return found or None

    def _write_members(self, shape: str, value: dict[str, Any]) -> str:
        return "".join(
            self._write(member.shape, member.wire_name, value[name])
            for name, member in self.model.members(shape).items()
            if value.get(name) is not None
        )

    def _write(self, shape: str, tag: str, value: Any) -> str:
        raw = self.model.shape(shape)
        kind = raw["type"]
        if kind == "structure":
            return f"<{tag}>{self._write_members(shape, value)}</{tag}>"
        if kind == "list":
            inner_tag = tag if raw.get("flattened") else raw["member"].get("locationName", "member")
            items = "".join(self._write(raw["member"]["shape"], inner_tag, item) for item in value)
            return items if raw.get("flattened") else f"<{tag}>{items}</{tag}>"
        if kind == "map":
            key_tag = raw["key"].get("locationName", "key")
            value_tag = raw["value"].get("locationName", "value")
            entry = raw["value"]["shape"]
            entries = "".join(
                f"<entry><{key_tag}>{_xml(key)}</{key_tag}>{self._write(entry, value_tag, item)}</entry>"
                for key, item in value.items()
            )
            return f"<{tag}>{entries}</{tag}>"
        return f"<{tag}>{_xml(_text(kind, raw, value))}</{tag}>"


def _form(request: Request) -> dict[str, str]:
    """The members of the query string and of the body; the body wins."""
    pairs = query_pairs(request.query)
    if request.body:
        try:
            pairs += query_pairs(request.body.decode("utf-8"))
        except UnicodeDecodeError:
            raise serialization("The request's body is not a form in UTF-8") from None
    return dict(pairs)


def _any_below(name: str, form: dict[str, str]) -> bool:
    return name in form or any(key.startswith(f"{name}.") for key in form)


def _text(kind: str, raw: Json, value: Any) -> str:
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "blob":
        return write_blob(value)
    if kind == "timestamp":
        return str(write_timestamp(value, raw.get("timestampFormat", "iso8601")))
    return str(value)


def _xml(text: str) -> str:
    """Escaped, and without the characters that XML cannot carry at all."""
    return escape("".join(char for char in text if char >= " " or char in "\t\n\r"))
