"""What is said when a payload is not sent, and when the chosen function goes away."""

from __future__ import annotations

import asyncio
import json

import pytest
from textual import events

from tests.dashboard.driver import opened
from tests.dashboard.fakes import shop


async def test_a_chosen_function_that_was_deleted_is_named_and_its_refusal_goes() -> None:
    async with opened(shop()) as ui:
        ui.main.invocation.payload = "{"
        await ui.press("i")
        ui.sees("Not sent", where="#summary")
        del ui.service.store.functions["checkout"]
        ui.main.action_refresh()
        await ui.settle()
        now = ui.main.functions.table.cursor_key
        assert f"checkout is gone: it was deleted. The cursor is on {now} now." in ui.toasts()
        ui.misses("Not sent")


async def test_the_answer_of_a_function_that_was_deleted_goes() -> None:
    async with opened(shop()) as ui:
        await ui.press("i")
        ui.sees("✓ 200", where="#invoke")
        del ui.service.store.functions["checkout"]
        ui.main.action_refresh()
        await ui.settle()
        ui.misses("✓ 200", where="#invoke")


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_on_a_small_terminal_a_refusal_is_seen(size: tuple[int, int]) -> None:
    async with opened(shop(), size) as ui:
        ui.main.invocation.payload = "{"
        await ui.press("i")
        ui.sees("Not sent, the payload is not good")


async def test_a_refusal_goes_when_the_payload_is_mended() -> None:
    async with opened(shop()) as ui:
        ui.main.invocation.payload = "{"
        await ui.press("i")
        ui.sees("Not sent")
        ui.main.invocation.payload = "{}"
        await ui.settle()
        ui.misses("Not sent")


async def test_an_accepted_event_is_said_whole_and_slash_is_no_key_of_the_editor() -> None:
    async with opened(shop()) as ui:
        ui.sees("/ filter", where="Footer")
        await ui.press("m", "i")
        ui.sees("accepted; it runs from the queue", where="#summary")
        await ui.press("e")
        ui.misses("/ filter", where="Footer")


async def test_a_payload_too_big_for_the_editor_names_the_key_that_opens_it() -> None:
    async with opened(shop()) as ui:
        ui.main.invocation.payload = "x" * 70_000
        await ui.press("i")
        ui.sees("Press E to edit it.", where="#summary")


async def test_a_megabyte_pasted_is_kept_whole_and_holds_up_no_key() -> None:
    pasted = json.dumps([{"id": number, "name": "größer"} for number in range(30_000)], indent=1)
    async with opened(shop()) as ui:
        await ui.press("e", "backspace", "backspace")
        ui.app.post_message(events.Paste(pasted.replace("\n", "\r")))  # as terminals send line ends
        async with asyncio.timeout(20):
            while not ui.main.invocation.is_outside:
                await ui.settle()
        await ui.settle()
        ui.sees("1.4 MB, too big to edit here. E opens it in your editor.", where="#outside")
        await ui.press("i")
        assert ui.service.gates.made("invoke")[-1][1] == pasted.encode()
        await ui.press("e")
        ui.sees("1.4 MB, too big to edit here.", where="#outside")


async def test_an_answer_in_flight_when_its_function_is_deleted_never_stands_beside_another_one() -> None:
    service = shop()
    gate = service.gates.hold("invoke")
    async with opened(service) as ui:
        await ui.press("i")
        del service.store.functions["checkout"]
        ui.main.action_refresh()
        await ui.settle()
        ui.sees("checkout was deleted while its answer was awaited.", where="#invoke")
        gate.set()
        await ui.settle()
        ui.misses("✓ 200", where="#invoke")
        assert not ui.main.invoking.is_waiting


@pytest.mark.parametrize("key", ["p", "a", "x"])
async def test_the_buttons_of_a_dialog_are_seen_on_a_tiny_terminal(key: str) -> None:
    async with opened(shop(), (40, 12)) as ui:
        await ui.press(key)
        ui.sees({"p": "Publish", "a": "Cancel", "x": "Leave it"}[key], where="#buttons")
        buttons = ui.app.screen.query_one("#buttons").region
        assert buttons.bottom <= 11
