"""How lines logged as JSON read, and what Enter on the end of a run does."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from lambdatui.dashboard.panes.runs import Reader
from lambdatui.model import LogEvent
from lambdatui.service.errors import NotFound
from tests.dashboard.drawn import until
from tests.dashboard.driver import SIZES, Person, opened
from tests.dashboard.fake_account import NOW
from tests.dashboard.fakes import AWS, FakeService, shop


def text_of(**said: object) -> str:
    event = LogEvent(0, json.dumps(said), "s", "1", level=str(said.get("level", "")))
    return "\n".join(line.text for line in Reader().lines([event]))


def test_json_with_a_message_reads_as_level_and_message_then_the_rest() -> None:
    said = text_of(timestamp="2026", level="WARN", message="card\nrefused", requestId="7c1e", order=42)
    assert said == "  WARN  card refused  order=42"


def test_json_without_a_message_stays_as_it_is() -> None:
    assert text_of(order=42) == '  {"order": 42}'


def test_something_that_only_begins_like_json_stays_as_it_is() -> None:
    event = LogEvent(0, "{not json", "s", "1")
    assert [line.text for line in Reader().lines([event])] == ["  {not json"]


async def _failed_run(ui: Person) -> None:
    await ui.press("e")
    await ui.type('{"boom":1}')
    await ui.press("escape", "i")


async def test_enter_on_the_end_of_a_failed_run_opens_its_error() -> None:
    service = shop()
    async with opened(service) as ui:
        await _failed_run(ui)
        service.history.runs["checkout"] = [ui.main.invocation.response.invocation]  # type: ignore[list-item]
        ui.main.invocation.response.clear()
        await ui.press("4", "comma", "enter")
        ui.sees("PaymentRefused", "order 42", where="#response")
        assert ui.app.focused is ui.main.invocation.response.viewer


async def test_a_run_whose_answer_is_not_kept_says_so() -> None:
    async with opened(shop()) as ui:
        await _failed_run(ui)
        await ui.press("4", "comma", "enter")
        assert any("is not kept" in toast for toast in ui.toasts())


async def test_the_response_says_what_such_runs_cost_on_aws_and_of_when_the_prices_are() -> None:
    async with opened(shop()) as ui:
        await ui.press("i")
        ui.sees("$0.25 per million runs · prices 2026-09-01", where="#response")
    async with opened(shop(AWS)) as ui:
        await ui.press("i")
        ui.sees("per million runs", where="#response")


# -- levels, times, ranges -----------------------------------------------------------------------


async def test_l_leaves_out_what_is_less_than_the_level_and_keeps_the_runs() -> None:
    async with opened(shop()) as ui:
        group = "/aws/lambda/checkout"
        ui.main.log_pane.grow(
            [
                LogEvent(0, "nothing of note", group, "1"),
                LogEvent(0, "[DEBUG] details", group, "2", level="DEBUG"),
                LogEvent(0, "[WARN] slow", group, "3", level="WARN"),
                LogEvent(0, "[ERROR] refused", group, "4", level="ERROR"),
            ]
        )
        await ui.press("4")
        runs = ui.text("#log").count("■")
        await ui.press("l")
        ui.sees("INFO and worse", "nothing of note", "slow", where="#log").misses("details", where="#log")
        await ui.press("l")
        ui.sees("WARN and worse", "slow", "refused", where="#log").misses("nothing of note", where="#log")
        await ui.press("l")
        ui.sees("ERROR and worse", "refused", where="#log").misses("slow", where="#log")
        assert ui.text("#log").count("■") == runs
        await ui.press("l")
        ui.sees("details", where="#log").misses("and worse", where="#log")


async def test_t_writes_times_with_the_date_and_in_utc() -> None:
    async with opened(shop(), SIZES["200x60"]) as ui:
        ui.main.log_pane.grow([LogEvent(1_792_000_000_123, "look here", "g", "1")])
        await ui.press("4")
        local = datetime.fromtimestamp(1_792_000_000)
        ui.sees(f" {local:%H:%M:%S}.123  ", where="#log")
        await ui.press("T")
        ui.sees(f"{local:%Y-%m-%d %H:%M:%S}.123  ", where="#log")
        await ui.press("T")
        ui.sees("2026-10-14T17:46:40.123Z  ", where="#log")
        await ui.press("T")
        ui.misses("17:46:40.123Z", where="#log")


async def test_the_log_begins_earlier_or_later_by_key() -> None:
    service = shop()
    since: list[int | None] = []
    follow = service.logs.follow

    def asked(group: str, *, since_ms: int | None = None, **options: Any) -> Any:
        since.append(since_ms)
        return follow(group, since_ms=since_ms, **options)

    service.logs.follow = asked  # type: ignore[method-assign]
    async with opened(service) as ui:
        now_ms = int(NOW.timestamp() * 1000)
        await ui.press("4", "less_than_sign")
        ui.sees("last 1 min", where="#log")
        assert since[-1] == now_ms - 60_000
        await ui.press(*["less_than_sign"] * 9)
        ui.sees("from its beginning", where="#log")
        assert since[-1] == 0
        asked_before = len(since)
        await ui.press("less_than_sign")
        assert len(since) == asked_before
        await ui.press("greater_than_sign")
        assert since[-1] == now_ms - 86_400_000


# -- several functions in one log ----------------------------------------------------------------


def _said(function: str, ms: int, text: str) -> LogEvent:
    return LogEvent(int(NOW.timestamp() * 1000) - ms, text, f"{function}-stream", f"{function}{ms}")


def _talking() -> FakeService:
    service = shop()
    for name, ms in (("checkout", 9000), ("checkout", 1000), ("payments", 5000)):
        service.store.write_log(f"/aws/lambda/{name}", _said(name, ms, f"{name} says {ms}"))
    return service


async def _add(ui: Person, name: str) -> None:
    await ui.press("4", "plus")
    await ui.type(name)
    await ui.press("enter")


async def test_plus_adds_a_function_to_the_log_in_the_order_of_time() -> None:
    async with opened(_talking()) as ui:
        await ui.press("4")
        ui.sees("4 Log ─ checkout ─ following").misses("checkout  ", where="#log")
        await ui.press("plus")
        ui.sees("Follow beside checkout", "payments").misses("checkout ", where="#picker LineTable")
        await ui.type("paym")
        await ui.press("enter")
        ui.sees("checkout + payments ─ following", where="#log")
        order = [line.text.strip() for line in ui.main.log_pane.view.items]
        assert order == ["checkout says 9000", "payments says 5000", "checkout says 1000"]
        ui.sees("payments    payments says 5000", where="#log")
        assert len({line.function for line in ui.main.log_pane.view.items}) == 2
        tones = ui.main.log_pane.view.renderer.tones  # type: ignore[attr-defined]
        assert len(set(tones.values())) == 2, "each has its colour"


async def test_an_added_function_stays_when_another_one_is_chosen_and_minus_takes_it_away() -> None:
    async with opened(_talking()) as ui:
        await ui.press("4")
        assert "minus" not in ui.app.screen.active_bindings
        await _add(ui, "paym")
        await ui.press("1", "j")
        ui.sees("4 Log ─ invoice + payments ─ following")
        await ui.press("4", "minus")
        ui.sees("4 Log ─ invoice ─ following").misses("payments says", where="#log")
        assert ui.toasts()[-1] == "payments is no longer followed."


async def test_minus_means_the_function_of_the_line_under_the_cursor() -> None:
    async with opened(_talking()) as ui:
        await _add(ui, "paym")
        await _add(ui, "invoice")
        ui.sees("checkout + payments + invoice")
        await ui.press("g", "j", "minus")  # a line of payments
        ui.sees("checkout + invoice")
        assert ui.toasts()[-1] == "payments is no longer followed, 2 others stay."


async def test_enter_on_a_run_of_an_added_function_goes_to_it_and_keeps_the_first() -> None:
    service = _talking()
    async with opened(service) as ui:
        await ui.press("j", "j", "j")
        await _failed_run(ui)
        assert ui.main.function_name == "payments"
        service.history.runs["payments"] = [ui.main.invocation.response.invocation]  # type: ignore[list-item]
        await ui.press("1", "g")
        await _add(ui, "paym")
        await ui.press("comma", "enter")
        ui.sees("PaymentRefused", where="#response")
        assert ui.main.function_name == "payments"
        ui.sees("checkout + payments", where="#log")


async def test_one_log_that_cannot_be_had_does_not_stop_the_others() -> None:
    service = _talking()
    follow = service.logs.follow

    async def fails_for_invoice(group: str, **options: Any) -> AsyncIterator[list[LogEvent]]:
        if "invoice" in group:
            raise NotFound("No such group.")
        async for events in follow(group, **options):
            yield events

    service.logs.follow = fails_for_invoice  # type: ignore[method-assign]
    async with opened(service) as ui:
        await _add(ui, "invoice")
        ui.sees("invoice: No such group.", where="#log")
        ui.sees("checkout + invoice ─ following", where="#log")
        service.store.write_log("/aws/lambda/checkout", _said("checkout", 0, "still here"))
        await until(ui.pilot, lambda: "still here" in ui.text("#log"))
        ui.sees("invoice: No such group.", where="#log")


async def test_an_added_function_that_is_deleted_leaves_the_log() -> None:
    service = _talking()
    async with opened(service) as ui:
        await _add(ui, "paym")
        del service.store.functions["payments"]
        await ui.press("r", "1", "j")
        ui.sees("4 Log ─ invoice ─ following")
