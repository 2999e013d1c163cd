"""A working hour with invocations on a real engine: payload kept, burst, comparison, event, shift."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.conftest import EngineProcess
from tests.journeys.watcher import Watcher, create, on_engine


async def replace_with(ui: Watcher, text: str) -> None:
    await ui.press("ctrl+u")
    await ui.type(text)


async def two_versions(ui: Watcher, engine: EngineProcess) -> None:
    """A function with two versions and an alias on the first."""
    await asyncio.to_thread(create, engine, "a-checkout")
    client = engine.client("lambda")

    def publish() -> None:
        client.get_waiter("function_active_v2").wait(FunctionName="a-checkout")
        client.publish_version(FunctionName="a-checkout")
        client.update_function_configuration(FunctionName="a-checkout", Description="second")
        client.get_waiter("function_updated_v2").wait(FunctionName="a-checkout")
        client.publish_version(FunctionName="a-checkout")
        client.create_alias(FunctionName="a-checkout", Name="prod", FunctionVersion="1")

    await asyncio.to_thread(publish)
    await ui.press("r")
    await ui.until("a-checkout", where="#functions")
    await ui.press("g")
    await ui.until("3 Invoke ─ a-checkout", "◀ prod")


async def test_payload_burst_comparison_event_and_shift(fresh_engine: Callable[..., EngineProcess]) -> None:
    engine = fresh_engine()
    async with on_engine(engine) as ui:
        await two_versions(ui, engine)
        ui.main.invocation.payload = '{"order": 7}'
        await ui.press("P")
        await ui.until("Payloads ▸ a-checkout", "SQS: a batch")
        await ui.press("ctrl+n")
        await ui.until("Save the payload of a-checkout")
        await ui.type("seven")
        await ui.press("enter")
        await ui.until("saved", "seven", "12 B")
        await ui.press("escape")

        await ui.press("2", "j", "number_sign")
        await ui.until("Invoke a-checkout:prod many times")
        await replace_with(ui, "20")
        await ui.press("enter")
        await ui.until("20 of 20", "✓ 20", "Versions", "p95")
        await ui.press("escape")

        await ui.press("equals_sign")
        await ui.until("Compare two answers")
        await ui.press("tab")
        await replace_with(ui, "2")
        await ui.press("enter")
        await ui.until("1 difference", '"1"', '"2"')
        await ui.press("escape")

        ui.main.invocation.payload = '{"boom": 1}'
        await ui.press("m", "i")
        await ui.until("attempt 1 of 3 failed: ValueError", where="#summary")
        await ui.press("m")

        await ui.press("2", "b")
        await ui.until("Shift traffic of a-checkout")
        await ui.press("tab", "tab")
        await replace_with(ui, "50% 1s, 100%")
        await ui.press("enter")
        await ui.until("✓ Done: prod sends everything to version 2.")
        raw = await asyncio.to_thread(
            engine.client("lambda").get_alias, FunctionName="a-checkout", Name="prod"
        )
        assert (raw["FunctionVersion"], raw.get("RoutingConfig")) == ("2", None)
        await ui.press("u")
        await ui.until("Back: prod is at version 1 alone.")
        raw = await asyncio.to_thread(
            engine.client("lambda").get_alias, FunctionName="a-checkout", Name="prod"
        )
        assert raw["FunctionVersion"] == "1"
