"""NO_COLOR: no colour on any screen, and all that a colour says is said in another way."""

from __future__ import annotations

import pytest
from rich.style import Style

from tests.dashboard.driver import Person, opened
from tests.dashboard.fakes import shop


@pytest.fixture(autouse=True)
def _no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


def styles(ui: Person) -> list[tuple[str, Style]]:
    """What is drawn, piece by piece, line by line."""
    strips = ui.app.screen._compositor.render_strips()
    return [(segment.text, segment.style or Style.null()) for strip in strips for segment in strip]


def style_of(ui: Person, text: str) -> Style:
    """How the first piece that is this text, spaces aside, is drawn."""
    return next(style for piece, style in styles(ui) if piece.strip() == text)


@pytest.mark.parametrize(
    "keys",
    [(), ("i",), ("p",), ("x",), ("enter",), ("enter", "2"), ("Q",), ("question_mark",), ("colon",), ("t",)],
    ids=" ".join,
)
async def test_nothing_is_coloured(keys: tuple[str, ...]) -> None:
    async with opened(shop()) as ui:
        await ui.press(*keys)
        assert not [piece for piece, style in styles(ui) if style.color or style.bgcolor]


async def test_the_row_under_the_cursor_and_its_pane_stand_out() -> None:
    async with opened(shop()) as ui:
        await ui.press("j")
        assert style_of(ui, "invoice").reverse
        assert style_of(ui, "╭").bold  # the pane that has the focus comes first
        await ui.press("2")
        assert not style_of(ui, "╭").bold
        assert not style_of(ui, "invoice").reverse
        assert style_of(ui, "invoice").underline  # still the chosen one


async def test_the_field_and_the_button_that_have_the_focus_stand_out() -> None:
    async with opened(shop()) as ui:
        await ui.press("p")
        await ui.type("abc")
        assert style_of(ui, "abc").underline
        assert not style_of(ui, "Publish").reverse
        await ui.press("tab")
        assert not style_of(ui, "abc").underline
        assert style_of(ui, "Publish").reverse


async def test_what_a_theme_changes_is_no_colour_either() -> None:
    async with opened(shop(), theme="light") as ui:
        ui.app.theme = "contrast" if "contrast" in ui.app.available_themes else "dark"
        await ui.press("j")
        assert not [piece for piece, style in styles(ui) if style.color or style.bgcolor]
        assert any(style.reverse for _, style in styles(ui))
