"""The concurrency of the account, looked at again and again: first what is quick to ask, then the rest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from zlib import crc32

from lambdatui.model.attachments import Provisioned
from lambdatui.model.concurrency import ConcurrencyView, FunctionShare
from lambdatui.model.metrics import AccountActivity, Use
from lambdatui.service.concurrency import Concurrency
from lambdatui.service.errors import Denied, NotFound, Unsupported
from lambdatui.service.functions import Functions
from lambdatui.service.metrics import Metrics
from lambdatui.service.together import together

AT_ONCE = 20
"""Functions whose limits are asked for between two answers."""
ASKING = 4  # at a time: AWS lets GetFunctionConcurrency be called 100 times a second
AWS_S, LOCAL_S = 300.0, 1.0
"""How often figures are asked for anew, of up to so many functions: AWS charges for them."""
FEW = 100

Limits = tuple[int | None, tuple[Provisioned, ...]]


@dataclass(slots=True)
class _Seen:
    """What is known from the questions so far."""

    limit: int
    unreserved: int
    names: tuple[str, ...]
    use: dict[str, Use]
    activity: AccountActivity | None
    at: float


class Pool:
    """GetAccountSettings, the limits of every function, and CloudWatch's figures of them."""

    def __init__(
        self,
        functions: Functions,
        concurrency: Concurrency,
        metrics: Metrics,
        *,
        local: bool,
        stamp: Callable[[], object | None] = lambda: None,
    ) -> None:
        """``stamp`` differs from an earlier one when limits may have changed; None: nobody tells."""
        self._functions = functions
        self._concurrency = concurrency
        self._metrics = metrics
        self._every_s = LOCAL_S if local else AWS_S
        self._stamp = stamp
        self._stamped: object | None = None
        self._seen: _Seen | None = None
        self._limits: dict[str, Limits] = {}

    async def view(self, *, since: str = "", wait_s: float = 0.0) -> ConcurrencyView:
        """All there is to know; without ``since`` everything is asked for anew. While limits are missing
        each answer knows more of them, the top users' first."""
        if not since:
            self._seen, self._limits = None, {}
        seen = self._seen
        if seen is None or time.monotonic() - seen.at >= self._every_s * max(1, len(seen.names) / FEW):
            seen = await self._look()
        elif missing := [name for name in self._ordered(seen) if name not in self._limits]:
            await self._ask_limits(missing[:AT_ONCE])
        else:
            await asyncio.sleep(min(wait_s, self._every_s))
        return self._told(seen)

    async def _look(self) -> _Seen:
        stamp = self._stamp()
        if stamp != self._stamped:
            self._stamped, self._limits = stamp, {}
        account = await self._functions.account()
        names = tuple([one.name async for page in self._functions.pages() for one in page])
        try:
            activity, use = await asyncio.gather(self._metrics.account(), self._metrics.use(names))
        except (Denied, NotFound, Unsupported):
            activity, use = None, {}
        limit, unreserved = account.concurrency_limit, account.unreserved_concurrency
        self._seen = _Seen(limit, unreserved, names, use, activity, time.monotonic())
        return self._seen

    async def _ask_limits(self, names: list[str]) -> None:
        turn = asyncio.Semaphore(ASKING)

        async def one(name: str) -> tuple[str, Limits]:
            async with turn:
                try:
                    reserved = await self._concurrency.reserved(name)
                    return name, (reserved, tuple(await self._concurrency.provisioned(name)))
                except NotFound:  # it was deleted meanwhile
                    return name, (None, ())

        self._limits.update(await together(map(one, names)))

    def _ordered(self, seen: _Seen) -> list[str]:
        """The top users first."""

        def rank(name: str) -> tuple[int, int, str]:
            use = seen.use.get(name)
            return (-max(use.concurrent, default=0), -use.throttled, name) if use else (0, 0, name)

        return sorted(seen.names, key=rank)

    def _told(self, seen: _Seen) -> ConcurrencyView:
        shares = tuple(self._share(seen, name) for name in self._ordered(seen))
        view = ConcurrencyView("", seen.limit, seen.unreserved, shares, seen.activity)
        return replace(view, stamp=f"{crc32(repr(view).encode()):x}")

    def _share(self, seen: _Seen, name: str) -> FunctionShare:
        use, limits = seen.use.get(name), self._limits.get(name)
        share = FunctionShare(name) if limits is None else FunctionShare(name, True, *limits)
        return replace(share, concurrent=use.concurrent, throttles=use.throttled) if use else share
