"""A table of items, as the tests of tables fill it."""

from __future__ import annotations

from dataclasses import dataclass

from lambdatui.dashboard.widgets import Column, LineTable
from lambdatui.dashboard.widgets.signs import UNICODE


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    memory: int = 128
    sha: str = "a3f9c01b77ab0eb7"


COLUMNS: list[Column[Item]] = [
    Column(
        "name",
        "Function",
        lambda item: item.name,
        min_width=10,
        sort_key=lambda item: item.name,
        search=lambda item: item.name,
    ),
    Column(
        "memory",
        "Memory",
        lambda item: (f"{item.memory} MB", "muted"),
        width=8,
        align="right",
        priority=1,
        sort_key=lambda item: item.memory,
    ),
    Column(
        "sha",
        "Code",
        lambda item: item.sha,
        width=9,
        clip="middle",
        priority=2,
        value=lambda item: f"sha256:{item.sha}",
    ),
]


def name_of(item: Item) -> str:
    return item.name


def table(**options: object) -> LineTable[Item]:
    return LineTable(COLUMNS, name_of, signs=UNICODE, markable=True, **options)  # type: ignore[arg-type]


def items(count: int) -> list[Item]:
    return [Item(f"fn-{number:03}", 128 * (1 + number % 3)) for number in range(count)]
