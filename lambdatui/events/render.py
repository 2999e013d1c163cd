"""Templates: JSON in which `${…}` stands for a value.

`${name}` is a parameter or a `let` of the template (worked out once, when it is first needed), `${uuid}`,
`${hex:32}` and the like are fresh identifiers, `${now}` is the moment, `${index}` the place in a repetition.
Filters follow after a bar: `${body|md5}`, `${now|later:-5|iso}`; an argument that starts with `@` names a
value. A string that is one such expression keeps the value's type.

Objects may say more: `{"$repeat": "count", "each": {…}, "item": …}` is an array, `{"$if": "subject",
"then": …, "else": …}` chooses, `{"$case": "operation", "of": {…}}` chooses by value. What is chosen but not
there leaves its member out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lambdatui.events.values import FILTERS, Ids, partition, to_json

ABSENT: Any = object()
_EXPRESSION = re.compile(r"\$\{([^}]*)\}")


class PerRecord:
    """A parameter with a value of its own for each record of a repetition."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values

    def at(self, index: int) -> Any:
        return self.values[min(index, len(self.values) - 1)]


class Renderer:
    """Makes one event from a template: fills in values, repeats records, leaves out what does not apply."""

    def __init__(self, values: Mapping[str, Any], now: datetime, ids: Ids) -> None:
        self._values = {**values, "now": now, "index": 0, "never": False}
        self._values["partition"] = partition(str(values.get("region", "")))
        self._lets: dict[str, Any] = {}
        self._ids = ids

    def render(self, template: Mapping[str, Any]) -> Any:
        self._lets.update(template.get("let", {}))
        return self._render(template["event"])

    def _render(self, node: Any) -> Any:
        if isinstance(node, str):
            return self._text(node)
        if isinstance(node, list):
            return [item for item in map(self._render, node) if item is not ABSENT]
        if not isinstance(node, dict):
            return node
        if "$repeat" in node:
            return self._repeat(node)
        if "$if" in node:
            return self._render(node["then"]) if self._value(node["$if"]) else self._branch(node, "else")
        if "$case" in node:
            return self._branch(node["of"], str(self._value(node["$case"])))
        members = ((self._text(key), self._render(value)) for key, value in node.items())
        return {key: value for key, value in members if value is not ABSENT}

    def _branch(self, node: Mapping[str, Any], name: str) -> Any:
        return self._render(node[name]) if name in node else ABSENT

    def _repeat(self, node: Mapping[str, Any]) -> list[Any]:
        items = []
        for index in range(self._value(node["$repeat"])):
            self._values["index"] = index
            for name, definition in node.get("each", {}).items():
                self._values[name] = self._render(definition)
            items.append(self._render(node["item"]))
        self._values["index"] = 0
        return items

    def _text(self, text: str) -> Any:
        whole = _EXPRESSION.fullmatch(text)
        if whole:
            return self._value(whole[1])
        return _EXPRESSION.sub(lambda found: _as_text(self._value(found[1])), text)

    def _value(self, expression: str) -> Any:
        term, *filters = expression.split("|")
        value = self._term(term)
        for step in filters:
            name, *arguments = step.split(":")
            value = FILTERS[name](
                value, *(self._term(part[1:]) if part[:1] == "@" else part for part in arguments)
            )
        return value

    def _term(self, term: str) -> Any:
        if term in self._values:
            value = self._values[term]
            return value.at(self._values["index"]) if isinstance(value, PerRecord) else value
        if term in self._lets:
            self._values[term] = self._render(self._lets[term])
            return self._values[term]
        name, *arguments = term.split(":")
        return getattr(self._ids, name)(*arguments)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value)
