"""Checks a request against the shapes of its operation and says what is wrong in AWS's own grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from lambdatui.engine.wire.model import Json, Operation, ServiceModel
from lambdatui.engine.wire.overrides import FIRST_MEMBERS, Rule

Check = Callable[[Any, str, list[str]], None]
_NOT_NULL = "Member must not be null"
_NO_RULE = Rule()
_TOO_LONG_TO_SHOW = 64 * 1024


class Validator:
    """The checks of one service, compiled for each operation when it is first asked for."""

    def __init__(self, model: ServiceModel, rules: dict[str, Rule]) -> None:
        self._model = model
        self._rules = rules
        self._operations: dict[str, Check] = {}
        self._shapes: dict[str, Check | None] = {}

    def errors(self, operation: Operation, request: dict[str, Any]) -> list[str]:
        """Everything that is wrong with `request`, in AWS's order; empty if nothing is."""
        if operation.input is None:
            return []
        check = self._operations.get(operation.name)
        if check is None:
            check = self._structure(operation.input, operation.name)
            self._operations[operation.name] = check
        found: list[str] = []
        check(request, "", found)
        return found

    def _structure(self, shape: str, operation: str | None = None) -> Check:
        members = self._model.members(shape)
        required = self._model.required(shape)
        first = [name for name in FIRST_MEMBERS if name in members] if operation else []
        order = [*first, *(name for name in members if name not in first)]
        plan = []
        for name in order:
            rule = self._rules.get(f"{operation}.{name}") if operation else None
            check = self._check(members[name].shape, rule)
            if check is not None or name in required:
                plan.append((name, _lower_camel(name), name in required, check))

        def check_structure(value: Any, path: str, found: list[str]) -> None:
            for name, part, needed, check in plan:
                given = value.get(name)
                if given is None:
                    if needed:
                        found.append(_failure(None, _join(path, part), _NOT_NULL))
                elif check is not None:
                    check(given, _join(path, part), found)

        return check_structure

    def _check(self, shape: str, rule: Rule | None = None) -> Check | None:
        """The check of a shape; None if nothing can be wrong with it."""
        if rule is not None:
            return self._make(shape, rule)
        if shape not in self._shapes:
            # A shape may contain itself: until it is made, its inner use looks it up when it runs.
            self._shapes[shape] = lambda value, path, found: self._recurse(shape, value, path, found)
            self._shapes[shape] = self._make(shape, self._rules.get(shape, _NO_RULE))
        return self._shapes[shape]

    def _recurse(self, shape: str, value: Any, path: str, found: list[str]) -> None:
        check = self._shapes[shape]
        if check is not None:
            check(value, path, found)

    def _make(self, shape: str, rule: Rule) -> Check | None:
        raw = self._model.shape(shape)
        if rule.unchecked:
            return None
        if raw["type"] == "structure":
            return self._structure(shape)
        if raw["type"] == "list":
            return self._list(raw, rule)
        if raw["type"] == "map":
            return self._map(raw, rule)
        return _scalar_check(_constraints(raw, rule), bool(raw.get("sensitive")))

    def _list(self, raw: Json, rule: Rule) -> Check | None:
        lengths = _length_constraints(raw, rule)
        element = raw["member"]["shape"]
        nested = self._nested(element, rule if rule.flat else None)
        inner = self._check(element) if nested is None else None
        text = "; ".join(name for name, _ in nested or ()) if rule.flat else _all_of(nested or [])
        constraint = text if rule.flat else f"Member must satisfy constraint: {text}"

        def check_list(value: Any, path: str, found: list[str]) -> None:
            _apply(lengths, value, path, found)
            if nested is None:
                for number, item in enumerate(value, 1):
                    _element(inner, item, f"{path}.{number}.member", found)
            elif not _all_satisfy(nested, value):
                found.append(_failure(value, path, constraint))

        return check_list

    def _map(self, raw: Json, rule: Rule) -> Check | None:
        lengths = _length_constraints(raw, rule)
        keys = self._nested(raw["key"]["shape"]) or []
        values = self._nested(raw["value"]["shape"])
        inner = self._check(raw["value"]["shape"]) if values is None else None
        secret = self._is_secret(raw["key"]["shape"]) or self._is_secret(raw["value"]["shape"])

        def check_map(value: Any, path: str, found: list[str]) -> None:
            _apply(lengths, value, path, found, secret)
            if not _all_satisfy(keys, value):
                found.append(
                    _failure(value, path, f"Map keys must satisfy constraint: {_all_of(keys)}", secret)
                )
            if values is None:
                for key, item in value.items():
                    _element(inner, item, f"{path}.{key}.member", found)
            elif not _all_satisfy(values, value.values()):
                text = f"Map value must satisfy constraint: {_all_of(values)}"
                found.append(_failure(value, path, text, secret))

        return check_map

    def _nested(self, shape: str, rule: Rule | None = None) -> list[Constraint] | None:
        """The constraints of a scalar element; None for what has parts, which have theirs."""
        raw = self._model.shape(shape)
        if raw["type"] in ("structure", "list", "map"):
            return None
        return _constraints(raw, rule or self._rules.get(shape, _NO_RULE))

    def _is_secret(self, shape: str) -> bool:
        return bool(self._model.shape(shape).get("sensitive"))


