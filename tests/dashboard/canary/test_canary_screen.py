"""Shifting traffic by key: plan, hold, next step, back; what stops it; what was left in the middle."""

from __future__ import annotations

from lambdatui import paths
from lambdatui.model.metrics import VersionFigures
from lambdatui.service.errors import Changed, Throttled
from lambdatui.service.shifts.files import ShiftFiles
from lambdatui.service.shifts.shift import Plan, Rules, begin
from lambdatui.service.shifts.words import read_steps
from tests.dashboard.driver import SIZES, Person, opened
from tests.dashboard.fake_account import NOW
from tests.dashboard.fakes import AWS, FakeService, shop


async def plan(ui: Person, alias: str, version: str, steps: str) -> None:
    """Fill in the dialog and begin."""
    ui.app.screen.query_one("#alias").focus()
    for text in (alias, version, steps):
        await ui.press("ctrl+u")
        await ui.type(text)
        await ui.press("tab")
    await ui.press("enter")


async def looked(ui: Person) -> None:
    """The driver looks at the target and the screen at the driver."""
    live = ui.app.screen.live  # type: ignore[attr-defined]
    await ui.service.shifts.tick(live)
    ui.app.screen.look()  # type: ignore[attr-defined]
    await ui.settle()


def moves(service: FakeService) -> list[tuple[object, ...]]:
    return [call[2:] for call in service.gates.made("put_alias")]


async def test_a_shift_by_steps_held_taken_on_and_back() -> None:
    service = shop()
    service.metrics.figures = {
        "2": VersionFigures("2", 900, 3, 0, 20.0),
        "3": VersionFigures("3", 100, 1, 0, 34.0),
    }
    async with opened(service) as ui:
        await ui.press("b")
        ui.sees("Shift traffic of checkout", "prod sends 90 % to version 3, 10 % to version 2")
        await plan(ui, "stage", "3", "10% 5m, 50% 5m, 100%")
        ui.sees(
            "Shift ▸ checkout:stage", "Version 3 gets 10 %. 50 % in 5 min", "90 %", "▸   10 %  then 5 min"
        )
        await looked(ui)
        ui.sees("version 2         900        3    0.3 %      20 ms")
        ui.sees("version 3         100        1    1.0 %")
        await ui.press("space")
        ui.sees("Held at 10 %: 5 min of its wait are left")
        await ui.press("space", "enter")
        ui.sees("Version 3 gets 50 %. 100 % in 5 min")
        await ui.press("u")
        ui.sees("Back: stage is at version 2 alone. You took it back.")
        assert moves(service) == [("2", {"3": 0.1}), ("2", {"3": 0.5}), ("2", {})]
        ui.misses("next step", where="Footer")
        await ui.press("u", "enter", "space", "escape")
        assert len(moves(service)) == 3


async def test_everything_in_one_go() -> None:
    service = shop()
    async with opened(service) as ui:
        await ui.press("b")
        await plan(ui, "stage", "3", "100%")
        ui.sees("✓ Done: stage sends everything to version 3.", "u back")
        assert moves(service) == [("3", {})]
        await ui.press("u")
        ui.sees("Back: stage is at version 2 alone.")


async def test_what_is_typed_wrong_is_said_beside_it() -> None:
    service = shop()
    async with opened(service) as ui:
        await ui.press("b")
        await plan(ui, "nope", "3", "100%")
        ui.sees("There is no alias nope. There are: prod, stage.")
        await plan(ui, "stage", "9", "100%")
        ui.sees("A published version. There are: 3, 2, 1.")
        await plan(ui, "stage", "3", "10%")
        ui.sees("The last step is 100%.")
        await plan(ui, "stage", "2", "100%")
        ui.sees("stage points at version 2 already.")
        assert moves(service) == []


async def test_a_rule_takes_it_back_by_itself() -> None:
    service = shop()
    async with opened(service) as ui:
        await ui.press("b")
        await plan(ui, "stage", "3", "10% 5m, 100%")
        service.metrics.figures["3"] = VersionFigures("3", 40, 4, 0, 34.0)
        await looked(ui)
        ui.sees("Back: stage is at version 2 alone. 10 % of 40 runs failed, the rule allows 5 %.")
        assert moves(service)[-1] == ("2", {})


async def test_somebody_elses_change_stops_it() -> None:
    service = shop()
    async with opened(service) as ui:
        await ui.press("b")
        await plan(ui, "stage", "3", "10% 5m, 100%")
        service.gates.fail("put_alias", Changed("It was changed."))
        service.store.set_alias("checkout", "stage", "1")
        await ui.press("enter")
        ui.sees("▲ Stopped: somebody else changed stage: it sends 100 % to version 1 now")
        ui.misses("u back", "next step", where="Footer")


async def test_a_target_that_does_not_answer_is_said_and_nothing_moves() -> None:
    service = shop()
    async with opened(service) as ui:
        await ui.press("b")
        await plan(ui, "stage", "3", "10% 5m, 100%")
        service.gates.fail("by_version", Throttled("CloudWatch is asked too often."))
        await looked(ui)
        ui.sees("▲ CloudWatch is asked too often.", "Version 3 gets 10 %")


async def test_a_shift_goes_on_when_it_is_left_and_b_shows_it_again() -> None:
    service = shop()
    async with opened(service) as ui:
        await ui.press("b")
        await plan(ui, "stage", "3", "10% 5m, 100%")
        await ui.press("escape")
        assert any("The shift goes on while lambdatui runs." in toast for toast in ui.toasts())
        await ui.press("b")
        ui.sees("Shift ▸ checkout:stage")


async def test_a_shift_left_in_the_middle_is_held_and_said_at_the_next_start() -> None:
    service = shop()
    alias = service.store.aliases["checkout"]["stage"]
    steps = read_steps("10% 5m, 100%")
    now = NOW.timestamp()
    shift = begin(Plan("checkout", "stage", "2", "3", steps, Rules()), alias, now - 60).sent(alias, now - 60)
    files = ShiftFiles(paths.state_dir() / "shifts")
    assert files.take("checkout", "stage")
    files.write(shift)
    files.close()
    async with opened(service) as ui:
        assert any("stage of checkout stands at 10 % for version 3" in toast for toast in ui.toasts())
        await ui.press("b")
        ui.sees("Held at 10 % (lambdatui was closed meanwhile): 4 min of its wait are left.")


async def test_a_function_without_an_alias_says_how_to_make_one() -> None:
    async with opened(shop()) as ui:
        await ui.press("j", "b")
        assert any("Press a to make one." in toast for toast in ui.toasts())


async def test_on_aws_a_shift_asks_before_it_writes() -> None:
    async with opened(shop(AWS)) as ui:
        await ui.press("b")
        ui.sees("First change on AWS")
        await ui.press("escape")
        assert len(ui.app.screen_stack) == 2


async def test_the_help_shows_its_keys() -> None:
    async with opened(shop(), SIZES["120x40"]) as ui:
        await ui.press("b")
        await plan(ui, "stage", "3", "10% 5m, 100%")
        await ui.press("question_mark")
        ui.sees("Take the next step now.", "Hold it here, or go on.", "All to the old version, at once.")
