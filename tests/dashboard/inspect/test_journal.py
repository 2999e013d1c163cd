"""The journal: what was changed and said, and the way back."""

from __future__ import annotations

from typing import Any

from lambdatui.service.errors import Conflict
from lambdatui.service.undo import Step
from tests.dashboard.driver import opened
from tests.dashboard.fakes import AWS, FakeService, shop

LIVE = {"FunctionName": "checkout", "Name": "prod", "FunctionVersion": "2"}


class Written(FakeService):
    """A shop whose alias was moved and whose change was refused."""

    version = "3"

    async def read(self, _service: str, _operation: str, **_params: Any) -> dict[str, Any]:
        return {"FunctionVersion": self.version, "Description": "what users get"}

    async def fill(self) -> None:
        async def move() -> dict[str, Any]:
            self.version = "2"
            return {}

        async def refuse() -> dict[str, Any]:
            raise Conflict("Function checkout is being changed right now.")

        await self.journal.record(self.read, move, "lambda", "update_alias", LIVE)
        limit = {"FunctionName": "checkout", "ReservedConcurrentExecutions": 5}
        try:
            await self.journal.record(self.read, refuse, "lambda", "put_function_concurrency", limit)
        except Conflict:
            return

    async def undo(self, number: int) -> str:
        async def send(step: Step) -> None:
            self.version = step.params["FunctionVersion"]

        return await self.journal.undo(number, self.read, send)


async def written() -> Written:
    made = Written(AWS)
    made.store = shop(AWS).store
    await made.fill()
    return made


async def test_changes_refusals_and_messages_stand_below_each_other() -> None:
    async with opened(await written()) as ui:
        ui.app.notify("Copied it.")
        await ui.press("J")
        ui.sees("2 changes", "message")
        lines = ui.text("LineTable")
        assert "✓" in lines
        assert "UpdateAlias" in lines
        assert "checkout:prod" in lines
        assert "FunctionVersion 2" in lines
        assert "is being changed right now." in lines
        assert "Copied it." in lines


async def test_undo_says_what_it_sends_and_the_row_says_that_it_is_done() -> None:
    service = await written()
    async with opened(service) as ui:
        await ui.press("J", "G")
        ui.sees("u undo", "undo: UpdateAlias checkout:prod: FunctionVersion 3")
        await ui.press("u", "tab", "enter")  # the first change of the session on AWS asks
        ui.sees("Take back UpdateAlias of checkout:prod? This sends UpdateAlias checkout:prod")
        await ui.press("enter")
        assert service.version == "2"
        await ui.press("u", "tab", "enter")
        assert service.version == "3"
        await ui.until("undone")
        ui.misses("u undo ")


async def test_a_change_overtaken_by_another_stays() -> None:
    service = await written()
    async with opened(service) as ui:
        service.version = "1"
        await ui.press("J", "G", "u", "tab", "enter", "tab", "enter")
        ui.sees("was changed again since. Nothing was taken back.")
        assert service.version == "1"


async def test_an_empty_journal_says_what_it_is_for() -> None:
    async with opened(shop()) as ui:
        await ui.press("J")
        ui.sees("Nothing was changed or said yet.")
        await ui.resize(40, 12)
        ui.sees("Nothing was changed or said yet. What you change in this account is written down here.")
