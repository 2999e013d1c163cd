"""The layers screen on a real engine: publish a folder, see who uses it, delete what nobody does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy
from tests.journeys.watcher import on_engine

CODE = "import money\ndef handler(event, context):\n    return money.rounded(1.5)\n"


async def test_a_folder_is_published_used_shared_and_deleted(
    fresh_engine: Callable[..., EngineProcess], tmp_path: Path
) -> None:
    engine = fresh_engine("--settle", "0")
    client = engine.client("lambda")
    name = await asyncio.to_thread(deploy, client, CODE, FunctionName="a-shop")
    folder = tmp_path / "layer"
    (folder / "python").mkdir(parents=True)
    (folder / "python" / "money.py").write_text("def rounded(value):\n    return round(value)\n")
    async with on_engine(engine) as ui:
        await ui.until("a-shop", where="#functions")
        await ui.press("L")
        await ui.until("No layers here.")
        for version in "12":
            await ui.press("p")
            await ui.until("Publish a layer version")
            await ui.press("ctrl+u", *"money", "tab")
            await ui.type(str(folder))
            await ui.press("enter")
            await ui.until(f"1 layer · {version} version")
        await ui.until("2 unused", where="#frame")
        await ui.until("no policy: this account only", where="#details")
        arn = (await asyncio.to_thread(client.get_layer_version, LayerName="money", VersionNumber=2))[
            "LayerVersionArn"
        ]
        await asyncio.to_thread(client.update_function_configuration, FunctionName=name, Layers=[arn])
        await ui.until("a-shop", "1 unused", where="#frame")  # another's change is seen
        answer = await asyncio.to_thread(client.invoke, FunctionName=name)
        assert answer["Payload"].read() == b"2"
        await asyncio.to_thread(
            client.add_layer_version_permission,
            LayerName="money",
            VersionNumber=1,
            StatementId="all",
            Principal="*",
            Action="lambda:GetLayerVersion",
        )
        await ui.press("G", "r")
        await ui.until("policy: all lets everybody use it", where="#details")
        await ui.press("x")
        await ui.until("Delete version 1 of money? No function uses it.")
        await ui.press("tab", "enter")
        await ui.until("1 layer · 1 version", where="#frame")
        left = await asyncio.to_thread(client.list_layer_versions, LayerName="money")
        assert [one["Version"] for one in left["LayerVersions"]] == [2]
