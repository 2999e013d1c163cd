"""Concurrency: one bar, the top users, throttles with reasons, and what a change would do."""

from __future__ import annotations

from dataclasses import replace

from lambdatui.dashboard.inspect.pool import bar
from lambdatui.model.concurrency import ConcurrencyView, FunctionShare, what_if
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fakes import AWS, shop
from tests.dashboard.inspect.account import ACTIVITY, SHARES, FakePool
from tests.dashboard.inspect.inside import engine


async def test_the_pool_is_one_bar_with_its_figures() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("K")
        ui.sees("5 functions", "limits of 1 are being asked for")
        ui.sees("▓ 50 reserved  ■ 20 provisioned  ░ 930 unreserved  of 1,000", where="#pool")
        ui.sees("most at one time, 1 h: 83, of them 33 unreserved", "✗ 419 throttled")
        first = ui.text("#pool").splitlines()[0]
        assert (first.count("▓"), first.count("■"), first.count("░")) == (6, 2, 108)
        service.pool.know(4)
        await ui.pilot.pause(0.3)
        ui.misses("being asked for")


async def test_each_function_says_its_share_its_peak_and_why_it_was_throttled() -> None:
    service, _ = engine()
    async with opened(service, SIZES["200x60"]) as ui:
        await ui.press("K")
        checkout, payments, invoice, report, resize = ui.text("LineTable").splitlines()[1:6]
        full = "ReservedFunctionConcurrentInvocationLimitExceeded: all 50 reserved were in use"
        for part in ("checkout", " 50 ", "✗ 412", full):
            assert part in checkout
        assert "14/20" in payments
        assert "show no limit that was reached" in invoice
        assert "✗ 0" in report
        assert "…" in resize
        ui.sees("50 reserved: its guarantee and its limit", "412 throttled: Reserved", where="#details")
        await ui.press("j")
        ui.sees("shares 930 unreserved", "prod: 14 of 20 ready, in progress", where="#details")


async def test_a_change_shows_what_it_does_before_it_is_sent() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("K", "enter", "ctrl+u")
        ui.sees("Nothing is kept for checkout any more")
        await ui.type("950")
        ui.sees("✗ AWS keeps 100 unreserved: checkout can have 900 at most.", "950 reserved")
        await ui.press("enter")
        ui.sees("Nothing was sent.")
        assert not service.gates.made("reserve")
        await ui.press("ctrl+u")
        await ui.type("30")
        ui.sees("▲ checkout ran 50 at a time within the hour", "30 reserved", "950 unreserved")
        await ui.press("ctrl+u")
        await ui.type("many")
        ui.sees("A whole number; 0 stops the function")
        await ui.press("ctrl+u")
        await ui.type("80")
        ui.sees("✓ Nobody who ran within the hour is held back.")
        await ui.press("enter")
        assert service.gates.made("reserve") == [("checkout", 80)]
        assert ui.toasts()[-1] == "checkout runs at most 80 times at once."


async def test_a_reservation_is_taken_back_with_nothing() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("K", "enter", "ctrl+u", "enter")
        assert service.gates.made("unreserve") == [("checkout",)]


async def test_provision_by_key_with_the_alias_known() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("K", "j", "ctrl+n")
        ui.sees("Provisioned concurrency of payments", "prod")
        await ui.press("tab", "5", "enter")
        assert service.gates.made("provision") == [("payments", "prod", 5)]


async def test_it_is_there_on_aws_too_and_works_without_metrics() -> None:
    service = shop(AWS)
    service.pool = FakePool(service.gates)
    service.pool.activity = None
    service.pool.shares = [replace(one, concurrent=(), throttles=0) for one in SHARES]
    async with opened(service) as ui:
        await ui.press("K")
        ui.sees("─ Concurrency ─", "There are no metrics here", "checkout")


async def test_the_filter_keeps_what_matches() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("K", "slash")
        await ui.type("pay")
        await ui.press("enter")
        ui.sees("payments", where="LineTable").misses("invoice", where="LineTable")
        await ui.press("escape")
        ui.sees("invoice", where="LineTable")


async def test_read_only_changes_nothing() -> None:
    service, _ = engine()
    service.target = replace(service.target, read_only=True)
    async with opened(service) as ui:
        await ui.press("K", "enter", "ctrl+n")
        ui.sees("─ Concurrency ─").misses("Reserved concurrency of", "Provisioned concurrency of")


def test_what_a_change_would_do() -> None:
    view = ConcurrencyView("1", 1000, 950, SHARES, ACTIVITY)
    checkout, payments, _, report, _ = SHARES
    assert what_if(view, payments, 10).refusals == ("20 are provisioned for payments: reserve no less.",)
    assert what_if(view, payments, 850).refusals == ()
    assert what_if(view, payments, 851).refusals == (
        "AWS keeps 100 unreserved: payments can have 850 at most.",
    )
    assert what_if(view, payments, 0).warnings == ("It stops payments: every call is throttled.",)
    assert what_if(view, report, 50).warnings == ()
    tight = replace(view, limit=200, unreserved=150)
    (warning,) = what_if(tight, report, 110).warnings
    assert warning == "The others ran 33 at a time: 20 are left for them."
    assert what_if(view, checkout, None).after.unreserved == 1000


def test_reasons_follow_from_limits_and_peaks() -> None:
    full = ConcurrencyView("1", 60, 30, (), ACTIVITY)
    shared = full.throttled_by(FunctionShare("a", True, None, throttles=2))
    assert shared == "ConcurrentInvocationLimitExceeded: all 30 unreserved were in use"
    stopped = full.throttled_by(FunctionShare("a", True, 0, throttles=2))
    assert stopped.endswith("it is stopped, its reserved concurrency is 0")
    assert full.throttled_by(FunctionShare("a")) == ""


def test_the_bar_shows_a_little_share_too() -> None:
    share = FunctionShare("a", True, 1)
    cells = bar(ConcurrencyView("1", 1000, 999, (share,)), 40)
    assert [len(text) for text, _ in cells] == [1, 0, 39]
