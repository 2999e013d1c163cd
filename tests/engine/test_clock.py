"""The clock that everything asks which waits on Lambda's behalf."""

from __future__ import annotations

import asyncio
import time

import pytest

from lambdatui.engine.clock import Clock


async def test_real_time_is_real() -> None:
    clock = Clock("real")
    before = time.time()
    assert before <= clock.now() <= time.time()
    started = time.monotonic()
    await clock.sleep(0.05)
    assert time.monotonic() - started > 0.04


async def test_scaled_time_runs_faster() -> None:
    clock = Clock("x1000")
    started, before = time.monotonic(), clock.now()
    await clock.sleep(60)
    assert time.monotonic() - started < 30, "not the minute that it is on the clock"
    assert clock.now() - before >= 60


async def test_manual_time_stands_still_until_it_is_moved() -> None:
    clock = Clock("manual")
    before = clock.now()
    waiting = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0.05)
    assert clock.now() == before
    clock.advance(59)
    await asyncio.sleep(0.01)
    assert not waiting.done()
    clock.advance(1)
    await asyncio.wait_for(waiting, 10)


async def test_advancing_is_kept_and_runs_what_is_due_in_order() -> None:
    clock = Clock("real")
    ran: list[int] = []
    for delay in (300, 100, 200, 5000):
        clock.call_later(delay, lambda delay=delay: ran.append(delay))  # type: ignore[misc]
    clock.advance(1000)
    assert ran == [100, 200, 300]
    assert clock.now() - time.time() > 999
    assert clock.describe()["offset_s"] == 1000
    clock.close()


async def test_what_was_due_may_plan_more_and_a_failure_stops_nothing() -> None:
    clock = Clock("manual")
    ran: list[str] = []

    def fail() -> None:
        raise RuntimeError("not mine")

    clock.call_later(1, fail)
    clock.call_later(2, lambda: clock.call_at(clock.now(), lambda: ran.append("planned")))
    clock.advance(3)
    assert ran == ["planned"]


async def test_a_cancelled_timer_never_runs() -> None:
    clock = Clock("manual")
    ran: list[int] = []
    timer = clock.call_later(1, lambda: ran.append(1))
    timer.cancel()
    clock.advance(10)
    assert ran == []
    assert timer.cancelled


@pytest.mark.parametrize("mode", ["", "x", "x0", "x-1", "xfast", "fast", "xnan", "xinf"])
def test_other_modes_do_not_exist(mode: str) -> None:
    with pytest.raises(ValueError, match="no clock"):
        Clock(mode)


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="back"):
        Clock("manual").advance(-1)
