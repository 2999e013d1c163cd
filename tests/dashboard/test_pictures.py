"""How the dashboard looks, state by state. A picture per state, three sizes for the main screen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from lambdatui.model.rules import Rule
from lambdatui.service.errors import EngineFailed, Throttled
from tests.dashboard.driver import SIZES, dashboard, settle
from tests.dashboard.fakes import AWS, FakeService, shop

Compare = Callable[..., bool]
ANSWERED = ("2", "j", "i", "1")


@pytest.fixture(autouse=True)
def no_glow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A glow fades with time."""
    monkeypatch.setattr("lambdatui.dashboard.widgets.line_table.GLOW_SECONDS", 0)


@pytest.fixture(autouse=True)
def lowest_python_only(request: pytest.FixtureRequest) -> None:
    """Pictures are made by one Python, so that they change only when the dashboard does."""
    if request.config.getoption("--snapshot-update") and sys.version_info[:2] != (3, 11):
        pytest.fail("make pictures with Python 3.11")


def looks_right(
    compare: Compare,
    service: FakeService,
    *keys: str,
    size: tuple[int, int] = SIZES["120x40"],
    payload: str | None = None,
    **options: Any,
) -> bool:
    """Open the dashboard, press the keys, compare what is drawn."""

    async def before(pilot: Pilot[int]) -> None:
        for _ in range(4):
            await settle(pilot)
        if payload is not None:
            pilot.app.screen.query_one("#invoke").payload = payload  # type: ignore[attr-defined]
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        pilot.app.screen.query("Toast").remove()
        await settle(pilot)

    return compare(dashboard(service, **options), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_main_screen(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, shop(), *ANSWERED, size=size, payload='{"order": 42, "cold": true}')


def test_main_screen_in_the_light_theme(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), *ANSWERED, theme="light")


def test_aws_in_production(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(replace(AWS, rule=Rule(production=True))))


def test_a_failed_run(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), "i", "3", payload='{"boom": true}')


def test_small_invoke_tab(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), "i", size=SIZES["80x24"])


def test_tiny(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), size=(40, 12))


def test_filter(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), "slash", "p", "a", "y")


def test_bad_payload(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), "e", "ctrl+j", payload='{"order": 42,}')


def test_publish_dialog(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), "p")


def test_alias_dialog(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), "2", "j", "a")


def test_alias_dialog_in_80x24(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), "a", "enter", size=SIZES["80x24"])


def test_delete_dialog(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), "x")


def test_help(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), "question_mark")


def test_palette(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, shop(), "colon")


def test_no_functions(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, FakeService())


def test_no_target(snap_compare: Compare) -> None:
    service = FakeService()
    service.gates.fail("open", EngineFailed("Port 4574 is taken by process 99. Stop it, or use --port."))
    assert looks_right(snap_compare, service)


def test_errors_in_their_panes(snap_compare: Compare) -> None:
    service = shop()
    for call in ("versions", "invoke", "follow"):
        service.gates.fail(
            call, Throttled("Lambda asks for a pause: too many requests. Press r in a moment.")
        )
    assert looks_right(snap_compare, service, "i")
