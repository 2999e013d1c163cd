"""How payloads, bursts, comparisons and shifts look, in three sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from lambdatui.model import Invocation, InvocationType, Report
from lambdatui.model.metrics import VersionFigures
from lambdatui.service.burst import Burst, BurstPlan, Bursts
from lambdatui.service.errors import Throttled
from lambdatui.service.last_event import LastEvent
from lambdatui.service.shifts.shift import Figures
from lambdatui.service.shifts.shifts import Measured
from tests.dashboard.driver import SIZES, dashboard, settle
from tests.dashboard.fake_account import NOW
from tests.dashboard.fakes import FakeService, shop
from tests.dashboard.test_pictures import lowest_python_only, no_glow

__all__ = ["lowest_python_only", "no_glow"]  # fixtures

Compare = Callable[..., bool]
RUN = Invocation("checkout", "prod", InvocationType.REQUEST_RESPONSE, b"{}", NOW, 14.0, 200, "r")
EVERY_SIZE = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)


def looks_right(
    compare: Compare,
    service: FakeService,
    *keys: str,
    size: tuple[int, int],
    then: Callable[[Pilot[int]], Any] | None = None,
) -> bool:
    async def before(pilot: Pilot[int]) -> None:
        for _ in range(4):
            await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        if then is not None:
            then(pilot)
        pilot.app.screen.query("Toast").remove()
        await settle(pilot)
        await settle(pilot)

    return compare(dashboard(service), terminal_size=size, run_before=before)


@EVERY_SIZE
def test_payloads(snap_compare: Compare, size: tuple[int, int]) -> None:
    service = shop()
    origin = "A run printed this to its log. It may be only a part of the event."
    at_ms = int(NOW.timestamp() * 1000) - 240_000
    service.last_events.found = LastEvent('{\n  "order": 42,\n  "paid": true\n}', at_ms, origin)
    assert looks_right(snap_compare, service, "P", size=size)


class Finished(Bursts):
    """A burst whose figures are the same each time."""

    def start(self, plan: BurstPlan, *, architectures: Sequence[str] = ()) -> Burst:
        async def never() -> Any:
            raise AssertionError("nothing is invoked")

        burst = Burst(plan, never, region="us-east-1", architectures=("x86_64",))
        for at in range(plan.runs - 3):
            cold = at % 20 == 0
            duration = 1.5 * (1 + at % 23) + (120 if cold else 0)
            report = Report(f"r{at}", duration, int(duration) + 1, 256, 41, 109.0 if cold else None)
            run = replace(RUN, report=report, executed_version="2" if at % 10 == 0 else "3")
            if at % 25 == 3:
                run = replace(run, function_error="Unhandled")
            burst.tally.ran(run, region="us-east-1", architectures=("x86_64",))
        for _ in range(3):
            burst.tally.refused(Throttled("Too many."))
        burst._began, burst._ended = 0.0, 2.5
        self.latest = burst
        return burst


@EVERY_SIZE
def test_burst(snap_compare: Compare, size: tuple[int, int]) -> None:
    service = shop()
    service.bursts = Finished(service.invoker, region="us-east-1")  # type: ignore[arg-type]
    assert looks_right(snap_compare, service, "2", "j", "number_sign", "enter", size=size)


@EVERY_SIZE
def test_compare(snap_compare: Compare, size: tuple[int, int]) -> None:
    service = shop()
    invoke = service.invoker.invoke

    async def versioned(name: str, payload: bytes, **options: Any) -> Any:
        run = await invoke(name, payload, **options)
        text = f'{{"charged": true, "version": "{run.executed_version}", "tax": [7, 19]}}'
        if run.executed_version == "2":
            text = text.replace("[7, 19]", "[7]")
        return replace(run, text=text, response=text.encode())

    service.invoker.invoke = versioned  # type: ignore[method-assign]
    keys = ("2", "j", "equals_sign", "tab", "ctrl+u", "2", "enter")
    assert looks_right(snap_compare, service, *keys, size=size)


@EVERY_SIZE
def test_shift(snap_compare: Compare, size: tuple[int, int]) -> None:
    service = shop()
    service.metrics.figures = {
        "2": VersionFigures("2", 900, 3, 0, 20.0),
        "3": VersionFigures("3", 100, 1, 0, 34.0),
    }

    def samples(pilot: Pilot[int]) -> None:
        screen: Any = pilot.app.screen
        at = NOW.timestamp()
        screen.live.samples = [
            Measured(
                at + 15 * n, Figures(90 * n, n // 4, 18.0 + n % 3), Figures(10 * n, n // 8, 30.0 + n % 5)
            )
            for n in range(24)
        ]
        screen.look()

    keys = ("b", "ctrl+u", *"stage", "tab", "ctrl+u", "3", "tab", "enter")
    assert looks_right(snap_compare, service, *keys, size=size, then=samples)


@EVERY_SIZE
def test_plan_of_a_shift(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, shop(), "b", size=size)
