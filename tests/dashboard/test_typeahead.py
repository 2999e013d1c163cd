"""Keys typed faster than they are answered do what they do when typed slowly."""

from __future__ import annotations

from tests.dashboard.driver import opened
from tests.dashboard.fakes import shop


async def test_a_filter_typed_at_once_is_whole_and_enter_goes_back_to_the_rows() -> None:
    async with opened(shop()) as ui:
        await ui.burst("/pay\r")
        ui.sees("1 of 5", "/ pay", where="#functions")
        assert ui.app.focused is ui.main.functions.table


async def test_what_comes_after_enter_in_a_filter_goes_to_the_rows() -> None:
    async with opened(shop()) as ui:
        await ui.burst("/pay\rp")
        ui.sees("1 of 5", "Publish payments", "/ pay")
        ui.misses("/ payp")


async def test_a_payload_typed_at_once_is_whole_and_is_sent() -> None:
    async with opened(shop()) as ui:
        await ui.burst('e{"a":1}\n')
        assert ui.service.gates.made("invoke")[-1][:2] == ("checkout", b'{"a":1}')


async def test_the_row_moved_to_is_the_row_invoked_with_its_own_payload_and_version() -> None:
    async with opened(shop()) as ui:
        await ui.press("2", "j", "1", "e")
        await ui.type('{"for":"checkout"}')
        await ui.press("escape")
        await ui.burst("ji")
        name, payload, qualifier, _ = ui.service.gates.made("invoke")[-1]
        assert (name, payload, qualifier) == ("invoice", b"{}", None)


async def test_what_is_typed_while_a_dialog_opens_goes_into_the_dialog() -> None:
    async with opened(shop()) as ui:
        await ui.burst("ptax hotfix\r")
        assert ui.service.gates.made("publish") == [("checkout", "tax hotfix")]
