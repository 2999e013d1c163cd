"""What may be typed to look through functions: words, ``runtime:python``, ``tag:team=pay``, ``memory:>512``,
``deprecated``, ``!`` before any of them for the opposite."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lambdatui.dashboard.widgets.needle import NOTHING, Needle
from lambdatui.model import Function
from lambdatui.model.lifecycle import Standing, standing_of
from lambdatui.model.metrics import Activity


@dataclass(frozen=True, slots=True)
class Facts:
    """What the list knows of functions beyond the functions themselves."""

    now: Callable[[], datetime]
    activity: Callable[[str], Activity | None] = lambda name: None
    marked: Callable[[str], bool] = lambda name: False


Test = Callable[[Function, Facts], bool]


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, understood. ``where`` is None when the needle alone says it all."""

    text: str
    needle: Needle = NOTHING
    where: Sieve | None = None
    problem: str = ""
    details: bool = False  # goes by what lists of functions leave out: state, tags


@dataclass(frozen=True)
class Sieve:
    """Lets functions through that pass every test; two of the same text are the same."""

    text: str
    facts: Facts = field(compare=False)
    tests: tuple[Test, ...] = field(compare=False)

    def __call__(self, function: Function) -> bool:
        return all(test(function, self.facts) for test in self.tests)


def understood(text: str, facts: Facts) -> Query:
    """Read what was typed. A word that is being typed or cannot be understood lets everything through."""
    needle, tests, problems, details = NOTHING, list[Test](), list[str](), False
    for word in text.split():
        opposite, plain = word.startswith("!"), word.removeprefix("!")
        if not plain:
            continue
        name, _, value = plain.partition(":")
        test: Test | None
        if name in FIELDS and (":" in plain or FIELDS[name].alone):
            known = FIELDS[name]
            details = details or known.details
            try:
                test = known.make(value)
            except ValueError as problem:
                problems.append(f"{name}: {problem}")
                continue
        elif not needle and not opposite:
            needle = Needle(plain)
            continue
        else:
            test = _word(plain)
        if test is not None:
            tests.append(_not(test) if opposite else test)
    where = Sieve(text, facts, tuple(tests)) if tests else None
    return Query(text, needle, where, "; ".join(problems), details)


def _not(test: Test) -> Test:
    return lambda function, facts: not test(function, facts)


def searched(function: Function) -> str:
    """What plain words are looked for in."""
    latest = function.latest
    return "\n".join((function.name, runtime_of(function), latest.state.value))


def runtime_of(function: Function) -> str:
    """The runtime; for images that they are images."""
    return function.latest.runtime or function.latest.package_type.lower()


def _word(text: str) -> Test:
    needle = Needle(text)
    return lambda function, facts: needle.found_in(searched(function))


# -- fields -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """Something to filter by; ``alone`` when it needs no value."""

    make: Callable[[str], Test | None]
    hint: str
    alone: bool = False
    details: bool = False


def _text(read: Callable[[Function], str]) -> Callable[[str], Test | None]:
    def make(value: str) -> Test | None:
        wanted = value.lower()
        return (lambda function, facts: wanted in read(function).lower()) if wanted else None

    return make


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip
_AMOUNT = re.compile(r"(>=|<=|>|<|=)?(\d+(?:\.\d+)?)([a-z]*)", re.IGNORECASE)


def _number(
    read: Callable[[Function, Facts], float | None], units: Mapping[str, float], example: str
) -> Callable[[str], Test | None]:
    """Compares; a number alone means equal. ``units`` are factors by their letters."""

    def make(value: str) -> Test | None:
        if not value or value in _COMPARISONS:
            return None
        found = _AMOUNT.fullmatch(value)
        if found is None or found[3].lower() not in units:
            raise ValueError(f"write {example}")
        compare, amount = _COMPARISONS[found[1] or "="], float(found[2]) * units[found[3].lower()]

        def test(function: Function, facts: Facts) -> bool:
            has = read(function, facts)
            return has is not None and compare(has, amount)

        return test

    return make


