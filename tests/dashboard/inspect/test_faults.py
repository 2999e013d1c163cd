"""Faults: what is armed, how often it fired."""

from __future__ import annotations

from tests.dashboard.driver import opened
from tests.dashboard.inspect.inside import engine


async def test_each_switch_says_for_whom_how_often_and_what_it_does() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("F")
        ui.sees("1 fault armed", "fired 6 times")
        throttle, slow, duplicate = ui.text("LineTable").splitlines()[1:4]
        assert "throttle" in throttle
        assert "▲" not in throttle
        for part in ("▲", "slow-init", "checkout", "2 more", "1", "seconds 3 · INIT takes"):
            assert part in slow
        for part in ("duplicate", "every function", "used up", "5"):
            assert part in duplicate


async def test_arm_by_key_with_what_the_kind_takes() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("F", "enter")
        ui.sees("Arm throttle", "checkout")
        await ui.press("tab")
        await ui.type("0")
        await ui.press("enter")
        ui.sees("Times is a whole number from 1")
        await ui.press("ctrl+u")
        await ui.type("3")
        await ui.press("enter")
        assert service.gates.made("arm") == [("throttle", "checkout", 3, {})]
        assert ui.toasts()[-1] == "throttle is armed for checkout, 3 times."
        await ui.pilot.pause(0.3)
        ui.sees("3 more", "2 faults armed")


async def test_a_kind_that_takes_seconds_asks_for_them() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("F", "j", "enter")
        ui.sees("Arm slow-init", "Seconds", "3")
        await ui.press("ctrl+u", "enter")
        assert service.gates.made("arm") == [("slow-init", None, 2, {"seconds": 3.0})]


async def test_disarm_one_and_clear_all() -> None:
    service, inside = engine()
    async with opened(service) as ui:
        await ui.press("F", "x")  # nothing is set for the first kind
        assert not service.gates.made("disarm")
        await ui.press("j", "x")
        assert service.gates.made("disarm") == [("slow-init", "checkout")]
        await ui.press("X")
        await ui.pilot.pause(0.3)
        assert not inside.faults.switches
        ui.sees("nothing is armed")
