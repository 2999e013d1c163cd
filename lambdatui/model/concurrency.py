"""The concurrency of an account in one region: who has a share of it, who used it, what a change would do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lambdatui.model.attachments import Provisioned
from lambdatui.model.metrics import AccountActivity

UNRESERVED_MINIMUM = 100
"""So much of the account's concurrency cannot be reserved."""


@dataclass(frozen=True, slots=True)
class FunctionShare:
    """One function: what is kept for it, and what it used within the last hour."""

    function: str
    known: bool = False
    """Whether its limits were asked for."""
    reserved: int | None = None
    provisioned: tuple[Provisioned, ...] = ()
    concurrent: tuple[int, ...] = ()
    """The most that ran at one time, in equal steps, the oldest first."""
    throttles: int = 0

    @property
    def peak(self) -> int:
        """The most that ran at one time."""
        return max(self.concurrent, default=0)

    @property
    def ready(self) -> int:
        """Environments that are kept ready, or are being made so."""
        return sum(one.requested for one in self.provisioned if one.status != "FAILED")


@dataclass(frozen=True, slots=True)
class ConcurrencyView:
    """The whole account."""

    stamp: str
    limit: int
    unreserved: int
    """What the functions have not reserved, as the account settings say."""
    shares: tuple[FunctionShare, ...]
    """The top users first."""
    activity: AccountActivity | None = None
    """None where there are no metrics, or they may not be read."""

    @property
    def reserved(self) -> int:
        return self.limit - self.unreserved

    @property
    def provisioned(self) -> int:
        """Kept ready for functions that have reserved nothing: taken out of what is unreserved."""
        return sum(one.ready for one in self.shares if one.reserved is None)

    @property
    def shared(self) -> int:
        """What functions without a share of their own have together."""
        return max(0, self.unreserved - self.provisioned)

    @property
    def unasked(self) -> int:
        """Functions whose limits are not known yet."""
        return sum(not one.known for one in self.shares)

    @property
    def peak(self) -> int | None:
        """The most that ran at one time within the last hour."""
        return max(self.activity.concurrent, default=0) if self.activity else None

    @property
    def shared_peak(self) -> int:
        """The same of functions that have reserved nothing."""
        return max(self.activity.unreserved, default=0) if self.activity else 0

    def throttled_by(self, share: FunctionShare) -> str:
        """Why calls of a function were refused, in AWS's words first: CloudWatch counts them, but tells no
        reason, so this is what limits and peaks say."""
        if not share.throttles:
            return ""
        if share.reserved is not None:
            name = "ReservedFunctionConcurrentInvocationLimitExceeded"
            if share.reserved == 0:
                return f"{name}: it is stopped, its reserved concurrency is 0"
            if share.peak >= share.reserved:
                return f"{name}: all {share.reserved} reserved were in use"
        elif self.activity and self.shared_peak >= self.shared:
            return f"ConcurrentInvocationLimitExceeded: all {self.shared} unreserved were in use"
        return "the figures show no limit that was reached: a burst, a rate, or one changed since"


@dataclass(frozen=True, slots=True)
class Change:
    """What another reserved concurrency of a function would do; nothing was sent."""

    after: ConcurrencyView
    refusals: tuple[str, ...]
    """Why AWS would not take it."""
    warnings: tuple[str, ...]
    """What would follow if it took it."""


def what_if(view: ConcurrencyView, share: FunctionShare, reserved: int | None) -> Change:
    """Give a function so much of the account's concurrency, or (None) let it share what is unreserved."""
    changed = replace(share, reserved=reserved)
    shares = tuple(changed if one.function == share.function else one for one in view.shares)
    unreserved = view.unreserved + (share.reserved or 0) - (reserved or 0)
    after = replace(view, unreserved=unreserved, shares=shares)
    return Change(after, tuple(_refusals(after, changed)), tuple(_warnings(view, after, share, changed)))


def _refusals(after: ConcurrencyView, share: FunctionShare) -> Iterator[str]:
    wanted = share.reserved
    if wanted is None:
        return
    if wanted and after.unreserved < UNRESERVED_MINIMUM:
        most = max(0, wanted + after.unreserved - UNRESERVED_MINIMUM)
        yield f"AWS keeps {UNRESERVED_MINIMUM} unreserved: {share.function} can have {most} at most."
    if wanted < share.ready:
        yield f"{share.ready} are provisioned for {share.function}: reserve no less."


def _warnings(
    before: ConcurrencyView, after: ConcurrencyView, old: FunctionShare, new: FunctionShare
) -> Iterator[str]:
    name, wanted = new.function, new.reserved
    if wanted == 0:
        yield f"It stops {name}: every call is throttled."
    elif wanted is not None and new.peak > wanted:
        yield f"{name} ran {new.peak} at a time within the hour: calls above {wanted} are throttled."
    if old.reserved is not None and wanted is None:
        yield f"Nothing is kept for {name} any more, and nothing but the account limits it."
    if after.shared < before.shared and before.shared_peak > after.shared:
        yield f"The others ran {before.shared_peak} at a time: {after.shared} are left for them."
