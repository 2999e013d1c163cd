"""What can be done to many functions at once: what it asks for, what it means for each, how it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdatui.model import Function
from lambdatui.model.settings import BY_KEY, problem_of
from lambdatui.service.retention import DAYS

if TYPE_CHECKING:
    from lambdatui.service import Service


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change. ``value`` is what the person typed."""

    id: str
    title: str
    asks: str  # what is to be typed; "" when nothing is
    hint: str
    problem: Callable[[str], str]
    effect: Callable[[Function, str], str]  # "" when nothing would change
    apply: Callable[[Service, Function, str], Awaitable[object]]
    summary: Callable[[int, str], str]  # of so many functions
    danger: bool = False
    choices: tuple[str, ...] = ()


def _count(number: int) -> str:
    return f"{number} function{'s' if number != 1 else ''}"


# -- tags -------------------------------------------------------------------------------------


def _tag_problem(text: str) -> str:
    key, equals, value = text.partition("=")
    if not key.strip() or not equals:
        return "write name=value"
    if key.strip().lower().startswith("aws:"):
        return "names that begin with aws: belong to AWS"
    if len(key.strip()) > 128:
        return f"the name has {len(key.strip())} of 128 characters"
    return f"the value has {len(value.strip())} of 256 characters" if len(value.strip()) > 256 else ""


def _pair(text: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    return key.strip(), value.strip()


def _tag_effect(function: Function, text: str) -> str:
    key, value = _pair(text)
    before = function.tags.get(key)
    if before == value:
        return ""
    return f"{key}={value}" if before is None else f"{key}={before} → {value}"


async def _tag(service: Service, function: Function, text: str) -> None:
    key, value = _pair(text)
    await service.tags.put(function.arn, {key: value})


async def _untag(service: Service, function: Function, text: str) -> None:
    await service.tags.remove(function.arn, [text.strip()])


def _untag_effect(function: Function, text: str) -> str:
    key = text.strip()
    return f"without {key}={function.tags[key]}" if key in function.tags else ""


# -- memory, concurrency, retention -----------------------------------------------------------

_MEMORY = BY_KEY["memory"]


async def _memory(service: Service, function: Function, text: str) -> None:
    await service.settings.change(function.name, {"memory": text})


def _memory_effect(function: Function, text: str) -> str:
    before = function.latest.memory_mb
    return "" if str(before) == text else f"{before} → {text} MB"


def _reserve_problem(text: str) -> str:
    if text == "none" or (text.isdecimal() and int(text) <= 1_000_000):
        return ""
    return "a whole number, 0 to stop them, or none"


async def _reserve(service: Service, function: Function, text: str) -> None:
    if text == "none":
        await service.concurrency.unreserve(function.name)
    else:
        await service.concurrency.reserve(function.name, int(text))


def _reserve_effect(function: Function, text: str) -> str:
    before = "none" if function.reserved_concurrency is None else str(function.reserved_concurrency)
    if before == text:
        return ""
    return f"{before} → {text}{' (it stops)' if text == '0' else ''}"


def _retention_problem(text: str) -> str:
    if text == "forever" or (text.isdecimal() and int(text) in DAYS):
        return ""
    if text.isdecimal():
        nearest = min(DAYS, key=lambda days: abs(days - int(text)))
        return f"CloudWatch takes no {text} days; {nearest} is the nearest"
    return "days, or forever"


async def _retain(service: Service, function: Function, text: str) -> None:
    await service.retention.keep(function.latest.log_group, None if text == "forever" else int(text))


def _retention_effect(function: Function, text: str) -> str:
    kept = "for ever" if text == "forever" else f"{text} days"
    return f"{function.latest.log_group} keeps {kept}"


# -- delete -----------------------------------------------------------------------------------


async def _delete(service: Service, function: Function, text: str) -> None:
    await service.functions.delete(function.name)


def _always(_: str) -> str:
    return ""


CHANGES: tuple[Change, ...] = (
    Change(
        "tag",
        "Add a tag",
        "Tag",
        "name=value",
        _tag_problem,
        _tag_effect,
        _tag,
        lambda count, text: f"Adds the tag {text} to {_count(count)}.",
    ),
    Change(
        "untag",
        "Remove a tag",
        "Tag",
        "its name",
        lambda text: "" if text.strip() else "write the name of the tag",
        _untag_effect,
        _untag,
        lambda count, text: f"Takes the tag {text} from {_count(count)}.",
    ),
    Change(
        "memory",
        "Memory",
        "Memory in MB",
        "128 to 10240",
        lambda text: problem_of(_MEMORY, text),
        _memory_effect,
        _memory,
        lambda count, text: f"Gives {_count(count)} {text} MB. $LATEST changes, published versions do not.",
    ),
    Change(
        "concurrency",
        "Reserved concurrency",
        "Reserved",
        "a number, 0 stops them, none takes it away",
        _reserve_problem,
        _reserve_effect,
        _reserve,
        lambda count, text: (
            f"Sets the reservation of {_count(count)} to {text}."
            if text != "0"
            else f"Stops {_count(count)}: nothing runs until the reservation is raised."
        ),
        choices=("none", "0"),
    ),
    Change(
        "retention",
        "Log retention",
        "Days",
        "days, or forever",
        _retention_problem,
        _retention_effect,
        _retain,
        lambda count, text: (
            f"Keeps the logs of {_count(count)} for ever."
            if text == "forever"
            else f"Deletes what {_count(count)} logged {text} days after it was written."
        ),
        choices=(*map(str, DAYS), "forever"),
    ),
    Change(
        "delete",
        "Delete",
        "",
        "",
        _always,
        lambda function, _: "deleted, with its versions and aliases",
        _delete,
        lambda count, _: (
            f"Deletes {_count(count)} with all versions and aliases."
            " Their logs and the event sources that call them stay."
        ),
        danger=True,
    ),
)
"""Everything that can be done, harmless ones first."""
