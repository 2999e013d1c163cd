"""Metric math, as far as people use it with Lambda: arithmetic of series, sums and means, gaps filled."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Points = dict[int, float]
"""Values by the time of their period."""

Value = float | Points | list[Points]
Find = Callable[[str], Points]
DEEPEST = 32


class BadExpression(ValueError):  # noqa: N818
    """The expression cannot be computed; the text says why."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may ask for."""

    find: Find
    """The points of a query's id, or BadExpression."""
    metrics: Callable[[], Sequence[tuple[str, Points]]]
    """All metrics of the request, with their ids."""
    period: Callable[[str], int]


_TOKEN = re.compile(
    r'\s*(?:(\d+(?:\.\d*)?|\.\d+)|([A-Za-z]\w*)|("[^"]*"|\'[^\']*\')|([-+*/^()\[\],]))', re.ASCII
)
_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": math.pow,
}
_ROUNDING: dict[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
_GATHERING: dict[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


def evaluate(text: str, scope: Scope) -> Points:
    """The series that an expression makes; raises BadExpression."""
    parser = _Parser(text, scope)
    value = parser.sum()
    parser.end()
    if isinstance(value, dict):
        return value
    what = "a number" if isinstance(value, float) else "several series"
    raise BadExpression(f"it makes {what}, and must make one series")


class _Parser:
    def __init__(self, text: str, scope: Scope) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0
        self._scope = scope

    def sum(self) -> Value:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadExpression("it is nested too deeply")
        value = self._product()
        while (sign := self._take("+", "-")) is not None:
            value = _combine(sign, value, self._product())
        self._depth -= 1
        return value

    def _product(self) -> Value:
        value = self._power()
        while (sign := self._take("*", "/")) is not None:
            value = _combine(sign, value, self._power())
        return value

    def _power(self) -> Value:
        if self._take("-") is not None:
            return _combine("*", -1.0, self._power())
        value = self._atom()
        return _combine("^", value, self._power()) if self._take("^") is not None else value

    def _atom(self) -> Value:
        token = self._next("a value")
        if token[0].isdigit() or token[0] == ".":
            return float(token)
        if token == "(":  # noqa: S105 - a sign
            value = self.sum()
            self._expect(")")
            return value
        if token == "[":  # noqa: S105
            return self._series_until("]")
        if not token[0].isalpha():
            raise BadExpression(f"{token} is not expected here")
        if self._take("(") is None:
            return self._scope.find(token)
        return self._call(token)

    def _call(self, name: str) -> Value:
        if name == "METRICS":
            return self._metrics()
        if name == "PERIOD":
            known = self._next("an id")
            self._expect(")")
            return float(self._scope.period(known))
        value = self.sum()
        if name == "FILL":
            self._expect(",")
            value = _fill(value, self.sum(), [points for _, points in self._scope.metrics()])
        elif name in _ROUNDING:
            value = _map(_ROUNDING[name], value)
        elif name in _GATHERING:
            value = _gather(_GATHERING[name], value)
        else:
            raise BadExpression(f"the lambdatui engine has no function {name}")
        self._expect(")")
        return value

    def _metrics(self) -> list[Points]:
        """All of them, or those whose id holds a text."""
        part = ""
        if self._take(")") is None:
            part = self._next("a text").strip("\"'")
            self._expect(")")
        return [points for known, points in self._scope.metrics() if part in known]

    def _series_until(self, end: str) -> list[Points]:
        found: list[Points] = []
        while True:
            value = self.sum()
            if not isinstance(value, dict):
                raise BadExpression("a list holds series")
            found.append(value)
            if self._take(",") is None:
                self._expect(end)
                return found

    def _next(self, what: str) -> str:
        if self._at >= len(self._tokens):
            raise BadExpression(f"it ends where {what} should be")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, *signs: str) -> str | None:
        if self._at < len(self._tokens) and self._tokens[self._at] in signs:
            return self._next("")
        return None

    def _expect(self, sign: str) -> None:
        if self._take(sign) is None:
            raise BadExpression(f"a {sign} is missing")

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise BadExpression(f"{self._tokens[self._at]} is not expected here")


def _tokens(text: str) -> Iterator[str]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise BadExpression(f"{text[at:].strip()[:20]!r} cannot be understood")
        yield found[found.lastindex or 0]
        at = found.end()


def _combine(sign: str, left: Value, right: Value) -> Value:
    """Point by point; a point that one of two series lacks is not there."""
    if isinstance(left, list) and isinstance(right, list):
        raise BadExpression("two lists of series cannot be combined")
    if isinstance(left, list):
        return [_one(_combine(sign, each, right)) for each in left]
    if isinstance(right, list):
        return [_one(_combine(sign, left, each)) for each in right]
    compute = _OPERATORS[sign]
    if isinstance(left, dict) and isinstance(right, dict):
        return _finite((at, compute, value, right[at]) for at, value in left.items() if at in right)
    if isinstance(left, dict):
        assert isinstance(right, float)
        return _finite((at, compute, value, right) for at, value in left.items())
    if isinstance(right, dict):
        return _finite((at, compute, left, value) for at, value in right.items())
    result = _finite(iter([(0, compute, left, right)]))
    if not result:
        raise BadExpression(f"{left:g} {sign} {right:g} is no number")
    return result[0]


def _finite(work: Iterator[tuple[int, Callable[[float, float], float], float, float]]) -> Points:
    """What can be computed: where a divisor is 0 there is no point."""
    found: Points = {}
    for at, compute, left, right in work:
        try:
            value = float(compute(left, right))
        except (ArithmeticError, ValueError):
            continue
        if math.isfinite(value):
            found[at] = value
    return found


def _one(value: Value) -> Points:
    assert isinstance(value, dict)
    return value


def _map(compute: Callable[[float], float], value: Value) -> Value:
    if isinstance(value, list):
        return [_one(_map(compute, each)) for each in value]
    if isinstance(value, dict):
        return {at: float(compute(each)) for at, each in value.items()}
    return float(compute(value))


def _gather(compute: Callable[[Sequence[float]], float], value: Value) -> Value:
    """Over several series period by period; over one, all its values."""
    if isinstance(value, list):
        times = sorted({at for points in value for at in points})
        gathered = {at: compute([points[at] for points in value if at in points]) for at in times}
        return {at: float(one) for at, one in gathered.items() if math.isfinite(one)}
    if isinstance(value, dict):
        whole = float(compute(list(value.values()))) if value else 0.0
        return whole if math.isfinite(whole) else 0.0
    raise BadExpression("a function over series was given a number")


def _fill(value: Value, filler: Value, others: Sequence[Points]) -> Value:
    """A series with points wherever any metric of the request has one."""
    if not isinstance(value, dict) or not isinstance(filler, float):
        raise BadExpression("FILL takes a series and a number")
    times = sorted({*value, *(at for points in others for at in points)})
    return {at: value.get(at, filler) for at in times}
