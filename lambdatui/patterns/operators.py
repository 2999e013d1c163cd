"""The members of a pattern's arrays: plain values, and objects with one operator."""

from __future__ import annotations

import ipaddress
import json
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class InvalidPattern(ValueError):  # noqa: N818 - reads as what it is
    """The pattern cannot be used. The text is AWS's; `path` and `reason` say where and why."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__("Invalid filter pattern definition.")
        self.path, self.reason = path, reason

    @property
    def sentence(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the values or operators that a field may match."""

    operator: str
    words: str
    check: Callable[[Any], bool]


def _key(value: Any) -> Any:
    """A set member that keeps true apart from 1."""
    return (bool, value) if isinstance(value, bool) else value


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _either(values: Sequence[Any]) -> str:
    return " or ".join(json.dumps(value, ensure_ascii=False) for value in values)


def _strings(value: Any, path: str) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str) for item in values):
        raise InvalidPattern("a string is needed here", path)
    return values


def _starts(value: Any, path: str, side: str) -> tuple[str, Callable[[str], bool]]:
    """`prefix` or `suffix`, plain or in any case."""
    any_case = isinstance(value, dict)
    if any_case and list(value) != ["equals-ignore-case"]:
        raise InvalidPattern("only equals-ignore-case may stand inside", path)
    wanted = value["equals-ignore-case"] if any_case else value
    if not isinstance(wanted, str):
        raise InvalidPattern("a string is needed here", path)
    test = str.startswith if side == "prefix" else str.endswith
    words = f"{'starting' if side == 'prefix' else 'ending'} with {json.dumps(wanted, ensure_ascii=False)}"
    if any_case:
        folded = wanted.casefold()
        return f"{words} in any case", lambda text: test(text.casefold(), folded)
    return words, lambda text: test(text, wanted)


def _wildcard_pieces(pattern: str, path: str) -> list[str]:
    r"""The literal pieces between the stars; `\*` and `\\` stand for themselves."""
    pieces, position = [""], 0
    while position < len(pattern):
        char = pattern[position]
        if char == "\\":
            position += 1
            if pattern[position : position + 1] not in ("*", "\\"):
                raise InvalidPattern(r"a backslash may stand before * or \ only", path)
            pieces[-1] += pattern[position]
        elif char == "*":
            if pattern[position + 1 : position + 2] == "*":
                raise InvalidPattern("two stars in a row", path)
            pieces.append("")
        else:
            pieces[-1] += char
        position += 1
    return pieces


def _wildcard(value: Any, path: str) -> tuple[str, Callable[[str], bool]]:
    if not isinstance(value, str):
        raise InvalidPattern("a string is needed here", path)
    first, *rest = _wildcard_pieces(value, path)
    words = f"like {json.dumps(value, ensure_ascii=False)}"
    if not rest:
        return words, lambda text: text == first
    *middle, last = rest

    def check(text: str) -> bool:
        """Pieces are found from left to right: linear in the text, whatever the pattern."""
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return False
        position, end = len(first), len(text) - len(last)
        for piece in middle:
            found = text.find(piece, position, end)
            if found < 0:
                return False
            position = found + len(piece)
        return True

    return words, check


def _ignore_case(value: Any, path: str) -> tuple[str, Callable[[str], bool]]:
    if not isinstance(value, str):
        raise InvalidPattern("a string is needed here", path)
    folded = value.casefold()
    return f"{json.dumps(value, ensure_ascii=False)} in any case", lambda text: text.casefold() == folded


def _numeric(value: Any, path: str) -> tuple[str, Callable[[Any], bool]]:
    if not isinstance(value, list) or len(value) not in (2, 4):
        raise InvalidPattern('numeric takes ["<", 10] or [">", 0, "<=", 10]', path)
    steps = list(zip(value[::2], value[1::2], strict=True))
    if any(not isinstance(sign, str) or sign not in _COMPARE or not _number(limit) for sign, limit in steps):
        raise InvalidPattern("numeric takes =, <, <=, > or >= and a number", path)
    if len(steps) == 2:
        (low_sign, low), (high_sign, high) = steps
        if low_sign not in (">", ">=") or high_sign not in ("<", "<=") or low >= high:
            raise InvalidPattern("a numeric range goes from > or >= a lower to < or <= a higher number", path)
    words = "a number " + " and ".join(f"{sign} {limit}" for sign, limit in steps)
    return words, lambda found: _number(found) and all(_COMPARE[sign](found, limit) for sign, limit in steps)


def _cidr(value: Any, path: str) -> tuple[str, Callable[[Any], bool]]:
    try:
        if not isinstance(value, str) or "/" not in value:
            raise ValueError
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise InvalidPattern("cidr takes an address range such as 10.0.0.0/24", path) from None

    def check(text: Any) -> bool:
        try:
            return isinstance(text, str) and ipaddress.ip_address(text) in network
        except ValueError:
            return False

    return f"an address in {value}", check


_TEXT_TESTS: dict[str, Callable[[Any, str], tuple[str, Callable[[str], bool]]]] = {
    "prefix": lambda value, path: _starts(value, path, "prefix"),
    "suffix": lambda value, path: _starts(value, path, "suffix"),
    "equals-ignore-case": _ignore_case,
    "wildcard": _wildcard,
}


def _anything_but(value: Any, path: str) -> tuple[str, Callable[[Any], bool]]:
    if isinstance(value, dict):
        if len(value) != 1 or next(iter(value)) not in _TEXT_TESTS:
            raise InvalidPattern(f"anything-but takes {', '.join(_TEXT_TESTS)} or values", path)
        name, inner = next(iter(value.items()))
        tests = [_TEXT_TESTS[name](item, f"{path}.{name}") for item in _strings(inner, f"{path}.{name}")]
        checks = [check for _, check in tests]
        words = " or ".join(phrase for phrase, _ in tests)
        return (
            f"anything not {words}",
            lambda found: not isinstance(found, str) or not any(check(found) for check in checks),
        )
    values = value if isinstance(value, list) else [value]
    same_kind = all(isinstance(item, str) for item in values) or all(_number(item) for item in values)
    if not values or not same_kind:
        raise InvalidPattern("anything-but takes strings only or numbers only", path)
    unwanted = frozenset(values)
    return f"anything but {_either(values)}", lambda found: _key(found) not in unwanted


def make_test(alternative: Any, path: str) -> Alternative:
    """One member of a pattern's array: a value, or an object with one operator."""
    if isinstance(alternative, list):
        raise InvalidPattern("an array may not stand inside an array", path)
    if not isinstance(alternative, dict):
        wanted = _key(alternative)
        words = json.dumps(alternative, ensure_ascii=False)
        return Alternative("equals", words, lambda found: bool(_key(found) == wanted))
    if len(alternative) != 1:
        raise InvalidPattern("an operator object has one member", path)
    name, value = next(iter(alternative.items()))
    here = f"{path}.{name}"
    if name == "exists":
        if not isinstance(value, bool):
            raise InvalidPattern("exists takes true or false", here)
        return Alternative(name, "present" if value else "absent", lambda _: bool(value))
    if name in _TEXT_TESTS:
        words, check = _TEXT_TESTS[name](value, here)
        return Alternative(name, words, lambda found: isinstance(found, str) and check(found))
    makers = {"anything-but": _anything_but, "numeric": _numeric, "cidr": _cidr}
    if name not in makers:
        raise InvalidPattern(f"there is no operator {name!r}", path)
    return Alternative(name, *makers[name](value, here))
