"""Sample events as payloads and calls to copy, from the palette."""

from __future__ import annotations

import json

from lambdatui.events import get
from tests.dashboard.driver import opened
from tests.dashboard.fakes import shop


async def test_an_event_is_found_in_the_palette_filled_in_and_sent() -> None:
    async with opened(shop()) as ui:
        await ui.press("colon")
        await ui.type("event sqs")
        await ui.press("enter")
        ui.sees("Event: ")
        await ui.press("enter", "i")
        name, payload, *_ = ui.service.gates.made("invoke")[-1]
        assert name == "checkout"
        assert json.loads(payload)["Records"][0]["eventSource"] == "aws:sqs"  # type: ignore[arg-type]


async def test_a_parameter_that_is_wrong_is_said_beside_what_was_typed() -> None:
    async with opened(shop()) as ui:
        ui.main.deeds.fill_event(get("sqs"))
        await ui.settle()
        field = ui.app.screen.query_one("#count")
        field.focus()
        await ui.press("end", "x", "enter")
        ui.sees("count takes a whole number")
        assert not ui.service.gates.made("invoke")


async def test_the_boto3_call_that_is_copied_is_python_and_says_what_is_chosen() -> None:
    async with opened(shop()) as ui:
        await ui.press("2", "j", "colon")
        await ui.type("as boto3")
        await ui.press("enter")
        (call,) = ui.copies
        compile(call, "copied", "exec")
        assert (
            "client.invoke(FunctionName='checkout', Qualifier='prod', InvocationType='RequestResponse'"
            in call
        )
        assert "endpoint_url='http://127.0.0.1:4574'" in call
        assert "Payload=b'{}'" in call
