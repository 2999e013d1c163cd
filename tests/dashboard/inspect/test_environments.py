"""Environments: lanes on one time axis."""

from __future__ import annotations

import asyncio

import pytest

from lambdatui.dashboard.inspect.timeline import Axis, draw
from lambdatui.dashboard.widgets.signs import ASCII, UNICODE
from lambdatui.dashboard.widgets.spans import plain
from lambdatui.model.inspection import LifeState
from lambdatui.service.errors import Conflict
from tests.dashboard.driver import SIZES, WITHIN, Person, opened
from tests.dashboard.inspect.inside import AT, BUSY, FROZEN, INIT, LIVES, engine, life


def lane(ui: Person, number: int) -> str:
    """The line of an environment, by its place."""
    return ui.text("LineTable").splitlines()[number]


async def until_lane(ui: Person, number: int, text: str) -> None:
    """Wait until the line of an environment has this."""
    async with asyncio.timeout(WITHIN):
        while text not in lane(ui, number):
            await ui.pilot.pause(0.02)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_each_lane_says_why_it_was_born_and_what_init_took(size: tuple[int, int]) -> None:
    service, _ = engine()
    async with opened(service, size) as ui:
        await ui.press("V")
        lines = [lane(ui, number) for number in range(1, 1 + len(LIVES))]
        whys = ("first", "scale-out", "new version", "first", "reset", "provisioned")
        inits = ("109 ms", "109 ms", "109 ms", "109 ms", "88 ms", "…")
        for line, why, init in zip(lines, whys, inits, strict=True):
            assert why in line
            assert init in line
        ui.sees("5 alive", "1 busy", "1 being born", "tier process")


async def test_a_lane_shows_init_busy_rest_and_end() -> None:
    marks = [(0.0, INIT), (2.0, BUSY), (5.0, FROZEN), (8.0, LifeState.KILLED), (8.0, FROZEN)]
    axis = Axis(10.0, 10, 10.0)
    assert plain(draw(marks, axis, UNICODE)) == "◇◇███···✗·"
    assert plain(draw(marks, axis, ASCII)) == "oo###---x-"
    ended = [(2.0, INIT), (3.0, BUSY), (6.5, LifeState.ENDED)]
    assert plain(draw(ended, axis, UNICODE)) == "  ◇███✗   "
    assert plain(draw([(-50.0, INIT), (-49.0, FROZEN)], axis, UNICODE)) == "·" * 10
    assert plain(draw([], axis, UNICODE)) == " " * 10


async def test_the_axis_moves_by_whole_cells() -> None:
    first = Axis.at(100.1, 60.0, 30)
    assert Axis.at(101.9, 60.0, 30) == first
    assert Axis.at(102.0, 60.0, 30).end == first.end + 2


async def test_a_birth_is_seen_as_a_new_lane() -> None:
    service, inside = engine()
    async with opened(service) as ui:
        await ui.press("V")
        ui.misses("nightly-report", where="LineTable")
        inside.environments.put(life(9, "nightly-report", "first", (0.5, INIT), init_ms=None))
        await ui.until("nightly-report", "2 being born")
        assert "◇" in lane(ui, 6)


async def test_the_chosen_one_is_told_whole() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("V", "G", "k")
        ui.sees("reset (the one before: killed by hand)", "INIT took 88 ms", where="#details")
        ui.sees("38 MB now, 41 MB at most, of 256 MB", "3 invocations", where="#details")
        ui.sees("tier process does not wholly hold: CPU share: CPU not held", where="#details")


async def test_kill_freeze_and_force_cold() -> None:
    service, inside = engine()
    async with opened(service) as ui:
        await ui.press("V", "s")
        assert service.gates.made("freeze") == [(1,)]
        await until_lane(ui, 1, "held")
        assert "stands still and takes nothing" in ui.toasts()[-1]
        await ui.press("X")
        assert service.gates.made("cool") == [("checkout",)]
        await ui.press("x")
        assert service.gates.made("kill") == [(1,)]
        await until_lane(ui, 1, "✗")
        assert inside.environments.lives[1].ended == AT
        await ui.press("x", "s", "X")  # it has ended: nothing more can be done to it
        assert len(service.gates.calls) == len([c for c in service.gates.calls if c[0] != "nothing"])
        assert service.gates.made("kill") == [(1,)]


async def test_a_busy_one_is_killed_after_a_question() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("V", "j", "x")
        ui.sees("Kill environment 2 of checkout?", "its invocation fails as if the process had crashed")
        assert not service.gates.made("kill")
        await ui.press("tab", "enter")
        assert service.gates.made("kill") == [(2,)]


async def test_a_stale_row_says_what_it_is_now() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("V")
        service.gates.fail("kill", Conflict("Environment 1 has ended: idle for too long."))
        await ui.press("x")
        assert ui.toasts() == ["Environment 1 has ended: idle for too long."]


async def test_a_stand_in_interpreter_is_said_above_the_lanes() -> None:
    service, inside = engine()
    async with opened(service) as ui:
        await ui.press("V")
        ui.misses("stands in")
        notice = "python3.12 is not here: Python 3.11 stands in for it."
        inside.environments.put(life(9, "invoice", "scale-out", (1, INIT), notice=notice))
        await ui.until(f"▲ {notice}")


async def test_provisioned_concurrency_is_set_from_here() -> None:
    service, _ = engine()
    service.parts.fill()
    async with opened(service) as ui:
        await ui.press("V", "j", "j", "ctrl+n")
        ui.sees("Provisioned concurrency of checkout")
        await ui.press("enter")
        ui.sees("How many is a whole number")
        await ui.press("escape")


async def test_filter_and_range() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("V", "slash")
        await ui.type("inv")
        ui.sees("invoice", where="LineTable").misses("payments", where="LineTable")
        await ui.press("enter", "escape")
        ui.sees("payments", "last 1 min")
        await ui.press("less_than_sign")
        ui.sees("last 5 min")
        await ui.press("greater_than_sign", "greater_than_sign")
        ui.sees("last 15 s")
