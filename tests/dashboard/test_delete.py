"""What goes with a function is said before it is deleted, also while nobody knows it."""

from __future__ import annotations

from tests.dashboard.driver import opened
from tests.dashboard.fakes import shop


async def test_versions_that_are_not_known_yet_are_said_to_go_too() -> None:
    async with opened(shop()) as ui:
        known = ui.service.gates.hold("versions")
        await ui.press("j", "x")
        ui.sees(
            "Delete function invoice? All its versions and aliases go with it; its log stays.", where="#text"
        )
        known.set()


async def test_a_function_without_any_has_only_its_log_to_be_named() -> None:
    async with opened(shop()) as ui:
        await ui.press("j", "x")
        ui.sees("Delete function invoice? Its log stays.", where="#text")
