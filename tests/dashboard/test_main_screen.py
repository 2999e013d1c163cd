"""Journeys over the main screen: keys in, what is drawn and asked out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from lambdatui.dashboard.screens import main
from lambdatui.model import InvocationType, LogEvent
from lambdatui.model.rules import Rule
from lambdatui.service.errors import Denied, EngineFailed, Invalid, Throttled, Unreachable
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fake_account import NOW, version
from tests.dashboard.fakes import AWS, FakeService, shop

RR, EVENT, DRY = InvocationType.REQUEST_RESPONSE, InvocationType.EVENT, InvocationType.DRY_RUN


# -- the target -------------------------------------------------------------------------------


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


# -- functions --------------------------------------------------------------------------------


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


# -- versions ---------------------------------------------------------------------------------


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


# -- invoking ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "qualifier", "aim"),
    [
        ((), None, "checkout ─"),
        (("2", "j"), "prod", "checkout:prod"),
        (("2", "j", "j", "j"), "3", "checkout:3"),
        (("2", "j", "4"), "prod", "checkout:prod"),
    ],
)
async def test_i_invokes_the_chosen_row_from_any_pane(
    steps: tuple[str, ...], qualifier: str | None, aim: str
) -> None:
    async with opened(shop()) as ui:
        await ui.press(*steps)
        ui.sees(aim, where="#invoke")
        await ui.press("i")
        assert ui.service.gates.made("invoke") == [("checkout", b"{}", qualifier, RR)]
        ui.sees("✓ 200  12 ms  billed 13 ms  41/256 MB", "warm", '"charged": true', where="#invoke")


async def test_in_the_editor_letters_and_digits_are_text_and_ctrl_j_invokes() -> None:
    async with opened(shop()) as ui:
        await ui.press("e")
        await ui.type('{"order": 42, "q": "im12?"}')
        ui.sees("valid · 27 B of 6 MB")
        await ui.press("ctrl+j")
        assert ui.service.gates.made("invoke")[-1][1] == b'{"order": 42, "q": "im12?"}'
        await ui.press("escape")
        assert ui.app.focused is ui.main.functions.table


async def test_payloads_stay_with_their_function() -> None:
    async with opened(shop()) as ui:
        await ui.press("e")
        await ui.type("[1]")
        await ui.press("escape", "j")
        assert ui.main.invocation.payload == "{}"
        await ui.press("k")
        assert ui.main.invocation.payload == "[1]"


async def test_the_last_payload_is_found_again_after_a_restart() -> None:
    service = shop()
    async with opened(service) as ui:
        ui.main.invocation.payload = '{"order": 7}'
        await ui.press("i")
        service.history.runs["checkout"] = [ui.main.invocation.response.invocation]  # type: ignore[list-item]
    async with opened(service) as ui:
        assert ui.main.invocation.payload == '{"order": 7}'


async def test_a_payload_that_is_no_json_is_not_sent_and_its_place_is_named() -> None:
    async with opened(shop()) as ui:
        await ui.press("e")
        await ui.type('{"order": }')
        ui.sees("line 1, column 11: expecting value", where="#gauge")
        await ui.press("ctrl+j")
        ui.sees("Not sent, the payload is not good: line 1", where="#summary")
        assert ui.service.gates.made("invoke") == []
        assert ui.main.invocation.payload == '{"order": }'


async def test_a_payload_over_the_limit_is_not_sent_and_big_ones_leave_the_editor() -> None:
    async with opened(shop()) as ui:
        ui.main.invocation.payload = '"' + "x" * (1024 * 1024) + '"'
        await ui.press("i")
        assert len(ui.service.gates.made("invoke")) == 1
        ui.sees("too big to edit here. E opens it in your editor", where="#outside")
        await ui.press("m", "i")
        ui.sees("2 B over the 1 MB that Event takes", where="#summary")
        assert len(ui.service.gates.made("invoke")) == 1


async def test_an_event_is_accepted_and_its_end_is_seen_in_the_log() -> None:
    async with opened(shop()) as ui:
        await ui.press("m")
        ui.sees("RequestResponse [Event] DryRun")
        await ui.press("i")
        assert ui.service.gates.made("invoke")[-1][3] == EVENT
        ui.sees("✓ 202  accepted", "✓ ran  12 ms", where="#invoke")


async def test_dry_run_checks_and_the_type_goes_back() -> None:
    async with opened(shop()) as ui:
        await ui.press("M", "i")
        assert ui.service.gates.made("invoke")[-1][3] == DRY
        ui.sees("✓ 204  checked", where="#invoke")
        await ui.press("M")
        ui.sees("[RequestResponse] Event DryRun")


async def test_a_click_on_the_type_chooses_it() -> None:
    async with opened(shop()) as ui:
        line = ui.text("#invoke").splitlines()[0]
        await ui.pilot.click("#invoke", offset=(line.index("Event") + 1, 0))
        await ui.settle()
        ui.sees("RequestResponse [Event] DryRun")


async def test_a_failed_run_shows_trace_answer_and_log_in_turn() -> None:
    async with opened(shop()) as ui:
        ui.main.invocation.payload = '{"boom": 1}'
        await ui.press("i", "3")
        ui.sees("✗ 200", "PaymentRefused: order 42", 'File "/var/task/handler.py", line 14', where="#invoke")
        await ui.press("space")
        ui.sees('"errorType": "PaymentRefused"', where="#invoke")
        await ui.press("space")
        ui.sees("charging card ****4242", where="#invoke")
        ui.sees("✗ error", where="#log")


async def test_a_cold_start_says_so() -> None:
    async with opened(shop()) as ui:
        ui.main.invocation.payload = '{"cold": 1}'
        await ui.press("i")
        ui.sees("◇ cold 109 ms", where="#invoke").sees("◇ init 109 ms", where="#log")


async def test_waiting_is_said_and_esc_stops_it() -> None:
    async with opened(shop()) as ui:
        gate = ui.service.gates.hold("invoke")
        await ui.press("i")
        await ui.pilot.pause(0.3)
        ui.sees("◌ waiting for checkout", "esc stops waiting", where="#invoke")
        await ui.press("escape")
        ui.sees("No longer waiting for checkout. The function may still run.", where="#summary")
        gate.set()
        await ui.settle()
        ui.misses("✓ 200")


async def test_an_error_of_the_service_is_said_in_place_and_nothing_typed_is_lost() -> None:
    async with opened(shop()) as ui:
        ui.main.invocation.payload = "[1, 2]"
        ui.service.gates.fail("invoke", Throttled("No concurrency is left for checkout. Wait, then press i."))
        await ui.press("i")
        ui.sees("No concurrency is left for checkout. Wait, then press i.", where="#summary")
        assert ui.main.invocation.payload == "[1, 2]"


async def test_a_bug_of_our_own_is_said_and_does_not_end_the_dashboard() -> None:
    async with opened(shop()) as ui:
        ui.service.gates.fail("invoke", ZeroDivisionError("oops"))  # type: ignore[arg-type]
        await ui.press("i")
        ui.sees("Something in lambdatui broke: ZeroDivisionError", where="#summary")


# -- log --------------------------------------------------------------------------------------


async def test_the_log_draws_runs_and_shows_them_raw_on_demand() -> None:
    async with opened(shop()) as ui:
        ui.sees("No logs yet: press i to invoke checkout.", where="#log")
        await ui.press("i", "4")
        ui.sees("14:02:10.113  ▶ 7c1e  version $LATEST  warm", "■ 7c1e  12 ms", where="#log")
        await ui.press("R")
        ui.sees("START RequestId: 7c1e", "END RequestId", "REPORT RequestId", "raw", where="#log")
        await ui.press("R")
        ui.misses("REPORT RequestId", where="#log")


async def test_an_answer_is_shown_beside_its_own_function_only() -> None:
    async with opened(shop()) as ui:
        await ui.press("i")
        ui.sees("✓ 200", where="#response")
        await ui.press("j")
        ui.sees("Nothing invoked yet.", where="#response").misses("✓ 200", where="#response")
        await ui.press("k")
        ui.sees("✓ 200", where="#response")


async def test_an_answer_that_comes_late_says_whose_it_is() -> None:
    service = shop()
    gate = service.gates.hold("invoke")
    async with opened(service) as ui:
        await ui.press("i", "j")
        gate.set()
        await ui.settle()
        ui.sees("checkout has answered. Go to it to see what.", where="#response")
        await ui.press("k")
        ui.sees("✓ 200", where="#response")


async def test_the_log_pauses_counts_filters_and_follows_the_chosen_function() -> None:
    async with opened(shop()) as ui:
        await ui.press("i", "4", "s")
        ui.sees("paused", where="#log")
        ms = int(NOW.timestamp() * 1000)
        ui.service.store.write_log("/aws/lambda/checkout", *(LogEvent(ms, f"line {n}") for n in range(3)))
        await ui.settle()
        await ui.pilot.pause(0.15)
        ui.sees("paused, 3 new", where="#log")
        await ui.press("s", "slash")
        await ui.type("line 1")
        ui.sees("line 1", "1 of", where="#log").misses("line 2", where="#log")
        await ui.type("00")
        ui.sees("Nothing matches “line 100”.", where="#log").misses("No logs yet", where="#log")
        await ui.press("escape", "1", "j")
        ui.sees("4 Log ─ invoice", "No logs yet", where="#log").misses("line 1", where="#log")


async def test_text_from_outside_is_never_markup() -> None:
    service = FakeService()
    service.store.add(version("[red]odd[/red]", "$LATEST", description="[b]bold[/b]"))
    async with opened(service) as ui:
        ms = int(NOW.timestamp() * 1000)
        service.store.write_log("/aws/lambda/[red]odd[/red]", LogEvent(ms, "[link=x]click[/link]"))
        service.gates.fail("invoke", Invalid("[blink]no[/blink]"))
        await ui.press("i", "x")
        ui.sees("[red]odd[/red]", "Delete function [red]odd[/red]?")
        await ui.press("escape")
        ui.sees("[b]bold[/b]", "[link=x]click[/link]", "[blink]no[/blink]")


async def test_a_log_that_cannot_be_had_says_why_and_r_tries_again() -> None:
    service = shop()
    service.gates.fail("follow", Denied("You may not read the log: logs:FilterLogEvents is missing."))
    async with opened(service) as ui:
        ui.sees("stopped, r tries again", "logs:FilterLogEvents is missing", where="#log")
        service.gates.fail("follow", None)
        await ui.press("r")
        ui.sees("4 Log ─ checkout ─ following", where="#log").misses("is missing", where="#log")


# -- layout -----------------------------------------------------------------------------------


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
