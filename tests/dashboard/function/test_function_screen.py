"""The function screen by keys, on a service in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lambdatui.dashboard.function.value_line import ValueLine
from lambdatui.dashboard.screens.main import MainScreen
from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.model.settings import BY_KEY, problem_of
from lambdatui.service.errors import Conflict, Denied, Throttled
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fakes import AWS, FakeService, shop
from tests.dashboard.function.busy import clear_and_type, full

# -- the screen -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_enter_opens_the_function_and_esc_comes_back(size: tuple[int, int]) -> None:
    async with opened(full(), size) as ui:
        await ui.press("enter")
        assert ui.app.screen.__class__.__name__ == "FunctionScreen"
        ui.sees("Functions ▸ checkout ▸ Overview", "1 Overview", "2 Settings", "0 Tags")
        await ui.press("escape")
        assert ui.app.screen is ui.main


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_every_tab_opens_by_its_digit_and_says_what_it_is(size: tuple[int, int]) -> None:
    titles = {
        "2": "Settings", "3": "Versions and aliases", "4": "Code", "5": "Event sources",
        "6": "Asynchronous events", "7": "Concurrency", "8": "URL and permissions", "9": "Layers",
        "0": "Tags", "1": "Overview",
    }  # fmt: skip
    async with opened(full(), size) as ui:
        await ui.press("enter")
        for digit, title in titles.items():
            await ui.press(digit)
            ui.sees(f"checkout ▸ {title}").misses("Something in lambdatui broke")


async def test_a_tab_asks_when_it_is_seen_and_again_on_refresh_or_after_a_change() -> None:
    async with opened(full()) as ui:
        await ui.press("enter")
        assert not ui.service.gates.made("tags")
        await ui.press("0", "1", "0")
        assert len(ui.service.gates.made("tags")) == 1
        await ui.press("r")
        assert len(ui.service.gates.made("tags")) == 2


async def test_a_part_that_fails_says_so_in_its_place_and_the_rest_is_shown() -> None:
    service = full()
    service.gates.fail("sources", Denied("These credentials may not list event sources."))
    service.gates.fail("tags", Throttled("Lambda asks for a pause."))
    async with opened(service) as ui:
        await ui.press("enter")
        ui.sees("event sources cannot be listed", "dead letters SQS dead", "Active")
        await ui.press("0")
        ui.sees("Lambda asks for a pause.", "Press r to ask again.")
        service.gates.fail("tags", None)
        await ui.press("r")
        ui.sees("team", "payments").misses("Lambda asks")


async def test_an_answer_for_a_function_that_was_left_is_dropped() -> None:
    service = full()
    gate = service.gates.hold("settings")
    async with opened(service) as ui:
        await ui.pilot.press("enter")
        await ui.pilot.pause()
        await ui.pilot.press("escape")
        await ui.pilot.pause()
        await ui.pilot.press("j", "enter")
        gate.set()
        await ui.settle()
        ui.sees("Functions ▸ invoice", "python3.12 · 128 MB · 3 s").misses("checkout")


# -- overview ---------------------------------------------------------------------------------


async def test_the_overview_draws_what_calls_the_function_and_what_follows() -> None:
    async with opened(full()) as ui:
        await ui.press("enter")
        ui.sees(
            "● SQS orders ─╮",
            "◌ SQS refunds disabled to prod ─┤",
            "URL without signature ─┼─▸│ python3.12 · 256 MB · 30 s │─",
            "failure SQS failed",
            "Amazon S3 may invoke it from S3 uploads",
            "Everyone may call its URL without a signature",
            "2 variables: API_TOKEN, STAGE",
        )
        ui.misses("s3cret")


# -- settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "most", "words"),
    [
        ("memory", 10240, "128 to 10240 MB"),
        ("timeout", 900, "1 to 900 s"),
        ("storage", 10240, "512 to 10240 MB"),
    ],
)
def test_a_figure_is_checked_by_the_limits_of_a_function(key: str, most: int, words: str) -> None:
    assert problem_of(BY_KEY[key], str(most)) == ""
    assert problem_of(BY_KEY[key], str(most + 1)) == words


async def test_a_changed_setting_is_reviewed_and_only_it_is_sent() -> None:
    async with opened(full()) as ui:
        await ui.press("c", "j", "enter")
        ui.sees("Memory", "128 to 10240 MB")
        await clear_and_type(ui, "512")
        await ui.press("enter")
        ui.sees("256 MB ▸ 512 MB", "1 change not sent")
        await ui.press("ctrl+s")
        ui.sees("Change the settings of checkout", "256 MB ▸ 512 MB")
        await ui.press("enter")
        assert ui.service.gates.made("change") == [("checkout", {"memory": "512"}, {}, "rev-1")]
        assert "1 change made to checkout." in ui.toasts()
        ui.sees("512 MB").misses("not sent")


async def test_what_is_wrong_stands_beside_the_value_as_it_is_typed_and_enter_does_not_keep_it() -> None:
    async with opened(full()) as ui:
        await ui.press("c", "j", "enter")
        await clear_and_type(ui, "99")
        await ui.press("enter")
        ui.sees("Memory 99")
        await ui.press("escape")
        ui.sees("256 MB").misses("▸ 99")
        assert not ui.service.gates.made("change")


async def test_choices_are_gone_through_with_the_arrows() -> None:
    async with opened(full()) as ui:
        await ui.press("c", *["j"] * 5, "enter", "down", "enter")
        ui.sees("python3.12 ▸ python3.13")


async def test_variables_are_merged_and_masked() -> None:
    async with opened(full()) as ui:
        await ui.press("c")
        ui.misses("s3cret-token")
        await ui.press("v")
        ui.sees("s3cret-token")
        await ui.press("v", "ctrl+n")
        await ui.type("A_NEW=1=2")
        await ui.press("enter", "G", "x", "ctrl+s")
        ui.sees("A_NEW", "new ▸ ••••••••", "STAGE", "removed").misses("1=2")
        await ui.press("enter")
        assert ui.service.gates.made("change") == [("checkout", {}, {"A_NEW": "1=2", "STAGE": None}, "rev-1")]
        assert ui.service.parts.environment == {"API_TOKEN": "s3cret-token", "A_NEW": "1=2"}


async def test_what_clashes_or_is_too_much_is_not_sent() -> None:
    service = full()
    service.parts.environment["BIG"] = "x" * 4050
    async with opened(service) as ui:
        await ui.press("c")
        ui.app.screen.query_one(LineTable).move_to_key("log_level")
        await ui.press("enter", "down", "enter", "ctrl+s")
        ui.sees("none ▸ TRACE  only with log format JSON").misses("Change the settings of")
        await ui.press("u", "ctrl+n")
        await ui.type("MORE=xxxxx")
        await ui.press("enter", "ctrl+s")
        assert "All variables together may take 4 KB" in ui.toasts()[-1]
        ui.misses("Change the settings of")


async def test_names_that_lambda_refuses_are_not_kept() -> None:
    async with opened(full()) as ui:
        await ui.press("c", "ctrl+n")
        await ui.type("AWS_REGION=x")
        await ui.press("enter")
        ui.sees("AWS_REGION is set by Lambda itself.")


async def test_variables_come_from_and_go_to_env_files(tmp_path: Path) -> None:
    (tmp_path / "in.env").write_text('export STAGE=prod # live\nTEXT="two\\nlines"\n')
    async with opened(full()) as ui:
        await ui.press("c", "I")
        ui.app.screen.query_one("#file").value = str(tmp_path / "in.env")  # type: ignore[attr-defined]
        await ui.press("enter")
        ui.sees("TEXT", "new ▸ ••••••••")
        await ui.press("W")
        ui.app.screen.query_one("#file").value = str(tmp_path / "out.env")  # type: ignore[attr-defined]
        await ui.press("enter")
        assert (
            tmp_path / "out.env"
        ).read_text() == 'API_TOKEN=s3cret-token\nSTAGE=prod\nTEXT="two\\nlines"\n'
        assert (tmp_path / "out.env").stat().st_mode & 0o777 == 0o600
        await ui.press("W")
        ui.app.screen.query_one("#file").value = str(tmp_path / "out.env")  # type: ignore[attr-defined]
        await ui.press("enter")
        ui.sees("exists already; nothing was written")


async def test_when_somebody_else_was_faster_one_can_compare_reload_or_force() -> None:
    async with opened(full()) as ui:
        await ui.press("c", "j", "enter")
        await clear_and_type(ui, "512")
        await ui.press("enter")
        ui.service.parts.values["timeout"] = "99"
        ui.service.parts.touch()
        await ui.press("ctrl+s", "enter")
        ui.sees("Somebody else changed this function", "Compare", "Reload", "Send all the same")
        await ui.press("enter")
        ui.sees("Changed meanwhile by somebody else:", "30 s ▸ 99 s")
        await ui.press("tab", "enter")
        assert ui.service.gates.made("change")[-1] == ("checkout", {"memory": "512"}, {}, None)
        ui.sees("99 s", "512 MB").misses("not sent")


async def test_what_was_typed_stays_after_an_error_and_after_leaving() -> None:
    service = full()
    service.gates.fail("change", Conflict("An update is in progress."))
    async with opened(service) as ui:
        await ui.press("c", "j", "enter")
        await clear_and_type(ui, "512")
        await ui.press("enter", "ctrl+s", "enter")
        ui.sees("An update is in progress. What you typed is kept.")
        await ui.press("escape", "escape")
        assert isinstance(ui.app.screen, MainScreen)
        await ui.press("c")
        ui.sees("256 MB ▸ 512 MB", "1 change not sent")
        await ui.press("j", "u")
        ui.misses("▸ 512 MB", "not sent")


async def test_nothing_is_sent_twice() -> None:
    service = full()
    gate = service.gates.hold("change")
    async with opened(service) as ui:
        await ui.press("c", "j", "enter")
        await clear_and_type(ui, "512")
        await ui.press("enter", "ctrl+s")
        await ui.pilot.press("enter", "enter", "enter", "escape")
        await ui.pilot.pause()
        gate.set()
        await ui.settle()
        assert len(service.gates.made("change")) == 1


async def test_a_target_opened_read_only_has_no_key_that_changes_anything() -> None:
    service = FakeService(replace(AWS, read_only=True))
    source = full()
    service.store, service.parts._store = source.store, source.store
    for part in (service.functions, service.versions):
        part._store = source.store
    async with opened(service) as ui:
        await ui.press("enter")
        for digit in "2345678901":
            await ui.press(digit)
            ui.misses("ctrl+n", "x remove", "ctrl+s", "U ", "s stop", "p publish", "C clean", where="Footer")
        await ui.press("2", "enter")
        assert not ui.app.screen.query_one(ValueLine).display
        assert not service.gates.made("change")


async def test_the_first_change_on_aws_asks_once_naming_account_and_region() -> None:
    service = shop(AWS)
    async with opened(service) as ui:
        await ui.press("enter", "0", "ctrl+n")
        ui.sees("First change on AWS", "account 123456789012 in eu-central-1 (profile acme-dev)")
        await ui.press("escape")
        ui.misses("Add a tag")
        await ui.press("ctrl+n", "tab", "enter")
        ui.sees("Add a tag")
        await ui.type("stage")
        await ui.press("enter")
        assert service.gates.made("put_tags") == [({"stage": ""},)]
        await ui.press("ctrl+n")
        ui.sees("Add a tag")
