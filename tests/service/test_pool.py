"""The account's concurrency, asked for piece by piece: figures first, then limits, the top users' first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from lambdatui.model import Account, AccountActivity, Provisioned
from lambdatui.model.metrics import Use
from lambdatui.service.errors import Denied, NotFound
from lambdatui.service.pool import AT_ONCE, Pool

NAMES = [f"f{number:02}" for number in range(AT_ONCE + 5)]
BUSY, GONE = NAMES[-1], NAMES[3]


@dataclass(frozen=True)
class Named:
    name: str


class FakeLambda:
    """An account of many functions; one was deleted a moment ago."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.metrics_denied = False

    async def account(self) -> Account:
        return Account(1000, 900, 0, 0, len(NAMES))

    async def pages(self) -> AsyncIterator[list[Named]]:
        yield [Named(name) for name in NAMES]

    async def reserved(self, name: str) -> int | None:
        self.asked.append(name)
        if name == GONE:
            raise NotFound("There is no such function.")
        return 100 if name == BUSY else None

    async def provisioned(self, name: str) -> list[Provisioned]:
        return [Provisioned("prod", 5, 5, 5, "READY")] if name == "f00" else []

    async def use(self, names: Sequence[str]) -> dict[str, Use]:
        if self.metrics_denied:
            raise Denied("GetMetricData is not allowed.")
        return {name: Use((0, 7 * (name == BUSY)), (0, 3 * (name == BUSY))) for name in names}


class FakeFigures(FakeLambda):
    """The account's own figures."""

    async def account(self) -> Any:
        return AccountActivity(datetime.now(UTC), 120, (7,), (0,), (3,), (7,), (0,))


def made(fake: FakeLambda) -> Pool:
    figures = FakeFigures()
    figures.metrics_denied = fake.metrics_denied
    anything = cast("Any", fake)
    return Pool(anything, anything, cast("Any", figures), local=False)


async def test_figures_come_first_and_limits_of_the_top_users_before_the_others() -> None:
    fake = FakeLambda()
    pool = made(fake)
    first = await pool.view()
    assert (first.limit, first.reserved, first.unasked, fake.asked) == (1000, 100, len(NAMES), [])
    assert (first.shares[0].function, first.shares[0].peak, first.shares[0].throttles) == (BUSY, 7, 3)
    second = await pool.view(since=first.stamp)
    assert second.stamp != first.stamp
    assert (second.unasked, second.shares[0].reserved) == (len(NAMES) - AT_ONCE, 100)
    assert BUSY in fake.asked
    whole = await pool.view(since=second.stamp)
    assert (whole.unasked, whole.provisioned, whole.shared) == (0, 5, 895)
    asked = len(fake.asked)
    same = await pool.view(since=whole.stamp, wait_s=0)
    assert (same.stamp, len(fake.asked)) == (whole.stamp, asked)  # AWS is not asked again for minutes
    assert (await pool.view()).unasked == len(NAMES)  # but at once when somebody wants it


async def test_without_leave_to_read_metrics_the_limits_are_told_all_the_same() -> None:
    fake = FakeLambda()
    fake.metrics_denied = True
    pool = made(fake)
    view = await pool.view()
    assert (view.activity, view.peak, view.reserved) == (None, None, 100)
    assert [share.function for share in view.shares] == NAMES
