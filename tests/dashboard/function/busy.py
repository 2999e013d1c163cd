"""The shop of the fakes with a function that has everything."""

from __future__ import annotations

from tests.dashboard.driver import Person
from tests.dashboard.fakes import FakeService, shop


def full() -> FakeService:
    """The shop with a busy checkout."""
    service = shop()
    service.parts.fill()
    return service


async def clear_and_type(ui: Person, text: str) -> None:
    await ui.press("ctrl+u")
    await ui.type(text)
