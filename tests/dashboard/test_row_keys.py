"""Keys that act on a row: which row is meant, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lambdatui.dashboard import console
from lambdatui.dashboard.function.diff import DiffScreen
from tests.dashboard.driver import opened
from tests.dashboard.fakes import AWS, shop

HERE = "arn:aws:lambda:eu-central-1:123456789012:function:checkout"
HOME = "https://eu-central-1.console.aws.amazon.com/lambda/home?region=eu-central-1#/functions/checkout"


@pytest.mark.parametrize(
    ("arn", "url"),
    [
        (HERE, HOME),
        (f"{HERE}:$LATEST", HOME),
        (f"{HERE}:12", f"{HOME}/versions/12"),
        (f"{HERE}:prod", f"{HOME}/aliases/prod"),
        (
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:a",
            "https://cn-north-1.console.amazonaws.cn/lambda/home?region=cn-north-1#/functions/a",
        ),
        (
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:a",
            "https://console.amazonaws-us-gov.com/lambda/home?region=us-gov-west-1#/functions/a",
        ),
        ("arn:aws:lambda:eu-central-1:123456789012:layer:a:1", ""),
        ("", ""),
    ],
)
def test_the_page_of_an_arn(arn: str, url: str) -> None:
    assert console.page(arn) == url


def test_a_page_is_opened_on_the_desk_of_the_person_only() -> None:
    def which(name: str) -> str:
        return f"/bin/{name}"

    desk = {"DISPLAY": ":0"}
    assert console.opener(desk, which, "linux") == "/bin/xdg-open"
    assert console.opener({}, which, "darwin") == "/bin/open"
    assert console.opener({}, which, "linux") == ""
    assert console.opener(desk | {"SSH_TTY": "/dev/pts/1"}, which, "linux") == ""
    assert console.opener(desk, lambda name: None, "linux") == ""


async def test_o_copies_the_page_of_the_row_and_says_so() -> None:
    async with opened(shop(AWS)) as ui:
        await ui.press("o", "2", "j", "o")
        page = HOME.replace("eu-central-1", "us-east-1")  # the fake's ARNs
        assert ui.copies == [page, f"{page}/aliases/prod"]
        assert page in ui.toasts()[-1]
        await ui.press("1", "enter", "2", "o", "3", "j", "o")
        assert ui.copies[2:] == [HOME, f"{page}/aliases/prod"]


async def test_o_opens_the_page_where_there_is_an_opener(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool = tmp_path / "xdg-open"
    tool.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/asked\n')
    tool.chmod(0o700)
    monkeypatch.setattr(console, "opener", lambda: str(tool))
    async with opened(shop(AWS)) as ui:
        await ui.press("o")
        assert (tmp_path / "asked").read_text().endswith("#/functions/checkout")
        assert "Opened in the browser" in ui.toasts()[-1]
        tool.write_text("#!/bin/sh\nexit 3\n")
        await ui.press("o")
        assert "Copied the URL" in ui.toasts()[-1]


async def test_a_local_engine_has_no_console() -> None:
    async with opened(shop()) as ui:
        await ui.press("o")
        assert not ui.toasts()
        assert ui.copies == []
        assert "o" not in ui.app.screen.active_bindings
        await ui.press("question_mark")
        ui.misses("AWS console")


async def test_d_compares_the_chosen_version_with_latest() -> None:
    async with opened(shop()) as ui:
        await ui.press("2", "j", "j", "j", "d")
        ui.sees("Compare two of checkout", "There is $LATEST, prod, stage, 3, 2, 1.")
        await ui.press("enter")
        assert isinstance(ui.app.screen, DiffScreen)
        assert (ui.app.screen.left, ui.app.screen.right) == ("3", "$LATEST")
        await ui.press("escape", "1", "d", "enter")
        assert (ui.app.screen.left, ui.app.screen.right) == ("3", "$LATEST"), "what is chosen of it"


async def test_d_waits_for_the_versions() -> None:
    service = shop()
    held = service.gates.hold("versions")
    async with opened(service) as ui:
        await ui.press("d")
        assert ui.toasts()[-1] == "The versions of checkout are not known yet."
        held.set()
        await ui.press("d")
        ui.sees("Compare two of checkout")


async def test_x_means_the_row_under_the_cursor_where_nothing_is_marked() -> None:
    async with opened(shop()) as ui:
        await ui.burst("jx")
        ui.sees("Delete function invoice?").misses("version", "alias", where="#dialog")
        await ui.press("escape", "2", "G", "x")
        ui.sees("$LATEST goes only with the whole function")


async def test_x_names_the_marked_ones_and_the_row_that_is_not() -> None:
    async with opened(shop()) as ui:
        await ui.press("space", "x")
        ui.sees("Change 1 marked function", "invoice, under the cursor, is not marked and stays as it is.")
        await ui.press("escape", "slash")
        await ui.type("pay")
        await ui.press("enter", "x")
        ui.sees("The filter hides 1 of them.", "payments, under the cursor, is not marked")
        await ui.press("escape", "escape", "g", "x")
        ui.misses("under the cursor", "The filter hides")


async def test_marked_functions_do_not_change_what_x_means_on_a_version() -> None:
    async with opened(shop()) as ui:
        await ui.press("space", "k", "2", "j", "x")
        ui.sees("Delete alias prod of checkout?")


async def test_read_only_has_the_comparison_and_the_console() -> None:
    async with opened(shop(replace(AWS, read_only=True))) as ui:
        await ui.press("o")
        assert len(ui.copies) == 1
        await ui.press("d")
        ui.sees("Compare two of checkout")