Constraint = tuple[str, Callable[[Any], bool]]


def _constraints(raw: Json, rule: Rule) -> list[Constraint]:
    """What a scalar must satisfy, in the order in which AWS prints it."""
    found: list[Constraint] = []
    values = rule.enum or raw.get("enum")
    if values:
        allowed = frozenset(values)
        found.append((f"Member must satisfy enum value set: [{', '.join(values)}]", allowed.__contains__))
    if raw["type"] in ("string", "blob"):
        found += _length_constraints(raw, rule)
    else:
        found += _range_constraints(raw, rule)
    pattern = rule.pattern or raw.get("pattern")
    matches = _matcher(pattern) if pattern else None
    if matches is not None:
        found.append((f"Member must satisfy regular expression pattern: {pattern}", matches))
    return found


def _length_constraints(raw: Json, rule: Rule) -> list[Constraint]:
    found: list[Constraint] = []
    most, least = rule.max or raw.get("max"), raw.get("min")
    if most is not None:
        found.append((f"Member must have length less than or equal to {most}", lambda v: len(v) <= most))
    if least is not None:
        found.append((f"Member must have length greater than or equal to {least}", lambda v: len(v) >= least))
    return found


def _range_constraints(raw: Json, rule: Rule) -> list[Constraint]:
    found: list[Constraint] = []
    most, least = rule.max or raw.get("max"), raw.get("min")
    if most is not None:
        found.append((f"Member must have value less than or equal to {most}", lambda v: v <= most))
    if least is not None:
        found.append((f"Member must have value greater than or equal to {least}", lambda v: v >= least))
    return found


def _scalar_check(constraints: list[Constraint], secret: bool) -> Check | None:
    if not constraints:
        return None

    def check_scalar(value: Any, path: str, found: list[str]) -> None:
        _apply(constraints, value, path, found, secret)

    return check_scalar


def _apply(
    constraints: list[Constraint], value: Any, path: str, found: list[str], secret: bool = False
) -> None:
    for text, holds in constraints:
        if not holds(value):
            found.append(_failure(value, path, text, secret))


def _element(check: Check | None, value: Any, path: str, found: list[str]) -> None:
    if value is None:
        found.append(_failure(None, path, _NOT_NULL))
    elif check is not None:
        check(value, path, found)


def _all_satisfy(constraints: list[Constraint], values: Collection[Any]) -> bool:
    """Whether no element is null, and each is as it must be."""
    if not constraints:
        return None not in values
    return all(_satisfies(constraints, value) for value in values)


def _satisfies(constraints: list[Constraint], value: Any) -> bool:
    return value is not None and all(holds(value) for _, holds in constraints)


def _all_of(constraints: list[Constraint]) -> str:
    return f"[{', '.join([*(text for text, _ in constraints), _NOT_NULL])}]"


def _failure(value: Any, path: str, constraint: str, secret: bool = False) -> str:
    shown = "" if secret else " null" if value is None else f" '{_show(value)[:_TOO_LONG_TO_SHOW]}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _show(value: Any) -> str:
    """A value as AWS's services, written in Java, print it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(_show(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={_show(item)}' for key, item in value.items())}}}"
    if isinstance(value, bytes):
        return f"java.nio.HeapByteBuffer[pos=0 lim={len(value)} cap={len(value)}]"
    return str(value)


def _join(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part


def _lower_camel(name: str) -> str:
    return name[:1].lower() + name[1:]


# Java's classes of characters, near enough, for use inside [...].
_JAVA_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}


@cache
def _matcher(pattern: str) -> Callable[[str], bool] | None:
    """Whole-string matching as AWS does it; None for the few patterns that Python cannot say."""
    flags = 0 if r"\p{" in pattern else re.ASCII
    text = pattern.replace(r"[\w-", r"[\w\-")
    for java, python in _JAVA_CLASSES.items():
        text = text.replace(java, python)
    try:
        compiled = re.compile(text, flags)
    except re.error:
        return None
    return lambda value: compiled.fullmatch(value) is not None
