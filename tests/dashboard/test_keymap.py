"""Keys that a person gave to actions in the config: they work, they are shown, a clash is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdatui import cli, paths
from lambdatui.dashboard.keymap import problems
from lambdatui.dashboard.keys import KEYS
from lambdatui.dashboard.screens.help import HelpScreen
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fakes import shop
from tests.dashboard.inspect.inside import engine

KEYMAP = {
    "invoke": "f5",
    "help": "f1",
    "list.down": "f6,down",
    "log.pause": "f7",
    "log.add": "f4",
    "inspect-queue": "f8",
    "fast-forward": "f9",
    "part-code": "f3",
    "leave": "f10",
    "filter": "#",
    "burst": "f11",
}
"""One or two of each kind: of the app, a screen, a pane, a widget, an inspection screen, a tab, a dialog."""


async def test_keys_of_the_config_work_and_stand_in_footer_help_and_tabs() -> None:
    service, _ = engine()
    async with opened(service, SIZES["120x40"], keymap=KEYMAP) as ui:
        ui.sees("f5 invoke", "# filter", "f1 help", where="Footer")
        await ui.press("i", "j", "slash")
        assert service.gates.made("invoke") == []
        await ui.press("f5", "f6")
        assert len(service.gates.made("invoke")) == 1
        assert ui.main.functions.table.cursor_index == 1
        await ui.press("number_sign")
        await ui.type("pay")
        await ui.press("enter", "4")
        assert ui.main.functions.table.row_count == 1
        ui.sees("f7 pause", where="Footer")
        await ui.press("f7")
        ui.sees("paused", where="#log")
        await ui.press("f1")
        assert isinstance(ui.app.screen, HelpScreen)
        await ui.resize(120, 90)
        ui.sees(
            "f5          Invoke the chosen", "f6 ↓        Down.", "f7          Hold the log", "f8          "
        )
        await ui.press("f10")
        await ui.press("f8")
        ui.sees("f9 fast-forward", where="Footer")
        await ui.press("f9")
        assert service.gates.made("next_due")
        await ui.press("escape", "1", "enter")
        ui.sees("f3 Code", where="PartLine")
        await ui.press("f3")
        ui.sees("▸ Code")


async def test_what_a_config_says_wrong_of_keys_is_said_at_the_start() -> None:
    async with opened(shop(), keymap={"invoke": "p"}) as ui:
        assert any("p is the key of 'publish'" in toast for toast in ui.toasts())


@pytest.mark.parametrize(
    ("keymap", "wrong"),
    [
        ({"invoke": "i"}, ""),
        ({"invoke": "f5,ctrl+y"}, ""),
        ({"log.pause": "v"}, ""),
        ({"invoke": "p"}, "p is the key of 'publish' there (Publish $LATEST as a new version.)"),
        ({"invoke": "j"}, "j is the key of 'list.down'"),
        ({"invoke": "#"}, "# is the key of 'burst'"),
        ({"invoke": "p", "publish": "f5"}, ""),
        ({"invoke": "f5", "publish": "f5"}, "f5 is the key of 'publish'"),
        ({"drop": "i"}, "i is the key of 'run-now'"),
        ({"drop": "p"}, ""),
        ({"invoke": "spce"}, "there is no key 'spce'; did you mean 'space'?"),
        ({"invoke": "crtl+k"}, "there is no key 'crtl+k'; did you mean 'ctrl+k'?"),
    ],
)
def test_what_is_wrong_with_keys(keymap: dict[str, str], wrong: str) -> None:
    found = [one.problem for one in problems(keymap)]
    assert bool(found) is bool(wrong), found
    if wrong:
        assert found[0].startswith(wrong)


def test_the_keys_as_they_are_can_be_written_into_the_config() -> None:
    assert list(problems({key.id: key.keys for key in KEYS})) == []


def test_config_validate_names_a_clash(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAMBDATUI_HOME", str(tmp_path))
    file = paths.config_dir() / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[keys]\nhelp = "f1"\ninvoke = "p"\n')
    assert cli.main(["config", "validate"]) != 0
    said = capsys.readouterr().err
    assert f"{file}, line 3, invoke: p is the key of 'publish' there" in said
    file.write_text('[keys]\nhelp = "f1"\ninvoke = "f5"\n')
    assert cli.main(["config", "validate"]) == 0
