"""A key pressed again while its answer is awaited sends nothing again."""

from __future__ import annotations

import pytest

from tests.dashboard.driver import opened
from tests.dashboard.fakes import shop
from tests.dashboard.test_create import workshop


@pytest.mark.parametrize(
    ("call", "ways"),
    [
        ("invoke", ["i"]),
        ("publish", ["p", "enter"]),
        ("put_alias", ["a", *"canary", "enter"]),
        ("delete", ["x", "tab", "enter"]),
        ("delete_alias", ["2", "j", "x", "tab", "enter"]),
    ],
)
async def test_a_slow_answer_and_an_impatient_hand(call: str, ways: list[str]) -> None:
    service = shop()
    gate = service.gates.hold(call)
    async with opened(service) as ui:
        await ui.press(*ways)
        assert len(service.gates.made(call)) == 1
        await ui.press(ways[-1], ways[-1], "enter")
        assert len(service.gates.made(call)) == 1
        gate.set()
        await ui.settle()
        assert len(service.gates.made(call)) == 1


async def test_a_function_is_made_once() -> None:
    service = workshop()
    gate = service.gates.hold("create")
    async with opened(service) as ui:
        await ui.press("ctrl+n", *"greeter", "enter", "enter", "enter")
        gate.set()
        await ui.settle()
        assert len(service.gates.made("create")) == 1


async def test_enter_in_a_burst_of_keys_confirms_once() -> None:
    service = shop()
    async with opened(service) as ui:
        await ui.burst("p\r\r\r")
        assert len(service.gates.made("publish")) == 1
