"""What the dashboard asks for by itself, and when."""

from __future__ import annotations

from typing import Any

import pytest
from textual.screen import Screen

from lambdatui.service.errors import NotReady
from tests.dashboard.driver import opened
from tests.dashboard.fake_account import version
from tests.dashboard.fakes import shop

CALLS = ("list", "versions", "aliases", "status")


async def test_while_nothing_was_written_only_the_status_is_asked_for() -> None:
    service = shop()
    service.stamped = "before"
    async with opened(service) as ui:
        service.gates.calls.clear()
        for _ in range(5):
            await ui.tick()
        assert [call[0] for call in service.gates.calls] == ["status"]


async def test_what_was_written_is_seen_with_the_next_beat() -> None:
    service = shop()
    service.stamped = "before"
    async with opened(service) as ui:
        service.gates.calls.clear()
        service.store.add(version("a-new-one"))
        service.stamped = "after"
        await ui.tick()
        ui.sees("a-new-one", "6 functions")
        assert {call[0] for call in service.gates.calls} >= set(CALLS)


@pytest.mark.parametrize(
    "key", ["", "question_mark", "J", "enter"], ids=["main", "help", "journal", "function"]
)
async def test_nothing_is_drawn_while_nothing_changes(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []
    async with opened(shop()) as ui:
        if key:
            await ui.press(key)
        for _ in range(2):
            await ui.tick()
        monkeypatch.setattr(ui.app, "_display", lambda screen, update: drawn.append(update))
        for _ in range(6):
            await ui.tick()
        assert all(update is None for update in drawn)
        await ui.press("escape" if key else "j")
        assert any(update is not None for update in drawn)


async def test_a_function_that_is_still_being_created_is_waited_for_and_invoked_once() -> None:
    service = shop()
    async with opened(service) as ui:
        ready = service.gates.hold("settled")
        service.gates.fail("invoke", NotReady("Function checkout is still being created."))
        await ui.press("i")
        ui.sees("checkout is still being created", "esc stops waiting", where="#response")
        service.gates.fail("invoke", None)
        ready.set()
        await ui.settle()
        ui.sees("✓ 200", where="#response")
        assert len(service.gates.made("invoke")) == 2
        assert len(service.gates.made("settled")) == 1


async def test_leaving_while_it_waits_for_the_creation_says_that_nothing_was_invoked() -> None:
    service = shop()
    async with opened(service) as ui:
        service.gates.hold("settled")
        service.gates.fail("invoke", NotReady("Function checkout is still being created."))
        await ui.press("i", "escape")
        ui.sees("No longer waiting for checkout. checkout was not invoked.", where="#response")


async def test_neither_a_row_nor_a_letter_lays_the_screen_out_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    layouts: list[object] = []
    whole = Screen._refresh_layout

    def noted(screen: Screen[object], *arguments: Any, **options: Any) -> None:
        layouts.append(screen)
        whole(screen, *arguments, **options)

    async with opened(shop()) as ui:
        monkeypatch.setattr(Screen, "_refresh_layout", noted)
        await ui.press("j", "k", "j")
        assert layouts == []
        await ui.press("slash")
        layouts.clear()
        await ui.type("inv")
        ui.sees("1 of 5")
        assert layouts == []