def _tag(value: str) -> Test | None:
    name, equals, wanted = value.lower().partition("=")
    if not name:
        return None

    def test(function: Function, facts: Facts) -> bool:
        return any(
            name in key.lower() and (not equals or wanted in text.lower())
            for key, text in function.tags.items()
        )

    return test


def _standing(lowest: Standing, highest: Standing) -> Callable[[str], Test]:
    def test(function: Function, facts: Facts) -> bool:
        return lowest <= standing_of(function.latest.runtime, facts.now().date()) <= highest

    return lambda value: test


def _errors(function: Function, facts: Facts) -> bool:
    activity = facts.activity(function.name)
    return activity is not None and activity.failed > 0


def _idle(function: Function, facts: Facts) -> bool:
    activity = facts.activity(function.name)
    return activity is not None and activity.total == 0


def _age_s(function: Function, facts: Facts) -> float:
    return (facts.now() - function.latest.modified).total_seconds()


_MEGABYTES = {"": 1, "mb": 1, "m": 1, "gb": 1024, "g": 1024}
_SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_BYTES = {"": 1024**2, "b": 1, "kb": 1024, "k": 1024, "mb": 1024**2, "m": 1024**2}

FIELDS: Mapping[str, Field] = {
    "runtime": Field(_text(runtime_of), "python3.12, node, image"),
    "state": Field(_text(lambda f: f.latest.state.value), "active, failed, pending", details=True),
    "tag": Field(_tag, "team, team=pay", details=True),
    "deprecated": Field(_standing(Standing.DEPRECATED, Standing.FROZEN), "runtime is over", alone=True),
    "ending": Field(_standing(Standing.ENDING, Standing.ENDING), "runtime ends in 180 days", alone=True),
    "errors": Field(lambda value: _errors, "failed in the last hour", alone=True),
    "idle": Field(lambda value: _idle, "did not run in the last hour", alone=True),
    "marked": Field(lambda value: lambda f, facts: facts.marked(f.name), "marked rows", alone=True),
    "memory": Field(_number(lambda f, _: f.latest.memory_mb, _MEGABYTES, "memory:>512"), ">512, 1gb"),
    "timeout": Field(_number(lambda f, _: f.latest.timeout_s, _SECONDS, "timeout:>=30"), ">=30, 5m"),
    "size": Field(_number(lambda f, _: f.latest.code_size, _BYTES, "size:>10mb"), ">10mb"),
    "modified": Field(_number(_age_s, _SECONDS, "modified:<2d"), "<2d, >1h ago"),
    "arch": Field(_text(lambda f: " ".join(f.latest.architectures)), "arm64, x86_64"),
    "role": Field(_text(lambda f: f.latest.role), "name of the role"),
    "layer": Field(_text(lambda f: " ".join(layer.arn for layer in f.latest.layers)), "name of a layer"),
}
"""Everything that can be filtered by, in the order in which it is offered."""


# -- completion -------------------------------------------------------------------------------


def completions(word: str, functions: Sequence[Function]) -> Iterator[str]:
    """What a word may become, the likeliest first."""
    opposite, plain = ("!" if word.startswith("!") else ""), word.removeprefix("!")
    name, colon, value = plain.partition(":")
    if not plain:
        return
    if not colon:
        for known, kind in FIELDS.items():
            if known.startswith(plain):
                yield f"{opposite}{known}{'' if kind.alone else ':'}"
        return
    for choice in _choices(name, functions):
        if choice.lower().startswith(value.lower()):
            yield f"{opposite}{name}:{choice}"


def _choices(name: str, functions: Sequence[Function]) -> list[str]:
    """The values that occur, sorted."""
    found: set[str] = set()
    for function in functions:
        latest = function.latest
        match name:
            case "runtime":
                found.add(runtime_of(function))
            case "state":
                found.add(latest.state.value.lower())
            case "tag":
                found.update(function.tags)
                found.update(f"{key}={value}" for key, value in function.tags.items())
            case "arch":
                found.update(latest.architectures)
            case "role":
                found.add(latest.role.rpartition("/")[2])
            case "layer":
                found.update(layer.arn.split(":")[6] for layer in latest.layers if layer.arn.count(":") > 6)
    return sorted(found - {""})
