"""Functions whose code is not on the disk: a zip in a bucket of the engine's own S3, a container image."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from lambdatui.engine.environments.images import oci
from tests.conftest import EngineProcess
from tests.dashboard.driver import WITHIN
from tests.engine.deploying import zipped
from tests.engine.images.building import standard
from tests.journeys.watcher import Watcher, on_engine

CODE = "def handler(event, context):\n    return {'from': 'the bucket'}\n"
TIMEOUT = "60"
"""For a first start on a machine that is busy."""


@pytest.fixture
def name(engine: EngineProcess) -> Iterator[str]:
    """A name that is free, and is free again afterwards."""
    chosen = f"made-{os.urandom(4).hex()}"
    yield chosen
    client = engine.client("lambda")
    with contextlib.suppress(client.exceptions.ResourceNotFoundException):
        client.delete_function(FunctionName=chosen)


async def fill(ui: Watcher, field: str, text: str) -> None:
    """Go to a field by tab, and type a value in the place of what stands there."""
    at = ui.app.screen.query_one(f"#{field}", Input)
    for _ in range(12):
        if at.has_focus:
            break
        await ui.press("tab")
    assert at.has_focus, f"tab does not lead to {field}:\n{ui.text()}"
    await ui.press("end", "ctrl+u")
    await ui.burst(text)
    async with asyncio.timeout(WITHIN):
        while at.value != text:
            await ui.pilot.pause(0.02)


async def filled_in(ui: Watcher, name: str, source: str, origin: str) -> None:
    """The form of a new function, as far as its time-out."""
    await ui.until("LOCAL engine", "? help")
    await ui.press("ctrl+n")
    await ui.until("New function")
    await fill(ui, "name", name)
    await fill(ui, "source", source)
    await ui.until({"S3": "In S3 ", "image": "Image "}[source], where="#create")
    await fill(ui, "origin", origin)
    await fill(ui, "timeout", TIMEOUT)


async def test_a_zip_in_a_bucket_becomes_a_function_and_a_wrong_key_is_said(
    engine: EngineProcess, name: str
) -> None:
    s3 = engine.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="builds/app.zip", Body=zipped({"handler.py": CODE}))
    async with on_engine(engine) as ui:
        await filled_in(ui, name, "S3", f"{name}/builds/gone.zip")
        await fill(ui, "handler", "handler.handler")
        await ui.press("enter")
        await ui.until("NoSuchKey", where="#said")
        ui.sees("New function", "builds/gone.zip", name)
        await fill(ui, "origin", f"s3://{name}/builds/app.zip")
        await ui.press("enter")
        await ui.until(f"▸ {name}", f"3 Invoke ─ {name}", "valid")
        await ui.press("i")
        await ui.until("✓ 200", '"from": "the bucket"', where="#invoke")
    found = await asyncio.to_thread(engine.client("lambda").get_function, FunctionName=name)
    assert found["Configuration"]["Handler"] == "handler.handler"


@pytest.mark.parametrize("kind", ["oci", "oci-archive"])
async def test_a_container_image_becomes_a_function_and_a_wrong_name_is_said(
    engine: EngineProcess, name: str, kind: str, tmp_path: Path
) -> None:
    runtime, trouble = oci.find()
    if not runtime:
        pytest.skip(f"{trouble} (Debian: runc)")
    built = standard(name)
    laid_out = kind == "oci"
    place = built.lay_out(tmp_path / "layout", "v1") if laid_out else built.archive(tmp_path / "image.tar")
    uri = f"{kind}:{place}:v1" if laid_out else f"{kind}:{place}"
    async with on_engine(engine) as ui:
        await filled_in(ui, name, "image", f"{uri}x")
        ui.misses("Runtime", "Handler", where="#create")
        await ui.press("enter")
        await ui.until("does not exist.", where="#said")
        ui.sees("New function", name, where="#create")
        await fill(ui, "origin", uri)
        await ui.press("enter")
        await ui.until(f"▸ {name}", f"3 Invoke ─ {name}", "valid")
        await ui.press("i")
        await ui.until("✓ 200", '"execution": "AWS_Lambda_Image"', f'"{name}"', where="#invoke")
        await ui.until("hello from the image", where="#log")
    found: dict[str, Any] = await asyncio.to_thread(engine.client("lambda").get_function, FunctionName=name)
    assert found["Configuration"]["PackageType"] == "Image"
    assert found["Code"]["ImageUri"] == uri
