"""What a target of a rule is given: the event, a part of it, something fixed, or a template filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.-]+)>", re.ASCII)
_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\['([^']+)'\]|\[(\d+)\]")
_MISSING = object()

Event = Mapping[str, Any]


def payload(target: Mapping[str, Any], event: Event, rule: Mapping[str, Any]) -> bytes:
    """The bytes that a target gets for an event."""
    if target.get("Input") is not None:
        return str(target["Input"]).encode()
    if target.get("InputPath"):
        found = at_path(event, target["InputPath"])
        return orjson.dumps(None if found is _MISSING else found)
    transformer = target.get("InputTransformer")
    if not transformer:
        return orjson.dumps(event)
    paths = transformer.get("InputPathsMap") or {}
    values = {name: at_path(event, path) for name, path in paths.items()}
    values |= {
        "aws.events.rule-arn": rule["arn"],
        "aws.events.rule-name": rule["name"],
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }
    return fill(transformer["InputTemplate"], values).encode()


def at_path(event: Any, path: str) -> Any:
    """What a JSONPath of names and positions leads to; `_MISSING` if it leads nowhere."""
    if not path.startswith("$"):
        return _MISSING
    found, rest = event, path[1:]
    while rest:
        step = _STEP.match(rest)
        if step is None:
            return _MISSING
        name, quoted, position = step.groups()
        try:
            found = found[int(position)] if position is not None else found[name or quoted]
        except (KeyError, IndexError, TypeError):
            return _MISSING
        rest = rest[step.end() :]
    return found


def fill(template: str, values: Mapping[str, Any]) -> str:
    """A template filled in: JSON outside of quotes, text inside; a plain line becomes a JSON text."""
    pieces: list[str] = []
    at, quoted = 0, False
    for match in _PLACEHOLDER.finditer(template):
        between = template[at : match.start()]
        quoted = _quoted_after(between, quoted)
        pieces += [between, _shown(values.get(match[1], _MISSING), quoted)]
        at = match.end()
    filled = "".join(pieces) + template[at:]
    try:
        orjson.loads(filled)
    except orjson.JSONDecodeError:
        plain = _PLACEHOLDER.sub(lambda match: _text(values.get(match[1], _MISSING)), template)
        return json.dumps(plain)
    return filled


def _quoted_after(text: str, quoted: bool) -> bool:
    """Whether a place after `text` is inside a JSON string."""
    escaped = False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
    return quoted


def _shown(value: Any, quoted: bool) -> str:
    if quoted:
        return json.dumps(_text(value))[1:-1]
    return '""' if value is _MISSING else json.dumps(value)


def _text(value: Any) -> str:
    if value is _MISSING:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
