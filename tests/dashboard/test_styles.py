"""Textual puts the style sheet of a screen on the whole app, from its first opening on."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from textual.screen import Screen

from lambdatui import dashboard
from tests.dashboard.driver import opened
from tests.dashboard.fakes import shop

SHEETS = sorted(Path(dashboard.__path__[0]).rglob("*.tcss"))


def screens() -> set[str]:
    """The names of all screens that there are."""
    for module in walk_packages(dashboard.__path__, "lambdatui.dashboard."):
        import_module(module.name)
    return set(named(Screen))


def named(kind: type[object]) -> Iterator[str]:
    """The name of a class, and of all that are made from it."""
    yield kind.__name__
    for more in kind.__subclasses__():
        yield from named(more)


def outermost(sheet: str) -> Iterator[str]:
    """The selectors that no other stands around."""
    depth = 0
    for part in sheet.replace("{", "\0{\0").replace("}", "\0}\0").split("\0"):
        if part == "{":
            depth += 1
        elif part == "}":
            depth -= 1
        elif not depth:
            yield from (selector.strip() for selector in part.split(",") if selector.strip())


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)
def test_a_sheet_says_of_which_screens_it_is(sheet: Path) -> None:
    assert set(outermost(sheet.read_text(encoding="utf-8"))) <= screens()


async def test_the_answer_stays_in_its_place_when_another_screen_was_opened() -> None:
    async with opened(shop()) as ui:
        await ui.press("i")
        before = ui.app.screen.query_one("#summary").region
        await ui.press("A")
        await ui.press("escape")
        assert ui.app.screen.query_one("#summary").region == before
