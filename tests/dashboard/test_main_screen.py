"""Journeys over the main screen, its target, functions, versions and panes: keys in, what is drawn out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from lambdatui.dashboard.screens import main
from lambdatui.model.rules import Rule
from lambdatui.service.errors import EngineFailed, Throttled, Unreachable
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fake_account import NOW, version
from tests.dashboard.fakes import AWS, FakeService, shop


async def test_says_where_we_are_and_lists_functions_with_their_states() -> None:
    async with opened(shop()) as ui:
        ui.sees("LOCAL engine :4574 · us-east-1 · 000000000000", "process · 5 functions · 3 warm · queue 2")
        ui.sees("checkout", "python3.12", "256 MB", "●", "✗", where="#functions")
        ui.sees("256 MB · 30 s · 2026-11-21 14:00:10", where="#functions")


async def test_aws_shows_profile_region_and_account_and_no_engine_figures() -> None:
    async with opened(shop(AWS)) as ui:
        ui.sees("AWS acme-dev · eu-central-1 · 123456789012").misses("warm", "queue")


async def test_a_target_named_in_the_rules_is_production() -> None:
    async with opened(shop(replace(AWS, rule=Rule(production=True)))) as ui:
        ui.sees("PRODUCTION acme-dev")


async def test_a_target_that_cannot_be_opened_says_why_and_is_tried_again() -> None:
    service = shop()
    service.gates.fail("open", EngineFailed("Port 4574 is taken by process 99."))
    async with opened(service) as ui:
        ui.sees("Port 4574 is taken by process 99.", "Press r to try again, t to look elsewhere.")
        service.gates.fail("open", None)
        await ui.press("r")
        ui.sees("LOCAL engine :4574", "checkout")


async def test_while_the_target_opens_the_screen_stands_and_says_so() -> None:
    service = shop()
    service.gates.hold("open")
    async with opened(service) as ui:
        ui.sees("Starting the local engine…", "2 Versions and aliases", "4 Log")
        await ui.press("i")
        assert "The functions are not here yet; their pane says why." in ui.toasts()


async def test_a_target_that_hangs_is_waited_for_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count(0.0, main.WORTH_SAYING_S + 1)  # so long between one look and the next
    monkeypatch.setattr(main, "monotonic", lambda: next(clock))
    service = shop()
    gate = service.gates.hold("open")
    async with opened(service, tick_s=60) as ui:  # a tick that comes again at once would never let it rest
        ui.sees("Starting the local engine… 4 s", "t looks elsewhere.", where="#functions")
        gate.set()
        await ui.settle()
        ui.sees("checkout", where="#functions").misses("t looks elsewhere.")


async def test_no_functions_is_no_empty_pane() -> None:
    async with opened(FakeService()) as ui:
        ui.sees("No functions yet.", "add samples")
    async with opened(FakeService(AWS)) as ui:
        ui.sees("No functions in eu-central-1 of acme-dev.", where="#functions")


async def test_closing_the_dashboard_lets_the_target_go() -> None:
    service = shop()
    async with opened(service) as ui:
        await ui.press("q")
    assert service.closed


async def test_filter_as_you_type_enter_keeps_esc_clears() -> None:
    async with opened(shop()) as ui:
        await ui.press("slash")
        await ui.type("pay")
        ui.sees("1 Functions ─ 1 of 5", "payments", where="#functions").misses("invoice", where="#functions")
        await ui.press("enter")
        ui.sees("/ pay", where="#functions")
        await ui.press("i")
        assert ui.service.gates.made("invoke")[-1][0] == "payments"
        await ui.press("escape")
        ui.sees("1 Functions ─ 5", "invoice", where="#functions")


async def test_what_another_client_makes_appears_and_the_cursor_stays_on_its_row() -> None:
    async with opened(shop()) as ui:
        await ui.press("j")
        assert ui.main.functions.table.cursor_key == "invoice"
        ui.service.store.add(version("a-new-one"))
        await ui.tick()
        ui.sees("a-new-one", "6 functions")
        assert ui.main.functions.table.cursor_key == "invoice"


async def test_only_states_of_rows_in_sight_are_asked_for() -> None:
    service = FakeService()
    for number in range(500):
        service.store.add(version(f"function-{number:03d}"))
    async with opened(service) as ui:
        asked = {name for names in service.gates.made("states") for name in names[0]}  # type: ignore[attr-defined]
        assert "function-000" in asked
        assert len(asked) < 60
        await ui.press("G")
        asked = {name for names in service.gates.made("states") for name in names[0]}  # type: ignore[attr-defined]
        assert "function-499" in asked
        assert "function-250" not in asked


async def test_a_list_that_fails_later_keeps_its_rows_and_says_so() -> None:
    async with opened(shop()) as ui:
        ui.service.gates.fail("list", Unreachable("The engine is gone. Start it again."))
        await ui.tick()
        ui.sees("checkout", "The engine is gone.", where="#functions")


async def test_sorting_goes_through_the_columns() -> None:
    async with opened(shop()) as ui:
        await ui.press("O", "O", "O")
        assert ui.main.functions.table.sort_column == "memory"
        names = [row.name for row in ui.main.functions.table.rows]
        assert names[0] == "invoice"
        assert names[-1] == "resize-image"


async def test_versions_show_aliases_with_their_shares_beside_them() -> None:
    async with opened(shop()) as ui:
        ui.sees("$LATEST", "tax hotfix", "1 h ago", "9c01…44", where="#versions")
        ui.sees("◀ prod", "▓▓▓▓▓▓▓░ 3: 90 % 2: 10 %", "◀ prod ▓▓▓▓▓▓▓░ 90 %", where="#versions")
        ui.sees("prod 10 %, stage 100 %", where="#versions")


async def test_late_versions_of_another_function_are_dropped() -> None:
    async with opened(shop()) as ui:
        gate = ui.service.gates.hold("versions")
        await ui.press("j")
        ui.sees("2 Versions and aliases ─ invoice").misses("tax hotfix", where="#versions")
        await ui.press("k")
        gate.set()
        await ui.settle()
        ui.sees("2 Versions and aliases ─ checkout", "tax hotfix", where="#versions")


async def test_versions_that_cannot_be_had_say_why_in_their_pane() -> None:
    service = shop()
    service.gates.fail("versions", Throttled("Lambda answers too many requests with a pause."))
    async with opened(service) as ui:
        ui.sees("Lambda answers too many requests", where="#versions")


async def test_on_a_small_terminal_panes_are_tabs_and_nothing_is_lost_on_the_way() -> None:
    async with opened(shop()) as ui:
        await ui.press("j", "k", "slash")
        await ui.type("ch")
        await ui.press("enter", "2", "j", "e")
        await ui.type("[7]")
        await ui.resize(80, 24)
        ui.sees("3 Invoke ─ checkout:prod", "[7]").misses("─ 2 Versions and aliases", "─ 4 Log")
        await ui.press("escape")
        ui.sees("─ 1 Functions ─ 1 of 5", "timeout", "2 min ago")
        await ui.press("2")
        ui.sees("─ 2 Versions and aliases ─ checkout")
        await ui.resize(40, 12)
        ui.sees("LOCAL engine :4574 · us-east-1", "? help")
        await ui.resize(200, 60)
        ui.sees("[7]", "1 Functions ─ 1 of 5", "checkout:prod", "4 Log")


async def test_tab_and_digits_walk_through_the_panes_in_both_layouts() -> None:
    for size in SIZES.values():
        async with opened(shop(), size) as ui:
            main = ui.main
            stops = [stop for pane in main.panes for stop in pane.stops()]
            for stop in [*stops[1:], stops[0]]:
                await ui.press("tab")
                assert ui.app.focused is stop
            for stop in [*reversed(stops[1:]), stops[0]]:
                await ui.press("shift+tab")
                assert ui.app.focused is stop
            for digit, pane in zip("1234", main.panes, strict=True):
                await ui.press(digit)
                assert ui.app.focused in pane.stops()


async def test_enter_on_a_version_goes_on_to_its_invocation_and_esc_comes_back() -> None:
    async with opened(shop(), SIZES["80x24"]) as ui:
        await ui.press("2")
        ui.sees("─ 2 Versions and aliases")
        await ui.press("enter")
        ui.sees("─ 3 Invoke")
        await ui.press("escape")
        ui.sees("─ 1 Functions")
        await ui.press("escape", "escape")
        assert ui.app.is_running


async def test_invoking_on_a_small_terminal_shows_the_answer() -> None:
    async with opened(shop(), SIZES["80x24"]) as ui:
        await ui.press("i")
        ui.sees("✓ 200", '"charged": true')


async def test_tabs_can_be_clicked() -> None:
    async with opened(shop(), SIZES["80x24"]) as ui:
        await ui.pilot.click("Tabs", offset=(ui.text("Tabs").index("Log"), 0))
        await ui.settle()
        ui.sees("─ 4 Log ─ checkout")


async def test_a_click_on_a_key_in_the_footer_presses_it() -> None:
    async with opened(shop()) as ui:
        await ui.pilot.click("Footer", offset=(ui.text("Footer").index("publish"), 0))
        await ui.settle()
        ui.sees("Publish checkout")


async def test_relative_times_grow_older_by_themselves() -> None:
    now = [NOW]
    async with opened(shop(), SIZES["80x24"], now=lambda: now[0]) as ui:
        ui.sees("2 min ago")
        now[0] += timedelta(minutes=1)
        await ui.tick()
        ui.sees("3 min ago").misses("2 min ago")
