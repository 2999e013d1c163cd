"""The journeys of the README on a real engine: keys in, real functions run."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.widgets import Input

from tests.conftest import EngineProcess
from tests.journeys.watcher import create, on_engine


async def test_create_see_invoke_publish_alias_and_log(fresh_engine: Any) -> None:
    engine: EngineProcess = fresh_engine()
    async with on_engine(engine) as ui:
        await ui.until("LOCAL engine", "hello", "flaky", where="")  # an empty engine gets the samples
        await asyncio.to_thread(create, engine, "a-checkout")
        await ui.until("a-checkout", where="#functions")
        await ui.press("g")
        await ui.until("3 Invoke ─ a-checkout", "$LATEST", where="")
        await ui.until("MB · ", where="#functions")

        await ui.press("i")
        await ui.until("✓ 200", '"charged": true', '"version": "$LATEST"', "cold", where="#invoke")
        await ui.until("▶", "order None", "■", where="#log")
        await ui.press("i")
        await ui.until("✓ 200", "warm", where="#invoke")

        await ui.press("p")
        await ui.until("Publish a-checkout")
        await ui.type("first")
        await ui.press("enter")
        await ui.until("1         first", where="#versions")

        await ui.press("2", "j", "a")
        await ui.until("New alias of a-checkout")
        assert ui.app.screen.query_one("#version", Input).value == "1"
        await ui.type("prod")
        await ui.press("enter")
        await ui.until("◀ prod", "100 %", where="#versions")
        await ui.press("g", "j")
        await ui.until("a-checkout:prod", where="#invoke")
        await ui.press("i")
        await ui.until('"version": "1"', where="#invoke")

        await ui.press("e")
        await ui.type('{"order": 42}')
        await ui.press("ctrl+j", "escape")
        await ui.until("order 42", where="#log")

        await ui.press("m", "i")
        await ui.until("✓ 202  accepted", "✓ ran", where="#invoke")


async def test_what_goes_wrong_is_said_where_it_happened(engine: EngineProcess) -> None:
    await asyncio.to_thread(create, engine, "a-failing")
    await asyncio.to_thread(create, engine, "a-syntax-error", "def handler(event, context:\n")
    async with on_engine(engine) as ui:
        await ui.until("a-failing", where="#functions")
        ui.main.choose("a-failing")
        await ui.until("3 Invoke ─ a-failing", "valid", "MB · ")
        await ui.press("e")
        await ui.type('{"boom": 1}')
        await ui.press("ctrl+j")
        await ui.until("✗ 200", "ValueError: no such order", "Stack trace", where="#invoke")
        await ui.until("✗ error", where="#log")
        await ui.press("escape")

        ui.main.choose("a-syntax-error")
        await ui.until("3 Invoke ─ a-syntax-error", "MB · ")
        await ui.press("i")
        await ui.until("Runtime.UserCodeSyntaxError", where="#invoke")

        await asyncio.to_thread(engine.client("lambda").delete_function, FunctionName="a-syntax-error")
        await ui.until("3 Invoke ─ ")
        await asyncio.to_thread(engine.client("lambda").delete_function, FunctionName="a-failing")


async def test_an_engine_that_dies_is_said_and_found_again(fresh_engine: Any) -> None:
    engine: EngineProcess = fresh_engine()
    async with on_engine(engine) as ui:
        await ui.until("hello", where="#functions")
        engine.stop(9)
        await ui.until("is gone", where="#functions")
        ui.sees("hello", where="#functions")
        await ui.until("no answer", where="Header")
        ui.misses("warm", "queue", where="Header")
        again = fresh_engine(data_dir=engine.data_dir)
        await ui.until_gone("is gone")
        await ui.until(f"LOCAL engine :{again.port}", "warm", where="Header")
        await ui.until("$LATEST", where="#versions")


async def test_samples_go_and_come_by_the_palette(fresh_engine: Any) -> None:
    async with on_engine(fresh_engine()) as ui:
        await ui.until("hello", "MB · ", where="#functions")
        await ui.press("colon")
        await ui.type("remove the sample")
        await ui.until("Remove the sample functions")
        await ui.press("down", "enter")
        await ui.until("No functions yet.", where="#functions")
