"""The function screen on a real engine: keys in, the engine's answers out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from tests.conftest import EngineProcess
from tests.journeys.watcher import Watcher, create, on_engine


async def open_function(ui: Watcher, engine: EngineProcess) -> None:
    """A function of its own, on its screen."""
    await asyncio.to_thread(create, engine, "a-checkout")
    await ui.press("r")
    await ui.until("a-checkout", where="#functions")
    await ui.press("g", "enter")
    await ui.until("Functions ▸ a-checkout ▸ Overview", "python3.11 · 128 MB · 3 s", "● Active")


async def replace_with(ui: Watcher, text: str) -> None:
    await ui.press("ctrl+u")
    await ui.type(text)
    await ui.press("enter")


async def test_settings_are_changed_published_and_compared(
    fresh_engine: Callable[..., EngineProcess],
) -> None:
    engine = fresh_engine()
    async with on_engine(engine) as ui:
        await open_function(ui, engine)
        await ui.press("3")
        await ui.until("Nothing published yet")
        await ui.press("p")
        await ui.until("Publish a-checkout")
        await ui.type("first")
        await ui.press("enter")
        await ui.until("1", "first", "1 version")

        await ui.press("2")
        await ui.until("Memory", "128 MB")
        await ui.press("j", "enter")
        await replace_with(ui, "256")
        await ui.until("128 MB ▸ 256 MB")
        await ui.press("ctrl+n")
        await ui.type("STAGE=prod")
        await ui.press("enter", "ctrl+s")
        await ui.until("Change the settings of a-checkout")
        await ui.press("enter")
        await ui.until("2 changes made to a-checkout.")
        raw = await asyncio.to_thread(
            engine.client("lambda").get_function_configuration, FunctionName="a-checkout"
        )
        assert (raw["MemorySize"], raw["Environment"]["Variables"]) == (256, {"STAGE": "prod"})

        await ui.press("3", "j", "d")
        await ui.until("Compare two of a-checkout")
        await ui.press("enter")
        await ui.until(
            "1 beside $LATEST", "128 MB", "256 MB", "STAGE", "not there", "The same on both sides."
        )


async def test_somebody_elses_change_is_seen_before_ours_is_sent(
    fresh_engine: Callable[..., EngineProcess],
) -> None:
    engine = fresh_engine()
    async with on_engine(engine) as ui:
        await open_function(ui, engine)
        await ui.press("2")
        await ui.until("Timeout", "3 s")
        await asyncio.to_thread(
            engine.client("lambda").update_function_configuration, FunctionName="a-checkout", Timeout=77
        )
        await ui.press("j", "enter")
        await replace_with(ui, "512")
        await ui.press("ctrl+s")
        await ui.until("Change the settings")
        await ui.press("enter")
        await ui.until("Somebody else changed this function")
        await ui.press("enter")
        await ui.until("3 s ▸ 77 s")
        await ui.press("enter")
        await ui.until("128 MB ▸ 512 MB", "77 s", "1 change not sent")


async def test_new_code_runs_after_it_was_uploaded(
    fresh_engine: Callable[..., EngineProcess], tmp_path: Path
) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "handler.py").write_text("def handler(event, context):\n    return 'new'\n")
    engine = fresh_engine()
    async with on_engine(engine) as ui:
        await open_function(ui, engine)
        await ui.press("4")
        await ui.until("handler.py", "def handler(event, context):", "order")
        await ui.press("U")
        await ui.until("Deploy code")
        ui.app.screen.query_one("#from").value = str(tmp_path / "code")  # type: ignore[attr-defined]
        await ui.press("enter")
        await ui.until("return 'new'")
        answer = await asyncio.to_thread(engine.client("lambda").invoke, FunctionName="a-checkout")
        assert json.loads(answer["Payload"].read()) == "new"


async def test_a_url_gets_its_two_grants(fresh_engine: Callable[..., EngineProcess]) -> None:
    engine = fresh_engine()
    async with on_engine(engine) as ui:
        await open_function(ui, engine)
        await ui.press("8")
        await ui.until("No URL, and nobody is granted anything")
        await ui.press("U")
        await ui.until("URL for a-checkout")
        await ui.press("tab")
        await replace_with(ui, "NONE")
        await ui.until("2 grants missing")
        await ui.press("f")
        await ui.until("Anybody on the net may then run this function.")
        await ui.press("tab", "enter")
        await ui.until(
            "Everyone may invoke it through its URL", "Everyone may call its URL without a signature"
        )
        policy = await asyncio.to_thread(engine.client("lambda").get_policy, FunctionName="a-checkout")
        assert len(json.loads(policy["Policy"])["Statement"]) == 2
