"""Code that goes up and down by keys: watched folders, uploads and downloads that outlive their screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lambdatui.dashboard.background import background_of
from lambdatui.service.errors import Denied
from lambdatui.service.watch import Redeploy, Watch
from tests.dashboard.driver import SIZES, Person, opened
from tests.dashboard.fake_account import NOW
from tests.dashboard.fakes import AWS, shop
from tests.dashboard.function.busy import full
from tests.dashboard.test_pictures import looks_right, lowest_python_only, no_glow

__all__ = ["lowest_python_only", "no_glow"]  # fixtures

Compare = Callable[..., bool]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder called app, in the present one."""
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "app"
    source.mkdir()
    (source / "main.py").write_text("x = 1\n")
    return source


async def until(ui: Person, true: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await ui.pilot.pause(0.02)
    await ui.settle()


async def watch(ui: Person) -> None:
    await ui.press("enter", "4", "H")
    await ui.type("app")
    await ui.press("enter")


async def test_a_watched_folder_is_deployed_when_it_is_saved(folder: Path) -> None:
    async with opened(full()) as ui:
        await watch(ui)
        made = ui.service.gates.made
        await until(ui, lambda: len(made("deploy")) == 1)
        ui.sees("watching app", "deployed", "H stops it", "main.py", "x = 1").misses("handler.py")
        await ui.press("escape")
        assert ui.app.screen is ui.main
        ui.sees("watching checkout ✓")
        (folder / "main.py").write_text("x = 22\n")
        await until(ui, lambda: len(made("deploy")) == 2)
        await ui.press("enter", "4")
        ui.sees("x = 22", "watching app")
        (folder / "main.py").unlink()
        await until(ui, lambda: "has no files" in ui.text())
        ui.sees("✗ watching app", "not deployed: The folder app has no files")
        await ui.press("H")
        ui.misses("watching")
        assert any("not redeployed any more" in said for said in ui.toasts())
        await ui.press("H")
        assert ui.app.screen.query_one("#from").value == "app"  # type: ignore[attr-defined]


async def test_a_folder_that_is_not_there_is_not_watched() -> None:
    async with opened(full()) as ui:
        await ui.press("enter", "4", "H")
        await ui.type("nowhere")
        await ui.press("enter")
        ui.sees("There is no file or folder nowhere.")
        assert not background_of(ui.app).summary


async def test_watching_on_aws_is_asked_for_once_and_read_only_has_no_key() -> None:
    async with opened(shop(AWS)) as ui:
        await ui.press("enter", "4", "H")
        ui.sees("First change on AWS")
        await ui.press("tab", "enter")
        ui.sees(f"AWS account {AWS.account} in {AWS.region}")
    async with opened(shop(replace(AWS, read_only=True))) as ui:
        await ui.press("enter", "4")
        ui.sees("W download").misses("H watch", "U upload")


async def test_a_watch_ends_with_its_target() -> None:
    service = full()
    async with opened(service) as ui:
        await watch(ui)
        await until(ui, lambda: service.gates.made("deploy"))
        ui.app.go_to(service.spec)  # type: ignore[attr-defined]
        await ui.settle()
        assert not background_of(ui.app).summary
        assert any("Watching checkout ended" in said for said in ui.toasts())


async def test_an_upload_goes_on_when_the_screen_is_left() -> None:
    service = full()
    gate = service.gates.hold("deploy")
    async with opened(service) as ui:
        await upload(ui)
        ui.sees("uploading app: 50 % of", "s stops it", "uploading checkout 50 %")
        await ui.press("escape")
        ui.sees("uploading checkout 50 %")
        gate.set()
        await ui.settle()
        ui.misses("uploading")
        assert any("checkout runs app now" in said for said in ui.toasts())


async def upload(ui: Person) -> None:
    await ui.press("enter", "4", "U")
    await ui.type("app")
    await ui.press("enter")


async def test_an_upload_is_stopped() -> None:
    service = full()
    service.gates.hold("deploy")
    async with opened(service) as ui:
        await ui.press("enter", "4")
        ui.misses("s stop")
        await ui.press("escape")
        await upload(ui)
        await ui.press("s")
        ui.misses("uploading app")
        assert any("Stopped uploading. Nothing was changed." in said for said in ui.toasts())
        ui.sees("handler.py")


async def test_an_upload_that_is_refused_says_so() -> None:
    service = full()
    service.gates.fail("deploy", Denied("You may not."))
    async with opened(service) as ui:
        await upload(ui)
        assert any("checkout: You may not." in said for said in ui.toasts())
        ui.misses("uploading app")


async def test_a_package_that_is_not_here_yet_is_fetched_and_saved(tmp_path: Path) -> None:
    service = full()
    gate = service.gates.hold("download")
    async with opened(service) as ui:
        await ui.press("enter", "4", "W", "enter")
        ui.sees("downloading to checkout.zip")
        await ui.press("escape")
        gate.set()
        await ui.settle()
        assert (tmp_path / "checkout.zip").read_bytes() == service.parts.packages["$LATEST"]
        assert any("checkout.zip written" in said for said in ui.toasts())


async def test_a_download_is_stopped_and_leaves_no_file(tmp_path: Path) -> None:
    service = full()
    gate = service.gates.hold("download")
    async with opened(service) as ui:
        await ui.press("enter", "4", "W", "enter")
        ui.sees("downloading to checkout.zip", "s stop")
        await ui.press("s")
        ui.misses("downloading to")
        assert any("Stopped downloading. Nothing was changed." in said for said in ui.toasts())
        gate.set()
        await ui.settle()
        assert not (tmp_path / "checkout.zip").exists()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_watching(snap_compare: Compare, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(self: Watch) -> None:
        self._told(Redeploy(NOW, 12_345, 0.34, "sha"))
        await asyncio.Event().wait()

    monkeypatch.setattr(Watch, "run", run)
    keys = ("enter", "4", "H", "a", "p", "p", "enter")
    assert looks_right(snap_compare, full(), *keys, size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_uploading(snap_compare: Compare, size: tuple[int, int]) -> None:
    service = full()
    service.gates.hold("deploy")
    assert looks_right(snap_compare, service, "enter", "4", "U", "a", "p", "p", "enter", size=size)
