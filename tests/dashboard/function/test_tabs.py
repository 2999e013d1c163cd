"""The tabs of the function screen by keys: versions, code, triggers, limits, grants."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lambdatui.dashboard.function import tab
from lambdatui.model import LayerUse, Provisioned, TargetKind
from lambdatui.service.code import Package
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fakes import shop
from tests.dashboard.function.busy import clear_and_type, full

# -- versions and diff ------------------------------------------------------------------------


async def test_two_versions_are_compared_down_to_the_line() -> None:
    async with opened(full()) as ui:
        await ui.press("enter", "3", "j", "d")
        ui.sees("Compare two of checkout", "prod", "$LATEST")
        await ui.press("enter")
        ui.sees(
            "checkout ▸ prod beside $LATEST", "prod ▸ version 3", "Description", "tax hotfix",
            "API_TOKEN", "not there", "~ handler.py", "+ lib/util.py", "+1", "-1",
        ).misses("s3cret")  # fmt: skip
        await ui.press("v")
        ui.sees("s3cret-token")
        await ui.press("G", "k", "enter")
        ui.sees(
            "Functions ▸ checkout ▸ prod beside $LATEST ▸ handler.py",
            "--- handler.py  prod", "+++ handler.py  $LATEST", "-LIMIT = 10", "+LIMIT = 42",
        )  # fmt: skip
        await ui.press("escape", "escape")
        ui.sees("checkout ▸ Versions and aliases")


async def test_nothing_differs_is_said_in_words() -> None:
    service = full()
    async with opened(service) as ui:
        await ui.press("enter", "3", "j", "d", "tab")
        await clear_and_type(ui, "3")
        await ui.press("enter")
        ui.sees("Nothing differs: settings, variables and code are the same.")


async def test_old_versions_are_cleaned_up_after_the_plan_was_seen() -> None:
    async with opened(full()) as ui:
        await ui.press("enter", "3", "C")
        await clear_and_type(ui, "0")
        await ui.press("enter")
        ui.sees("Delete 1 version of checkout (1)?", "frees 1.8 KB", "Older but in use: 2, 3.")
        assert not ui.service.gates.made("delete_version")
        await ui.press("tab", "enter")
        assert ui.service.gates.made("delete_version") == [("checkout", "1")]


async def test_a_version_and_an_alias_are_deleted_from_their_tab() -> None:
    async with opened(full()) as ui:
        await ui.press("enter", "3", "G", "x")
        ui.sees("Delete version 1 of checkout?")
        await ui.press("tab", "enter")
        assert ui.service.gates.made("delete_version") == [("checkout", "1")]
        await ui.press("g", "j", "x")
        ui.sees("Delete alias prod of checkout?")
        await ui.press("escape", "g", "x")
        assert "$LATEST goes only with the whole function." in ui.toasts()[-1]


async def test_what_is_being_made_ready_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tab, "AGAIN_S", dict.fromkeys(TargetKind, 0.01))
    service = shop()
    service.parts.ready = [Provisioned("prod", 5, 0, 0, "IN_PROGRESS")]
    async with opened(service) as ui:
        await ui.press("enter", "7")
        ui.sees("◌ in progress", "0/5")
        service.parts.ready = [Provisioned("prod", 5, 5, 5, "READY")]
        await ui.until("● ready")
        asked = len(service.gates.made("provisioned"))
        await ui.pilot.pause(0.05)
        assert len(service.gates.made("provisioned")) == asked


# -- the smaller tabs -------------------------------------------------------------------------


async def test_tags_are_added_changed_and_removed() -> None:
    async with opened(full()) as ui:
        await ui.press("enter", "0", "enter", "tab")
        await clear_and_type(ui, "shop")
        await ui.press("enter")
        ui.sees("shop")
        await ui.press("x", "tab", "enter")
        assert ui.service.gates.made("remove_tags") == [(("team",),)]
        ui.sees("No tags. ctrl+n adds one")


async def test_concurrency_is_reserved_and_given_back() -> None:
    async with opened(full()) as ui:
        await ui.press("enter", "7", "enter")
        ui.sees("more calls at once are throttled")
        await clear_and_type(ui, "0")
        await ui.press("enter")
        ui.sees("stopped: every call is throttled", "ready for prod", "5/5", "● ready")
        await ui.press("x", "tab", "enter")
        ui.sees("shares what the account has unreserved")
        assert ui.service.gates.made("unreserve") == [("checkout",)]


async def test_event_sources_are_stopped_started_and_sized() -> None:
    async with opened(full()) as ui:
        await ui.press("enter", "5")
        ui.sees("SQS orders", "● Enabled", "◌ Disabled")
        await ui.press("s")
        ui.misses("● Enabled")
        await ui.press("enter")
        await clear_and_type(ui, "25")
        await ui.press("enter")
        assert ui.service.gates.made("set_batch")[0][1:] == (25, 0)


async def test_asynchronous_events_get_retries_and_destinations() -> None:
    async with opened(shop()) as ui:
        await ui.press("enter", "6")
        ui.sees("$LATEST", "2", "6 h", "nobody is told")
        await ui.press("enter")
        await ui.type("9")
        await ui.press("enter")
        ui.sees("A number from 0 to 2, or nothing.")
        await clear_and_type(ui, "1")
        await ui.press("enter")
        assert ui.service.parts.configs[0].retries == 1


async def test_the_url_audit_finds_the_missing_grant_and_adds_it() -> None:
    async with opened(full()) as ui:
        await ui.press("enter", "8")
        ui.sees(
            "no signature needed", "▲ missing", "Everyone must also be granted to invoke it through the URL"
        )
        await ui.press("f")
        ui.sees("Anybody on the net may then run this function.")
        await ui.press("tab", "enter")
        assert ui.service.gates.made("grant_url") == [("checkout", "lambda:InvokeFunction")]
        ui.misses("▲ missing").misses("f fix grants", where="Footer")
        await ui.press("G", "x", "tab", "enter")
        ui.sees("▲ missing")


async def test_a_newer_layer_is_seen() -> None:
    service = full()
    layer = "arn:aws:lambda:us-east-1:000000000000:layer:tools:2"
    service.parts.layers_used = (LayerUse(layer, "tools", 2, 2048, 4, "shared tools"),)
    async with opened(service) as ui:
        await ui.press("enter", "9")
        ui.sees("tools", "▲ 4", "2 KB", "shared tools")


# -- code -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_the_code_is_a_tree_and_enter_reads_a_file(size: tuple[int, int]) -> None:
    async with opened(full(), size) as ui:
        await ui.press("enter", "4")
        ui.sees("▾ lib/ 1", "handler.py", "2 files")
        await ui.press("enter")
        ui.sees("def handler(event, context):", "LIMIT = 42")
        await ui.press("slash")
        await ui.type("too")
        await ui.press("enter")
        await ui.press("escape", "escape", "g", "enter")
        ui.sees("▸ lib/ 1").misses("util.py")


async def test_a_text_is_looked_for_in_all_files() -> None:
    async with opened(full()) as ui:
        await ui.press("enter", "4", "slash")
        await ui.type("a + b")
        ui.sees("util.py", "return a + b", where="#code").misses("handler.py", where="#tree")
        await ui.press("escape", "slash")
        await ui.type("nowhere")
        ui.sees("No file is called so, or holds it.")
        await ui.press("escape")
        ui.sees("handler.py", "util.py")


async def test_nothing_is_said_of_a_text_before_all_files_were_read(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, holding = threading.Event(), Package.holding

    def held(package: Package, text: str) -> frozenset[str]:
        go_on.wait(10)
        return holding(package, text)

    monkeypatch.setattr(Package, "holding", held)
    async with opened(full()) as ui:
        await ui.press("enter", "4", "slash")
        await ui.type("nowhere")
        ui.sees("Looking into the files…").misses("or holds it")
        go_on.set()
        await ui.settle()
        ui.sees("No file is called so, or holds it.")


async def test_a_folder_is_deployed_and_the_package_saved(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "main.py").write_text("x = 1\n")
    async with opened(full()) as ui:
        await ui.press("enter", "4", "U")
        ui.app.screen.query_one("#from").value = str(tmp_path / "new")  # type: ignore[attr-defined]
        await ui.press("enter")
        ui.sees("main.py", "x = 1").misses("handler.py")
        await ui.press("W")
        ui.app.screen.query_one("#file").value = str(tmp_path / "code.zip")  # type: ignore[attr-defined]
        await ui.press("enter")
        assert (tmp_path / "code.zip").read_bytes() == ui.service.parts.packages["$LATEST"]
