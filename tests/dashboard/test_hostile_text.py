"""Text that others wrote: brackets are no markup, and JSON may be deeper or longer than anybody reads."""

from __future__ import annotations

import pytest

from lambdatui.dashboard.inspect.filter_tester import brief, pattern_text
from lambdatui.dashboard.inspect.text_dialog import pretty
from lambdatui.dashboard.panes.invoke import problem_of
from lambdatui.model import InvocationType
from tests.dashboard.driver import opened
from tests.dashboard.fake_account import version
from tests.dashboard.fakes import shop

ODD = "[red]odd[/red] [link=http://x]l[/link] [/]"


async def test_the_palette_shows_a_name_as_it_is() -> None:
    service = shop()
    service.store.add(version(ODD))
    async with opened(service) as ui:
        await ui.press("ctrl+p")
        await ui.type("odd")
        ui.sees(f"Function {ODD}")


async def test_what_is_said_in_passing_is_shown_as_it_is() -> None:
    async with opened(shop()) as ui:
        ui.main.notify(f"Not there: {ODD}")
        await ui.settle()
        ui.sees(f"Not there: {ODD}")


@pytest.mark.parametrize("odd", ["[" * 100_000, "9" * 10_000])
def test_json_that_is_too_much_to_read_stays_text(odd: str) -> None:
    assert problem_of(odd, InvocationType.REQUEST_RESPONSE) == ""
    assert pretty(odd) == odd
    assert pattern_text([odd]) == odd
    assert brief(odd) == odd
