"""Shifts of traffic as Lambda gets them: on the engine and on moto, on a clock that the test turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from lambdatui.model import Alias, TargetKind
from lambdatui.model.metrics import VersionFigures
from lambdatui.service import Service, TargetSpec, errors, open_target
from lambdatui.service.shifts.files import ShiftFiles
from lambdatui.service.shifts.shift import Phase, Plan, PlanError, Rules, Shift
from lambdatui.service.shifts.shifts import AWAY, Shifts
from lambdatui.service.shifts.words import read_steps
from tests.conftest import EngineProcess
from tests.service.conftest import ROLE

LOCAL_ROLE = "arn:aws:iam::000000000000:role/any"


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Figures:
    """What the metrics say, as the test wants it."""

    def __init__(self) -> None:
        self.new = VersionFigures("2", 0)
        self.error: errors.ServiceError | None = None

    async def by_version(
        self, name: str, alias: str, versions: Sequence[str], *, since: datetime
    ) -> tuple[VersionFigures, ...]:
        if self.error:
            raise self.error
        return VersionFigures(versions[0], 100, 0, 0, 12.0), self.new


class Bench:
    """A function with two versions and an alias on the first, and the shifts of its target."""

    def __init__(self, service: Service, name: str, folder: Path) -> None:
        self.service, self.name, self.folder = service, name, folder
        self.clock, self.figures = Clock(), Figures()
        self.plan = Plan(name, "prod", "1", "2", read_steps("10% 5m, 50% 5m, 100%"), Rules(0.05, 800))
        self.shifts = self.another()

    def another(self) -> Shifts:
        """The shifts as another lambdatui sees them."""
        files = ShiftFiles(self.folder)
        return Shifts(self.service.versions, self.figures, files, look_s=0.0, clock=self.clock)

    async def alias(self) -> Alias:
        return next(one for one in await self.service.versions.aliases(self.name) if one.name == "prod")

    async def shares(self) -> dict[str, float]:
        return {number: round(share, 4) for number, share in (await self.alias()).weights}

    async def after(self, seconds: float) -> Shift:
        self.clock.now += seconds
        live = self.shifts.live(self.name, "prod")
        assert live is not None
        await self.shifts.tick(live)
        return live.shift


@pytest.fixture(params=["engine", "moto"])
async def bench(
    request: pytest.FixtureRequest, tmp_path: Path, code: bytes, aws: Service, engine: EngineProcess
) -> AsyncIterator[Bench]:
    local = request.param == "engine"
    spec = TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir)
    service = await open_target(spec, interactive=False) if local else aws
    name = str(request.node.name)[5:50].replace("[", "-").replace("]", "")
    await service.functions.create(
        name, runtime="python3.11", handler="handler.handler", code=code, role=LOCAL_ROLE if local else ROLE
    )
    await service.functions.settled(name)
    await service.versions.publish(name)
    await service.settings.change(name, {"description": "second"})
    await service.versions.publish(name)
    await service.versions.put_alias(name, "prod", version="1")
    made = Bench(service, name, tmp_path / "shifts")
    yield made
    await made.shifts.close()
    if local:
        await service.close()


async def test_by_steps_to_the_end(bench: Bench) -> None:
    live = await bench.shifts.start(bench.plan)
    assert await bench.shares() == {"1": 0.9, "2": 0.1}
    assert (await bench.after(299)).at == 0
    assert (await bench.after(2)).at == 1
    assert await bench.shares() == {"1": 0.5, "2": 0.5}
    assert (live.old.runs, live.old.p95_ms) == (100, 12.0)
    assert (await bench.after(301)).phase is Phase.DONE
    assert await bench.shares() == {"2": 1.0}
    assert list(bench.folder.glob("*.json")) == []


async def test_back_by_rule_and_back_by_hand(bench: Bench) -> None:
    live = await bench.shifts.start(bench.plan)
    bench.figures.new = VersionFigures("2", 40, 4, 0, 20.0)
    shift = await bench.after(10)
    assert (shift.phase, shift.unsent) == (Phase.BACK, False)
    assert shift.reason == "10 % of 40 runs failed, the rule allows 5 %"
    assert await bench.shares() == {"1": 1.0}
    bench.figures.new = VersionFigures("2", 40, 0, 0, 20.0)
    live = await bench.shifts.start(replace(bench.plan, steps=read_steps("100%")))
    assert live.shift.phase is Phase.DONE
    assert await bench.shares() == {"2": 1.0}
    await bench.shifts.change(live, lambda shift, now: shift.back(now, "you went back"))
    assert await bench.shares() == {"1": 1.0}


async def test_somebody_elses_change_stops_the_plan_and_stays(bench: Bench) -> None:
    live = await bench.shifts.start(bench.plan)
    await bench.service.versions.put_alias(bench.name, "prod", version="2", routing={"1": 0.25})
    if (await bench.alias()).revision_id == live.shift.revision:
        pytest.skip("this target gives an alias no new revision")
    await bench.shifts.change(live, Shift.next_step)
    assert live.shift.phase is Phase.STOPPED
    assert (
        live.shift.reason == "somebody else changed prod: it sends 75 % to version 2, 25 % to version 1 now"
    )
    assert await bench.shares() == {"2": 0.75, "1": 0.25}


async def test_another_lambdatui_goes_on_where_the_first_was_closed(bench: Bench) -> None:
    await bench.shifts.start(bench.plan)
    await bench.after(100)
    second = bench.another()
    assert await second.interrupted() == [], "the first still drives it"
    with pytest.raises(errors.Conflict, match="Another lambdatui"):
        await second.start(bench.plan)
    await bench.shifts.close()
    (shift,) = await second.interrupted()
    assert (shift.phase, shift.reason, shift.left_s) == (Phase.HELD, AWAY, 200)
    bench.shifts = second
    assert (await bench.after(1000)).at == 0
    live = second.live(bench.name, "prod")
    assert live is not None
    await second.change(live, Shift.resume)
    assert (await bench.after(199)).at == 0
    assert (await bench.after(2)).at == 1
    assert await bench.shares() == {"1": 0.5, "2": 0.5}


async def test_what_was_decided_and_not_sent_is_sent_by_the_next(bench: Bench) -> None:
    live = await bench.shifts.start(bench.plan)
    asked = live.shift.next_step(bench.clock.now)
    await bench.shifts.close()
    files = ShiftFiles(bench.folder)
    files.write(asked)
    bench.shifts = bench.another()
    assert len(await bench.shifts.interrupted()) == 1
    shift = await bench.after(1)
    assert (shift.at, shift.unsent) == (1, False)
    assert await bench.shares() == {"1": 0.5, "2": 0.5}


async def test_failing_figures_are_said_and_move_nothing(bench: Bench) -> None:
    live = await bench.shifts.start(bench.plan)
    bench.figures.error = errors.Throttled("CloudWatch is asked too often.")
    assert (await bench.after(301)).at == 0, "blind steps are not taken"
    assert live.problem == "CloudWatch is asked too often."
    bench.figures.error = None
    assert (await bench.after(1)).at == 1
    assert live.problem == ""


async def test_a_deleted_alias_stops_it(bench: Bench) -> None:
    await bench.shifts.start(bench.plan)
    await bench.service.versions.delete_alias(bench.name, "prod")
    shift = await bench.after(1)
    assert (shift.phase, shift.reason) == (Phase.STOPPED, "prod was deleted")


async def test_what_cannot_begin(bench: Bench) -> None:
    with pytest.raises(errors.NotFound, match="has no alias nope"):
        await bench.shifts.start(replace(bench.plan, alias="nope"))
    with pytest.raises(PlanError, match="points at version 1, not 2"):
        await bench.shifts.start(replace(bench.plan, old="2", new="1"))
    await bench.shifts.start(bench.plan)
    with pytest.raises(errors.Conflict, match="under way already"):
        await bench.shifts.start(bench.plan)


async def test_the_driver_moves_by_itself(bench: Bench) -> None:
    await bench.shifts.start(bench.plan)
    bench.clock.now += 301
    async with asyncio.timeout(10):
        while await bench.shares() != {"1": 0.5, "2": 0.5}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
