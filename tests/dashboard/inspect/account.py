"""The concurrency of an account that a test moves by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from lambdatui.model.attachments import Provisioned
from lambdatui.model.concurrency import ConcurrencyView, FunctionShare
from lambdatui.model.metrics import AccountActivity
from tests.dashboard.fake_account import NOW, Gates
from tests.dashboard.inspect.watched import Watched

QUIET = (0,) * 20
SHARES = (
    FunctionShare("checkout", True, 50, (), (*QUIET, 4, 12, 31, 50, 50, 44, 20, 12, 8, 3), 412),
    FunctionShare(
        "payments",
        True,
        None,
        (Provisioned("prod", 20, 20, 14, "IN_PROGRESS"),),
        (*QUIET, 2, 2, 9, 30, 28, 11, 6, 4, 4, 2),
        0,
    ),
    FunctionShare("invoice", True, None, (), (*QUIET, 0, 1, 1, 3, 2, 2, 0, 0, 1, 0), 7),
    FunctionShare("nightly-report", True, 0),
    FunctionShare("resize-image"),
)
ACTIVITY = AccountActivity(
    NOW - timedelta(hours=1),
    120,
    (0,) * 30,
    (0,) * 30,
    (*QUIET, 0, 0, 0, 200, 180, 39, 0, 0, 0, 0),
    (*QUIET, 6, 15, 41, 83, 80, 57, 26, 16, 13, 5),
    (*QUIET, 2, 3, 10, 33, 30, 13, 6, 4, 5, 2),
)


class FakePool(Watched):
    def __init__(self, gates: Gates) -> None:
        super().__init__(gates)
        self.limit = 1000
        self.shares = list(SHARES)
        self.activity: AccountActivity | None = ACTIVITY

    async def view(self, *, since: str = "", wait_s: float = 0.0) -> ConcurrencyView:
        stamp = await self.until(since)
        reserved = sum(one.reserved or 0 for one in self.shares)
        return ConcurrencyView(stamp, self.limit, self.limit - reserved, tuple(self.shares), self.activity)

    def put(self, at: int, share: FunctionShare) -> None:
        self.shares[at] = share
        self.changed()

    def know(self, at: int) -> None:
        """The limits of a function were asked for."""
        self.put(at, replace(self.shares[at], known=True))
