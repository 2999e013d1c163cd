"""Filter patterns of CloudWatch Logs: terms and phrases, or conditions on the members of a JSON event."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

import orjson

Match = Callable[[str], bool]
Test = Callable[[Any], bool]

MAX_LENGTH = 1024


class BadPattern(ValueError):  # noqa: N818
    """The pattern cannot be understood; the text says where."""


def compile_pattern(pattern: str) -> Match:
    """What tells whether a message matches; an empty pattern matches all."""
    text = pattern.strip()
    if len(pattern) > MAX_LENGTH:
        raise BadPattern(f"A filter pattern has at most {MAX_LENGTH} characters.")
    if not text:
        return lambda message: True
    if text.startswith("{"):
        return _json(text)
    if text.startswith("["):
        raise BadPattern("Patterns of space-delimited fields, such as [a, b], are not supported here.")
    return _terms(text)


# -- terms -------------------------------------------------------------------------------------------

_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|(\S+))')


def _terms(text: str) -> Match:
    """All plain terms, or else any of the optional ones, and none of the excluded ones."""
    wanted: list[Match] = []
    optional: list[Match] = []
    refused: list[Match] = []
    for sign, phrase, expression, word in _TERM.findall(text):
        found = _contains(phrase, expression, word)
        {"": wanted, "?": optional, "-": refused}[sign].append(found)

    def matches(message: str) -> bool:
        if any(found(message) for found in refused):
            return False
        if wanted:
            return all(found(message) for found in wanted)
        return not optional or any(found(message) for found in optional)

    return matches


def _contains(phrase: str, expression: str, word: str) -> Match:
    if expression:
        searched = _expression(expression)
        return lambda message: searched.search(message) is not None
    text = re.sub(r"\\(.)", r"\1", phrase) if phrase else word
    return lambda message: text in message


def _expression(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as problem:
        raise BadPattern(f"%{text}% is no regular expression: {problem}.") from None


# -- JSON --------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<sign>&&|\|\||[()]|!=|<=|>=|[=<>])
    | (?P<path>\$(?:\.(?:[\w@-]+|\*)|\[(?:"[^"]*"|'[^']*'|\d+|\*)\])*)
    | (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<regex>%[^%]+%)
    | (?P<word>[^\s()&|=<>!]+)
    )""",
    re.VERBOSE,
)
_STEP = re.compile(r"""\.([\w@-]+|\*)|\["([^"]*)"\]|\['([^']*)'\]|\[(\d+|\*)\]""")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _json(text: str) -> Match:
    if not text.endswith("}"):
        raise BadPattern("The pattern's closing brace is missing.")
    parser = _Parser(text[1:-1])
    test = parser.any_of()
    parser.expect_end()

    def matches(message: str) -> bool:
        try:
            document = orjson.loads(message)
        except orjson.JSONDecodeError:
            return False
        return isinstance(document, dict) and test(document)

    return matches


class _Parser:
    """`||` binds weaker than `&&`; parentheses group."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def any_of(self) -> Test:
        tests = [self._all_of()]
        while self._take("||"):
            tests.append(self._all_of())
        return lambda document: any(test(document) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._one()]
        while self._take("&&"):
            tests.append(self._one())
        return lambda document: all(test(document) for test in tests)

    def _one(self) -> Test:
        if self._take("("):
            test = self.any_of()
            if not self._take(")"):
                raise BadPattern("A closing parenthesis is missing.")
            return test
        kind, path = self._next("a selector such as $.level")
        if kind != "path":
            raise BadPattern(f"{path!r} is no selector: selectors begin with $.")
        steps = [name or quoted or single or index for name, quoted, single, index in _STEP.findall(path)]
        test = self._condition()
        return lambda document: test(list(_select(document, steps)))

    def _condition(self) -> Test:
        """A test of the values that the selector finds."""
        kind, sign = self._next("an operator")
        if kind == "word":
            return self._words(sign.upper())
        if sign not in ("=", "!=", *_COMPARE):
            raise BadPattern(f"{sign!r} is no operator.")
        kind, value = self._next("a value")
        if sign in _COMPARE:
            compare, number = _COMPARE[sign], _number(value)
            if number is None:
                raise BadPattern(f"{sign} compares numbers, and {value} is none.")
            return lambda values: any(_is_number(one) and compare(one, number) for one in values)
        equal = _equals(kind, value)
        if sign == "=":
            return lambda values: any(equal(one) for one in values)
        return lambda values: bool(values) and not any(equal(one) for one in values)

    def _words(self, first: str) -> Test:
        if first == "EXISTS":
            return bool
        _, second = self._next("EXISTS, NULL, TRUE or FALSE")
        match first, second.upper():
            case "NOT", "EXISTS":
                return lambda values: not values
            case "IS", "NULL":
                return lambda values: any(one is None for one in values)
            case "IS", "TRUE":
                return lambda values: any(one is True for one in values)
            case "IS", "FALSE":
                return lambda values: any(one is False for one in values)
        raise BadPattern(f"{first} {second} is no condition.")

    def _next(self, what: str) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise BadPattern(f"The pattern ends where {what} should be.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign):
            self._at += 1
            return True
        return False

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise BadPattern(f"{self._tokens[self._at][1]!r} is not expected here.")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise BadPattern(f"{text[at:].strip()!r} cannot be understood.")
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


def _select(document: Any, steps: list[str]) -> Iterator[Any]:
    """The values at a path; `*` follows every member."""
    if not steps:
        yield document
        return
    step, *rest = steps
    if step == "*":
        inside = document.values() if isinstance(document, dict) else document
        for one in inside if isinstance(document, dict | list) else ():
            yield from _select(one, rest)
    elif isinstance(document, dict) and step in document:
        yield from _select(document[step], rest)
    elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
        yield from _select(document[int(step)], rest)


def _equals(kind: str, value: str) -> Test:
    if kind == "regex":
        searched = _expression(value[1:-1])
        return lambda one: isinstance(one, str) and searched.search(one) is not None
    number = _number(value)
    if kind != "text" and number is not None:
        return lambda one: _is_number(one) and bool(one == number)
    text = re.sub(r"\\(.)", r"\1", value[1:-1]) if kind == "text" else value
    if "*" in text:
        glob = text.replace("[", "[[]").replace("?", "[?]")
        return lambda one: isinstance(one, str) and fnmatchcase(one, glob)
    return lambda one: isinstance(one, str) and one == text


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
