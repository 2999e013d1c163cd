"""Names and sentences with brackets in them are drawn as they are, wherever they come up."""

from __future__ import annotations

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
