"""Compiled patterns: the fast yes or no, and the answer with a sentence for every clause."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lambdatui.patterns.operators import InvalidPattern, make_test

MAX_LENGTH = 4096
MAX_DEPTH = 100

_ABSENT: Any = object()
_NOT_IN_OR = {
    "anything-but",
    "cidr",
    "equals-ignore-case",
    "exists",
    "numeric",
    "prefix",
    "suffix",
    "wildcard",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a pattern, held against an event; `absent` says that there was no value."""

    path: str
    operator: str
    expected: Any
    actual: Any
    ok: bool
    sentence: str
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """Whether an event matches, and what each clause of the pattern says of it."""

    ok: bool
    clauses: list[Clause]

    @property
    def failed(self) -> list[Clause]:
        return [clause for clause in self.clauses if not clause.ok]


class Payload:
    """A payload that may be JSON: objects in a pattern see the parsed value, arrays in a pattern the text."""

    __slots__ = ("_parsed", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._parsed: Any = None

    @property
    def parsed(self) -> Any:
        """The object or array inside, else `_ABSENT`."""
        if self._parsed is None:
            try:
                value = json.loads(self.text)
            except (ValueError, RecursionError):
                value = None
            self._parsed = value if isinstance(value, dict | list) else _ABSENT
        return self._parsed


def _scalars(value: Any) -> Iterator[Any]:
    """The single values at a place: an array offers each of its members."""
    if isinstance(value, list):
        for item in value:
            yield from _scalars(item)
    elif value is not _ABSENT and not isinstance(value, dict):
        yield value


class _Leaf:
    __slots__ = ("absent_ok", "expected", "path", "tests")

    def __init__(self, path: str, expected: list[Any]) -> None:
        if not expected:
            raise InvalidPattern("an empty array matches nothing", path)
        self.path, self.expected = path, expected
        self.tests = [make_test(item, path) for item in expected]
        self.absent_ok = any(test.operator == "exists" and test.words == "absent" for test in self.tests)

    def matches(self, value: Any) -> bool:
        if isinstance(value, Payload):
            return value.parsed is _ABSENT and any(test.check(value.text) for test in self.tests)
        if not isinstance(value, list | dict) and value is not _ABSENT:
            return any(test.check(value) for test in self.tests)
        values = list(_scalars(value))
        if not values:
            return self.absent_ok
        return any(test.check(item) for test in self.tests for item in values)

    def explain(self, value: Any, path: str) -> list[Clause]:
        ok = self.matches(value)
        payload = isinstance(value, Payload)
        raw = value.text if payload else value
        absent = raw is _ABSENT
        found = "absent" if absent else _show(raw)
        wanted = " or ".join(test.words for test in self.tests)
        if payload and value.parsed is not _ABSENT:
            found = "JSON, which plain values are never compared with"
        elif isinstance(raw, dict):
            found = "an object; an array in a pattern is compared with single values only"
        sentence = f"{path} is {found}" if ok else f"{path} is {found}, wanted {wanted}"
        name = self._operator(raw, ok)
        return [Clause(path, name, self.expected, None if absent else raw, ok, sentence, absent)]

    def _operator(self, value: Any, ok: bool) -> str:
        """The operator that let the value pass, else the one all alternatives share."""
        if ok:
            for test in self.tests:
                if any(test.check(item) for item in _scalars(value)):
                    return test.operator
            return "exists"
        names = {test.operator for test in self.tests}
        return names.pop() if len(names) == 1 else "any of"


class _Node:
    __slots__ = ("either", "members", "path")

    def __init__(self, path: str, pattern: Mapping[str, Any], depth: int = 0) -> None:
        if not pattern:
            raise InvalidPattern("an empty object matches nothing", path)
        if depth > MAX_DEPTH:
            raise InvalidPattern("nested too deeply", path)
        self.path = path
        self.members: list[tuple[str, _Leaf | _Node]] = []
        self.either: list[_Node] = []
        for key, value in pattern.items():
            here = f"{path}.{key}" if path else key
            if key == "$or" and _is_or(value):
                self.either = [_Node(f"{here}[{i}]", branch, depth + 1) for i, branch in enumerate(value)]
            elif isinstance(value, dict):
                self.members.append((key, _Node(here, value, depth + 1)))
            elif isinstance(value, list):
                self.members.append((key, _Leaf(here, value)))
            else:
                raise InvalidPattern("a value must stand in an array", here)

    def matches(self, value: Any) -> bool:
        if isinstance(value, dict):
            return all(child.matches(value.get(key, _ABSENT)) for key, child in self.members) and (
                not self.either or any(branch.matches(value) for branch in self.either)
            )
        if isinstance(value, Payload):
            return value.parsed is not _ABSENT and self.matches(value.parsed)
        objects = _objects(value)
        return any(self.matches(item) for _, item in objects) if objects else self.matches({})

    def explain(self, value: Any, path: str) -> list[Clause]:
        if isinstance(value, dict):
            return self._explain_object(value, path)
        if isinstance(value, Payload):
            if value.parsed is _ABSENT:
                sentence = f"{path} is not JSON, so a pattern with an object for it drops the record"
                return [Clause(path, "JSON", {}, value.text, False, sentence)]
            return self.explain(value.parsed, path)
        objects = _objects(value)
        if not objects:
            return self._explain_object({}, path)
        told = [self.explain(item, f"{path}{place}") for place, item in objects]
        return min(told, key=lambda clauses: sum(not clause.ok for clause in clauses))

    def _explain_object(self, value: dict[str, Any], path: str) -> list[Clause]:
        clauses: list[Clause] = []
        for key, child in self.members:
            clauses += child.explain(value.get(key, _ABSENT), f"{path}.{key}" if path else key)
        return clauses + (self._explain_either(value, path) if self.either else [])

    def _explain_either(self, value: dict[str, Any], path: str) -> list[Clause]:
        here = f"{path}.$or" if path else "$or"
        count = len(self.either)
        for number, branch in enumerate(self.either, 1):
            if branch.matches(value):
                sentence = f"{here}: alternative {number} of {count} holds"
                return [Clause(here, "$or", count, number, True, sentence), *branch.explain(value, path)]
        inner = [clause for branch in self.either for clause in branch.explain(value, path)]
        return [Clause(here, "$or", count, 0, False, f"{here}: none of {count} alternatives holds"), *inner]


def _is_or(value: Any) -> bool:
    """Two or more objects that are no operators; anything else is an ordinary member named $or."""
    return (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(branch, dict) and not _NOT_IN_OR & branch.keys() for branch in value)
    )


