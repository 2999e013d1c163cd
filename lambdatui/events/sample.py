"""The catalogue: what samples there are, what each takes, who sends it and what that caller allows.

A sample is one JSON file in `templates/`; a file whose name starts with an underscore is a base that others
build on. Files are read when they are asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from lambdatui.events.errors import BadParameter, UnknownSample, nearest

MB = 1024 * 1024
SYNC_LIMIT = 6 * MB
ASYNC_LIMIT = 1 * MB


class Invocation(StrEnum):
    """How the function is called for this event."""

    REQUEST_RESPONSE = "RequestResponse"
    EVENT = "Event"
    POLL = "poll"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the user may set; `kind` is text, int, number, flag, json or list."""

    name: str
    kind: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None

    def read(self, value: Any) -> Any:
        """The typed value of what a command line or a form gave."""
        if isinstance(value, str) and self.kind != "text":
            value = self._parse(value)
        if self.choices and value not in self.choices:
            hint = nearest(str(value), self.choices)
            raise BadParameter(f"{self.name} is one of {', '.join(self.choices)}, not {value!r}{hint}")
        if self.kind in ("int", "number"):
            self._check_range(value)
        return value

    def _parse(self, text: str) -> Any:
        try:
            if self.kind == "int":
                return int(text)
            if self.kind == "number":
                return float(text)
            if self.kind == "json":
                return json.loads(text)
        except ValueError as error:
            raise BadParameter(f"{self.name} takes {_KINDS[self.kind]}, not {text!r}: {error}") from None
        except RecursionError:
            raise BadParameter(f"{self.name} is nested too deeply") from None
        if self.kind == "list":
            return [part.strip() for part in text.split(",") if part.strip()]
        if text.lower() not in _FLAGS:
            raise BadParameter(f"{self.name} takes true or false, not {text!r}")
        return _FLAGS[text.lower()]

    def _check_range(self, value: Any) -> None:
        if self.minimum is not None and value < self.minimum:
            raise BadParameter(f"{self.name} is at least {self.minimum}, not {value}")
        if self.maximum is not None and value > self.maximum:
            raise BadParameter(f"{self.name} is at most {self.maximum}, not {value}")


_KINDS = {"int": "a whole number", "number": "a number", "json": "JSON"}
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends the event; without a principal for the resource policy to let in, `identity` is who calls."""

    service: str
    principal: str | None
    identity: str
    timeout_s: float | None
    event_limit: int
    answer_limit: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One kind of event. `carries` names the parameter that takes another event as text."""

    id: str
    title: str
    group: str
    invocation: Invocation
    caller: Caller
    parameters: tuple[Parameter, ...]
    judge: str
    doc: str
    carries: str | None = None
    part_limits: Mapping[str, int] = field(default_factory=dict)
    template: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def parameter(self, name: str) -> Parameter | None:
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


_COMMON = {
    "region": Parameter("region", "text", "us-east-1", "region in the event and its ARNs"),
    "account": Parameter("account", "text", "000000000000", "account in the event and its ARNs"),
    "count": Parameter("count", "int", 1, "number of records", minimum=1, maximum=10_000),
    "function": Parameter("function", "text", "my-function", "name of the function that is called"),
}
_GROUPS = (
    "queues and streams",
    "storage",
    "messaging",
    "http",
    "identity",
    "edge",
    "workflows",
    "operations",
    "results",
)


def _folder() -> Any:
    return resources.files("lambdatui.events") / "templates"


@cache
def _names() -> tuple[str, ...]:
    """Every sample id, without opening a file."""
    files = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name[:-5] for name in files if name.endswith(".json") and not name.startswith("_")))


@cache
def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_folder() / f"{name}.json").read_text("utf-8"))
    base = document.pop("base", None)
    return _merged(_document(base), document) if base else document


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Objects are merged member by member, anything else is replaced."""
    result = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        plain = both and not any(name.startswith("$") for name in (*value, *result[key]))
        result[key] = _merged(result[key], value) if plain else value
    return result


def _parameter(name: str, text: Any) -> Parameter:
    """A declaration in a template: {} for a common one, else default, help and the rest; null is none."""
    if not text:
        return _COMMON[name]
    default = text.get("default", "")
    kinds = {str: "text", bool: "flag", int: "int", float: "number", list: "list", dict: "json"}
    kind = text.get("kind") or kinds.get(type(default), "json")
    choices = tuple(text.get("choices", ()))
    return Parameter(name, kind, default, text["help"], choices, text.get("minimum"), text.get("maximum"))


@cache
def get(sample_id: str) -> Sample:
    """The sample of that name; an unknown one raises `UnknownSample` naming the nearest."""
    if sample_id not in _names():
        raise UnknownSample(f"there is no sample event {sample_id!r}{nearest(sample_id, _names())}")
    document = _document(sample_id)
    caller, invocation = document["caller"], Invocation(document["invocation"])
    return Sample(
        id=sample_id,
        title=document["title"],
        group=document["group"],
        invocation=invocation,
        caller=Caller(
            service=caller["service"],
            principal=caller.get("principal"),
            identity=caller.get("identity", ""),
            timeout_s=caller.get("timeout_s"),
            event_limit=caller.get(
                "event_limit", ASYNC_LIMIT if invocation is Invocation.EVENT else SYNC_LIMIT
            ),
            answer_limit=caller.get("answer_limit", SYNC_LIMIT),
        ),
        parameters=tuple(
            _parameter(name, text)
            for name, text in document.get("parameters", {}).items()
            if text is not None
        ),
        judge=document.get("judge", "queued"),
        doc=document["doc"],
        carries=document.get("carries"),
        part_limits=document.get("part_limits", {}),
        template={"let": document.get("let", {}), "event": document["event"]},
    )


def catalog() -> list[Sample]:
    """Every sample, grouped, in a fixed order."""
    return sorted(
        (get(name) for name in _names()), key=lambda sample: (_GROUPS.index(sample.group), sample.id)
    )
