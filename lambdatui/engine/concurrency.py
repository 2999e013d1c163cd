"""Who may run now: what functions have reserved, what is provisioned for them, what the account has left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from lambdatui.engine.store import facets
from lambdatui.engine.store.database import Database
from lambdatui.engine.wire.errors import ApiError

ACCOUNT_LIMIT = 1000
Key = tuple[str, str, str]
Place = tuple[str, str]


@dataclass(slots=True)
class Account:
    """What runs in one place."""

    running: int = 0
    unreserved: int = 0
    """Of those, on demand and by functions that have reserved nothing."""
    promised: int | None = None
    """Reserved by functions, or provisioned for those that have reserved nothing; None: to be counted."""


@dataclass(slots=True)
class Share:
    """What a function may use, and what it uses on demand: beside the environments provisioned for it."""

    place: Place
    account: Account
    reserved: int | None = None
    provisioned: int = 0
    on_demand: int = 0
    known: bool = False


class Entry(NamedTuple):
    """As what an invocation counts, to its end."""

    share: Share
    provisioned: bool
    unreserved: bool


class Concurrency:
    """Counts what runs. Nothing is looked up while nothing changes."""

    def __init__(self, database: Database, account_limit: int = ACCOUNT_LIMIT) -> None:
        self.account_limit = account_limit
        self._database = database
        self._shares: dict[Key, Share] = {}
        self._accounts: dict[Place, Account] = {}

    def enter(self, key: Key, *, provisioned: bool) -> Entry:
        """Count one more invocation, which a provisioned environment takes or not; or refuse it."""
        share = self._shares.get(key)
        if share is None or not share.known:
            share = self._look_up(key)
        unreserved = not provisioned and share.reserved is None
        if not provisioned:
            self._check(share)
            share.on_demand += 1
            share.account.unreserved += unreserved
        share.account.running += 1
        return Entry(share, provisioned, unreserved)

    @staticmethod
    def leave(entry: Entry) -> None:
        """An invocation is over."""
        share, provisioned, unreserved = entry
        share.account.running -= 1
        if not provisioned:
            share.on_demand -= 1
            share.account.unreserved -= unreserved

    def running(self, account: str, region: str) -> int:
        """How many invocations run now."""
        found = self._accounts.get((account, region))
        return found.running if found else 0

    def forget(self, account: str, region: str, name: str) -> None:
        """Look again: something about the function has changed."""
        share = self._shares.get((account, region, name))
        if share is not None:
            share.known = False
            if not share.on_demand:
                del self._shares[account, region, name]
        if (account, region) in self._accounts:
            self._accounts[account, region].promised = None

    def _check(self, share: Share) -> None:
        account = share.account
        if share.reserved is not None:
            if share.on_demand >= share.reserved - share.provisioned:
                raise throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
            return
        if account.promised is None:
            account.promised = self._promised(share.place)
        if account.unreserved >= self.account_limit - account.promised:
            raise throttled("ConcurrentInvocationLimitExceeded")

    def _look_up(self, key: Key) -> Share:
        place = key[:2]
        account = self._accounts.setdefault(place, Account())
        share = self._shares.setdefault(key, Share(place, account))
        conn = self._database.read()
        reserved = facets.get(conn, *key, "concurrency")
        share.reserved = None if reserved is None else reserved["ReservedConcurrentExecutions"]
        share.provisioned = sum(map(_provisioned, facets.of_function(conn, *key, "provisioned")))
        share.known = True
        return share

    def _promised(self, place: Place) -> int:
        conn = self._database.read()
        reserved = {
            facet.name: int(facet.document["ReservedConcurrentExecutions"])
            for facet in facets.of_kind(conn, "concurrency", *place)
        }
        provisioned = [
            _provisioned(facet)
            for facet in facets.of_kind(conn, "provisioned", *place)
            if facet.name not in reserved
        ]
        return sum(reserved.values()) + sum(provisioned)


def _provisioned(facet: facets.Facet) -> int:
    """What a config takes out of the function's share, from the moment it is asked for until it fails."""
    failed = facet.document["Status"] == "FAILED"
    return 0 if failed else int(facet.document["RequestedProvisionedConcurrentExecutions"])


def throttled(reason: str) -> ApiError:
    """Too many at a time."""
    return ApiError("TooManyRequestsException", "Rate Exceeded.", 429, extra={"Reason": reason})
