"""The list of functions: its filter, columns, marks and what functions did lately."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lambdatui.dashboard.functions.query import Facts, completions, understood
from lambdatui.model import Function
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fake_account import NOW, version
from tests.dashboard.fakes import FakeService, shop


def fleet() -> FakeService:
    """The shop with tags, and a function on a runtime that is over."""
    service = shop()
    store = service.store
    store.add(version("old-report", runtime="python3.9", memory_mb=1024, ago=timedelta(days=400)))
    store.functions["checkout"] = Function(
        store.functions["checkout"].latest, {"team": "pay", "stage": "prod"}
    )
    store.functions["payments"] = Function(store.functions["payments"].latest, {"team": "pay"})
    service.metrics.counts["payments"] = ((0, 1, 2, 4, 8, 3), (0, 0, 0, 0, 0, 2))
    return service


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("runtime:python", ["checkout", "invoice", "old-report"]),
        ("!runtime:python", ["payments", "resize-image", "nightly-report"]),
        ("deprecated", ["old-report"]),
        ("ending", ["payments", "nightly-report"]),
        ("tag:team=pay", ["checkout", "payments"]),
        ("tag:stage", ["checkout"]),
        ("memory:>=1gb", ["resize-image", "old-report"]),
        ("timeout:<5", ["invoice"]),
        ("modified:<1d", ["checkout", "payments", "nightly-report"]),
        ("report !night", ["old-report"]),
        ("re ma", ["resize-image"]),
        ("memory:", ["checkout", "payments", "invoice", "resize-image", "nightly-report", "old-report"]),
    ],
)
def test_what_may_be_typed(typed: str, found: list[str]) -> None:
    functions = list(fleet().store.functions.values())
    query = understood(typed, Facts(lambda: NOW))
    kept = [each for each in functions if query.where is None or query.where(each)]
    names = [each.name for each in kept if not query.needle or query.needle.found_in(each.name)]
    assert sorted(names) == sorted(found)


def test_what_cannot_be_understood_is_said_and_hides_nothing() -> None:
    query = understood("memory:much pay", Facts(lambda: NOW))
    assert query.problem == "memory: write memory:>512"
    assert query.where is None


def test_words_are_completed_from_what_there_is() -> None:
    functions = list(fleet().store.functions.values())
    assert next(iter(completions("ru", functions))) == "runtime:"
    assert list(completions("runtime:n", functions)) == ["runtime:nodejs22.x"]
    assert list(completions("!tag:team=", functions)) == ["!tag:team=pay"]
    assert list(completions("nothing:", functions)) == []


async def test_tab_completes_in_the_filter_and_leaves_it_where_there_is_nothing_to_complete() -> None:
    async with opened(fleet()) as ui:
        await ui.press("slash")
        await ui.type("depr")
        await ui.press("tab")
        assert ui.main.functions.filter_line.text == "deprecated"
        ui.sees("1 of 6", "old-report", where="#functions").misses("checkout", where="#functions")
        await ui.press("tab")
        assert ui.main.focused is not ui.main.functions.filter_line.input


async def test_a_filter_by_tag_asks_for_the_tags_of_rows_out_of_sight() -> None:
    service = fleet()
    for number in range(150):
        service.store.add(version(f"job-{number:03}", ago=timedelta(days=3)))
    last = service.store.functions["job-149"]
    service.store.functions["job-149"] = Function(last.latest, {"team": "night"})
    async with opened(service) as ui:
        await ui.press("slash")
        await ui.type("tag:team=night")
        for _ in range(5):
            await ui.settle()
        ui.sees("1 of 156", "job-149", where="#functions").misses("asking for", where="#functions")


async def test_a_filter_that_cannot_be_understood_says_what_to_write() -> None:
    async with opened(fleet()) as ui:
        await ui.press("slash")
        await ui.type("memory:lots")
        ui.sees("memory: write memory:>512", "checkout", where="#functions")


async def test_columns_are_chosen_and_sorted_by_in_one_dialog() -> None:
    async with opened(fleet(), SIZES["200x60"]) as ui:
        ui.misses("runtime ends", where="#functions")
        await ui.press("vertical_line", *["j"] * 8, "space", "enter")
        ui.sees("sorted by")
        await ui.press("escape")
        ui.sees("runtime ends ↑", "since 2025-12-15", where="#functions")
        assert ui.main.functions.table.rows[0].name == "old-report"


async def test_the_last_hour_is_a_line_and_errors_are_seen_without_colour() -> None:
    async with opened(fleet(), SIZES["200x60"]) as ui:
        lines = ui.text("#functions").splitlines()
        payments = next(line for line in lines if "payments" in line)
        assert "▂▃▅█▄  ●✗" in payments
        checkout = next(line for line in lines if "checkout" in line)
        assert "✗" not in checkout
        await ui.press("slash")
        await ui.type("errors")
        ui.sees("1 of 6", "payments", where="#functions")


async def test_activity_is_asked_for_rows_in_sight_only_and_not_again_at_once() -> None:
    service = fleet()
    for number in range(200):
        service.store.add(version(f"job-{number:03}"))
    async with opened(service) as ui:
        await ui.tick()
        asked = service.gates.made("activity")
        assert len(asked) == 1
        assert len(asked[0][0]) < 60  # type: ignore[arg-type]


async def test_a_deprecated_runtime_has_a_sign_and_its_date_is_below() -> None:
    async with opened(fleet()) as ui:
        ui.sees("python3.9 ▲", where="#functions")
        ui.main.choose("old-report")
        await ui.settle()
        ui.sees("python3.9 ▲ ended 2025-12-15", where="#functions")


async def test_marks_all_none_and_the_others() -> None:
    async with opened(fleet()) as ui:

        def marked() -> int:
            return len(ui.main.functions.table.marked_keys)

        await ui.press("space", "space")
        ui.sees("2 marked", where="#functions")
        await ui.press("tilde")
        assert marked() == 4
        await ui.press("asterisk")
        assert marked() == 6
        await ui.press("asterisk")
        ui.misses("marked", where="#functions")
        await ui.press("slash")
        await ui.type("pay")
        await ui.press("enter", "asterisk")
        assert ui.main.functions.table.marked_keys == ("payments",)