def _objects(value: Any, place: str = "") -> list[tuple[str, dict[str, Any]]]:
    """The objects inside an array, however deep, with their places."""
    if isinstance(value, dict):
        return [(place, value)]
    if not isinstance(value, list):
        return []
    return [found for i, item in enumerate(value) for found in _objects(item, f"{place}[{i}]")]


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}…"


class Pattern:
    """A compiled pattern."""

    __slots__ = ("_root", "source")

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.source = source
        self._root = _Node("", source)

    def matches(self, event: Any) -> bool:
        return self._root.matches(event)

    def explain(self, event: Any) -> Match:
        clauses = self._root.explain(event, "")
        return Match(all(clause.ok for clause in clauses), clauses)


def compile_pattern(pattern: str | bytes | Mapping[str, Any]) -> Pattern:
    """Compile a pattern given as JSON text or parsed; raises `InvalidPattern`."""
    if not isinstance(pattern, str | bytes):
        return Pattern(pattern)
    if len(pattern) > MAX_LENGTH:
        raise InvalidPattern(f"longer than {MAX_LENGTH} characters")
    try:
        parsed = json.loads(pattern)
    except (ValueError, RecursionError) as error:
        raise InvalidPattern(f"not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise InvalidPattern("a pattern is a JSON object")
    return Pattern(parsed)


def match(pattern: str | bytes | Mapping[str, Any], event: Any) -> Match:
    """Compile, compare and explain in one go."""
    return compile_pattern(pattern).explain(event)
