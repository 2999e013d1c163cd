"""What a restart finds again."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

from lambdatui.dashboard import session
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fakes import AWS, LOCAL, FakeService, shop


def kept(home: Path) -> list[Path]:
    return sorted(home.glob("state/sessions/*.json"))


async def test_the_same_place_is_there_again(tmp_path: Path) -> None:
    async with opened(shop(), SIZES["200x60"]) as ui:
        await ui.press("vertical_line", *["j"] * 8, "space", "enter", "escape", "slash")
        await ui.type("!runtime:ruby")
        await ui.press("enter", "j", "m", "e")
        await ui.type('{"mine": 1}')
        await ui.press("escape", "2")
        chosen = ui.main.function_name
        await ui.press("q")
    (file,) = kept(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with opened(shop(), SIZES["200x60"]) as ui:
        assert ui.main.function_name == chosen
        ui.sees("/ !runtime:ruby", "4 of 5", "runtime ends ↑", where="#functions")
        ui.sees('{"mine": 1}', "[Event]", where="#invoke")
        assert ui.main.pane_name == "versions"


async def test_the_version_chosen_is_kept_with_its_function() -> None:
    async with opened(shop()) as ui:
        await ui.press("2", "j", "j")
        assert ui.main.qualifier == "stage"
        await ui.press("q")
    async with opened(shop()) as ui:
        assert ui.main.qualifier == "stage"


async def test_another_account_has_a_place_of_its_own(tmp_path: Path) -> None:
    async with opened(shop()) as ui:
        await ui.press("slash")
        await ui.type("pay")
        await ui.press("enter", "q")
    async with opened(shop(AWS)) as ui:
        ui.misses("/ pay", where="#functions")
        await ui.press("q")
    async with opened(shop(replace(AWS, account="210987654321"))) as ui:
        await ui.press("j", "q")
    assert len(kept(tmp_path)) == 3


async def test_a_file_that_makes_no_sense_is_as_good_as_none(tmp_path: Path) -> None:
    file = session.file_of(FakeService().spec, LOCAL)
    assert file is not None
    file.parent.mkdir(parents=True)
    for text in (
        "{",
        "[]",
        json.dumps({"columns": 7, "order": ["x"], "payloads": [1], "kind": {}, "top": "x"}),
    ):
        file.write_text(text)
        async with opened(shop()) as ui:
            ui.sees("1 Functions ─ 5", "checkout")


async def test_a_key_pressed_before_the_list_came_counts_more() -> None:
    async with opened(shop()) as ui:
        await ui.press("j", "j", "j", "q")
    async with opened(shop()) as ui:
        assert ui.main.function_name == "payments"
        await ui.press("g")
        await ui.press("r")
        assert ui.main.function_name == "checkout"


def test_a_throw_away_target_keeps_nothing() -> None:
    assert session.file_of(replace(FakeService().spec, demo=True), LOCAL) is None


async def test_what_was_added_to_the_log_is_followed_again() -> None:
    async with opened(shop(), SIZES["120x40"]) as ui:
        for name in ("pay", "inv"):
            await ui.press("4", "plus")
            await ui.type(name)
            await ui.press("enter")
        ui.sees("checkout + payments + invoice", where="#log")
        await ui.press("1", "j", "q")
    async with opened(shop(), SIZES["120x40"]) as ui:
        assert ui.main.function_name == "invoice"
        ui.sees("invoice + payments", where="#log")
        await ui.press("4", "minus", "q")
    async with opened(shop(), SIZES["120x40"]) as ui:
        ui.misses(" + ", where="#log")
