"""Invoking from the main screen: what is sent, what is answered, and what the log says of it."""

from __future__ import annotations

import pytest

from lambdatui.model import InvocationType, LogEvent
from lambdatui.service.errors import Denied, Invalid, Throttled
from tests.dashboard.driver import opened
from tests.dashboard.fake_account import NOW, version
from tests.dashboard.fakes import FakeService, shop

RR, EVENT, DRY = InvocationType.REQUEST_RESPONSE, InvocationType.EVENT, InvocationType.DRY_RUN


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
