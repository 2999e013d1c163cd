"""What all inspection screens have in common."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.strip import Strip

from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.service.errors import Unreachable
from tests.dashboard.driver import opened
from tests.dashboard.fakes import AWS, shop
from tests.dashboard.inspect.inside import engine

SCREENS = {"V": "Environments", "Q": "Queue", "F": "Faults", "S": "Sources"}


@pytest.mark.parametrize("key", SCREENS)
async def test_a_key_of_the_main_screen_opens_each_and_esc_comes_back(key: str) -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press(key)
        ui.sees(f"─ {SCREENS[key]} ─")
        await ui.press("escape")
        ui.sees("1 Functions")


async def test_from_one_to_another() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("V", "Q")
        ui.sees("─ Queue ─")
        await ui.press("F")
        ui.sees("─ Faults ─")
        await ui.press("escape")
        ui.sees("1 Functions")


async def test_a_target_without_the_capability_has_neither_keys_nor_palette_entries() -> None:
    async with opened(shop(AWS)) as ui:
        await ui.press("V", "Q", "F")
        ui.sees("1 Functions")
        await ui.press("colon")
        await ui.type("environments, live")
        await ui.pilot.pause(0.3)
        ui.misses("Environments, live")


async def test_the_palette_leads_there_too() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("colon")
        await ui.type("environments, live")
        await ui.pilot.pause(0.3)
        await ui.press("enter")
        await ui.settle()
        ui.sees("─ Environments ─")


@pytest.mark.parametrize("key", SCREENS)
async def test_an_engine_that_is_gone_is_said_and_comes_back_by_itself(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambdatui.dashboard.inspect.screen.AGAIN_S", 0.01)
    service, inside = engine()
    async with opened(service) as ui:
        await ui.press(key)
        before = ui.text("LineTable")
        inside.engine_dies(service.gates, Unreachable("The local engine is gone."))
        await ui.pilot.pause(0.3)
        ui.sees("The local engine is gone.", "What is shown is from before.", "checkout")
        inside.engine_dies(service.gates, None)
        await ui.pilot.pause(0.3)
        ui.misses("is gone")
        assert ui.text("LineTable") == before


async def test_the_help_of_a_screen_is_its_own() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("Q", "question_mark")
        ui.sees("Attempt the chosen event at once.", "Environments, live.")
        ui.misses("Create or repoint an alias")


async def test_nothing_is_drawn_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("V")
        drawn: list[int] = []
        table = ui.app.screen.query_one(LineTable)
        draw = table.render_line

        def counted(y: int) -> Strip:
            drawn.append(y)
            return draw(y)

        await ui.pilot.pause(0.3)
        monkeypatch.setattr(table, "render_line", counted)
        await ui.pilot.pause(0.7)
        assert not drawn


async def test_a_read_only_target_shows_all_and_changes_nothing() -> None:
    service, inside = engine()
    service.target = replace(service.target, read_only=True)
    async with opened(service) as ui:
        await ui.press("V", "x", "s", "X", "ctrl+n")
        await ui.press("Q", "i", "x", "R", "f", "T")
        await ui.press("F", "enter", "x", "X")
        ui.sees("─ Faults ─")
        ui.misses("Arm throttle")
    acted = {call[0] for call in service.gates.calls}
    assert not acted & {"kill", "freeze", "cool", "run", "drop", "replay", "next_due", "disarm", "clear"}
    assert inside.faults.switches
