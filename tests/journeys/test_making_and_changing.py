"""Functions made from what lies on the disk, good and bad, and many of them changed at once."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from tests.conftest import EngineProcess
from tests.journeys.watcher import Watcher, create, on_engine

CODE = "def handler(event, context):\n    return {'from': 'disk'}\n"


async def fill(ui: Watcher, text: str) -> None:
    """Type a value in the place of what stands in the field at hand."""
    field = ui.app.focused
    assert isinstance(field, Input), f"there is nothing to type into:\n{ui.text()}"
    field.value = ""
    await ui.burst(text)


async def reads(ui: Watcher, sentence: str) -> None:
    """Wait for a sentence in the form, which may go on in its next line."""
    words = sentence.split()
    await ui.until(*words, where="#said")
    ui.sees(sentence, where="#said")


async def new_from(ui: Watcher, name: str, source: str, origin: Path) -> None:
    """Fill in the form as far as the origin, and send it."""
    await ui.press("ctrl+n")
    await ui.until("New function")
    await fill(ui, name)
    await ui.press("tab")
    await fill(ui, source)
    await ui.press("tab")
    await fill(ui, str(origin))
    await ui.press("enter")


async def test_a_folder_and_a_zip_become_functions_and_what_is_neither_is_said(
    engine: EngineProcess, tmp_path: Path
) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "handler.py").write_text(CODE)
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.zip").write_bytes(b"PK, but no zip")
    with zipfile.ZipFile(tmp_path / "good.zip", "w") as archive:
        archive.writestr("handler.py", CODE)
    async with on_engine(engine) as ui:
        await ui.until("LOCAL engine", "? help")
        await new_from(ui, "from-disk", "folder", tmp_path / "empty")
        await reads(ui, "has no files")
        await ui.press("escape")
        await new_from(ui, "from-disk", "zip", tmp_path / "bad.zip")
        await reads(ui, "is not a zip that can be read")
        await ui.press("escape")
        await new_from(ui, "from-disk", "folder", tmp_path / "app")
        await ui.until("▸ from-disk")
        await ui.press("i")
        await ui.until("✓ 200", '"from": "disk"')
        await new_from(ui, "from-zip", "zip", tmp_path / "good.zip")
        await ui.until("▸ from-zip")
        await ui.press("i")
        await ui.until("3 Invoke ─ from-zip", "✓ 200", '"from": "disk"')
    client = engine.client("lambda")
    for name in ("from-disk", "from-zip"):
        client.delete_function(FunctionName=name)


@pytest.mark.parametrize(
    ("downs", "text", "said", "operation", "found"),
    [
        (0, "team=pay", "Add a tag: 2 done", "list_tags", {"team": "pay"}),
        (3, "3", "2 done", "get_function_concurrency", 3),
        (4, "14", "2 done", "describe_log_groups", 14),
    ],
    ids=["tag", "concurrency", "retention"],
)
async def test_what_is_changed_of_many_is_changed_of_each(
    engine: EngineProcess, downs: int, text: str, said: str, operation: str, found: Any
) -> None:
    names = [f"many-{downs}-{letter}" for letter in "ab"]
    for name in names:
        create(engine, name)
    client, logs = engine.client("lambda"), engine.client("logs")
    for name in names:
        client.get_waiter("function_active_v2").wait(FunctionName=name)
        client.invoke(FunctionName=name, Payload=b"{}")  # makes its log group
    async with on_engine(engine) as ui:
        await ui.until("LOCAL engine", "? help")
        await ui.press("slash")
        await fill(ui, f"many-{downs}")
        await ui.press("enter")
        await ui.until(*names)
        await ui.press("asterisk", "A")
        await ui.until("Change 2 marked functions")
        await ui.press(*["down"] * downs, "enter")
        await ui.burst(text)
        await ui.press("enter")
        await ui.press("enter")
        await ui.until(said)
    for name in names:
        arn = client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
        match operation:
            case "list_tags":
                assert client.list_tags(Resource=arn)["Tags"] == found
            case "get_function_concurrency":
                answer = client.get_function_concurrency(FunctionName=name)
                assert answer["ReservedConcurrentExecutions"] == found
            case _:
                (group,) = logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
                assert group["retentionInDays"] == found
        client.delete_function(FunctionName=name)
