"""Moving an alias from one version to another by a plan: where a shift stands and what comes next.

Pure: time and figures are given, nothing is asked or sent. The service beside it (`shifts`) sends what
:attr:`Shift.wanted` says and tells the outcome with :meth:`Shift.sent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from lambdatui.model import Alias

LEAST_RUNS = 10
"""A rule says nothing about fewer runs of the new version."""


class PlanError(ValueError):
    """What was typed is no plan; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """So much of the traffic goes to the new version, for so long."""

    share: float  # 0..1
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Rules:
    """When the old version takes everything back by itself."""

    error_rate: float | None = None  # 0..1
    p95_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of one version since the shift began."""

    runs: int = 0
    errors: int = 0
    p95_ms: float | None = None

    @property
    def error_rate(self) -> float:
        return self.errors / self.runs if self.runs else 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Which alias moves from where to where, and how."""

    function: str
    alias: str
    old: str
    new: str
    steps: tuple[Step, ...]
    rules: Rules = Rules()

    def routing(self, at: int) -> tuple[str, Mapping[str, float]]:
        """Main version and the other's share while step ``at`` lasts; -1 is before the first."""
        share = self.steps[at].share if at >= 0 else 0.0
        if share >= 1:
            return self.new, {}
        return self.old, {self.new: share} if share else {}


class Phase(StrEnum):
    """How a shift is doing."""

    RUNNING = "running"
    HELD = "held"
    DONE = "done"  # the new version has everything
    BACK = "back"  # the old version has everything again
    STOPPED = "stopped"  # somebody else changed the alias: it is theirs now


@dataclass(frozen=True, slots=True)
class Shift:
    """A plan under way."""

    plan: Plan
    revision: str  # of the alias, as we know it
    began: float
    at: int = -1  # the step that holds, or is being sent
    since: float = 0.0  # when that step was reached
    left_s: float = 0.0  # of its wait, while it is held
    phase: Phase = Phase.RUNNING
    unsent: bool = False  # what is wanted was decided and not confirmed by Lambda yet
    reason: str = ""  # why it is held, back or stopped

    @property
    def wanted(self) -> tuple[str, Mapping[str, float]]:
        """Where the alias should point."""
        return self.plan.routing(-1 if self.phase is Phase.BACK else self.at)

    @property
    def share(self) -> float:
        """What the new version gets."""
        version, others = self.wanted
        return others.get(self.plan.new, 1.0 if version == self.plan.new else 0.0)

    @property
    def is_over(self) -> bool:
        return self.phase in (Phase.DONE, Phase.BACK, Phase.STOPPED)

    @property
    def is_last(self) -> bool:
        return self.at == len(self.plan.steps) - 1

    def remaining(self, now: float) -> float:
        """Seconds that the present step still waits."""
        if self.phase is Phase.HELD:
            return self.left_s
        if self.at < 0:
            return 0.0
        return max(0.0, self.since + self.plan.steps[self.at].wait_s - now)

    def waited(self, now: float) -> bool:
        """Whether the present step is over."""
        return self.phase is Phase.RUNNING and not self.unsent and self.remaining(now) <= 0

    # -- what the person does -----------------------------------------------------------------

    def next_step(self, now: float) -> Shift:
        """Go on to the next step, held or not; after the last one it is done."""
        if self.is_over:
            return self
        if self.is_last:
            return replace(self, phase=Phase.DONE, reason="")
        return replace(self, phase=Phase.RUNNING, at=self.at + 1, since=now, unsent=True, reason="")

    def hold(self, now: float, reason: str = "") -> Shift:
        """Stay at this step until told otherwise."""
        if self.phase is not Phase.RUNNING:
            return self
        return replace(self, phase=Phase.HELD, left_s=self.remaining(now), reason=reason)

    def resume(self, now: float) -> Shift:
        """Go on waiting where it was held."""
        if self.phase is not Phase.HELD:
            return self
        wait_s = self.plan.steps[self.at].wait_s if self.at >= 0 else 0.0
        return replace(self, phase=Phase.RUNNING, since=now - wait_s + self.left_s, reason="")

    def back(self, now: float, reason: str) -> Shift:
        """Everything to the old version at once; also when it is done already."""
        if self.phase in (Phase.BACK, Phase.STOPPED):
            return self
        return replace(self, phase=Phase.BACK, since=now, unsent=True, reason=reason)

    # -- what happens -------------------------------------------------------------------------

    def due(self, now: float, new: Figures) -> Shift:
        """What time and figures make of it: the next step, back by a rule, or as it was."""
        if self.is_over or self.unsent:
            return self
        if self.at >= 0 and (broken := broken_rule(self.plan.rules, new)):
            return self.back(now, broken)
        return self.next_step(now) if self.waited(now) else self

    def sent(self, alias: Alias, now: float) -> Shift:
        """Lambda took what was wanted over."""
        return replace(self, revision=alias.revision_id, since=now, unsent=False)

    def stopped(self, reason: str) -> Shift:
        """The alias is not ours any more."""
        return replace(self, phase=Phase.STOPPED, unsent=False, reason=reason)

    def found(self, alias: Alias, now: float) -> Shift:
        """What the alias looks like to somebody who was away, or who looks again."""
        if self.is_over and not self.unsent:
            return self
        if self.unsent and points_as(alias, self.wanted):
            return self.sent(alias, now)
        if alias.revision_id != self.revision:
            return self.stopped(f"somebody else changed {alias.name}: it sends {told(alias)} now")
        return self


def points_as(alias: Alias, wanted: tuple[str, Mapping[str, float]]) -> bool:
    """Whether the alias shares its traffic that way."""
    version, others = wanted
    same = alias.version == version and alias.routing.keys() == others.keys()
    return same and all(abs(alias.routing[number] - share) < 1e-6 for number, share in others.items())


def told(alias: Alias) -> str:
    """``90 % to version 2, 10 % to version 3``."""
    return ", ".join(f"{round(share * 100, 2):g} % to version {number}" for number, share in alias.weights)


def broken_rule(rules: Rules, new: Figures) -> str:
    """Which rule the new version breaks, in words; empty when none, or when it ran too rarely to say."""
    if new.runs < LEAST_RUNS:
        return ""
    if rules.error_rate is not None and new.error_rate > rules.error_rate:
        rate, most = (round(one * 100, 1) for one in (new.error_rate, rules.error_rate))
        return f"{rate:g} % of {new.runs} runs failed, the rule allows {most:g} %"
    if rules.p95_ms is not None and new.p95_ms is not None and new.p95_ms > rules.p95_ms:
        return f"p95 is {new.p95_ms:.0f} ms, the rule allows {rules.p95_ms:.0f} ms"
    return ""


def begin(plan: Plan, alias: Alias, now: float) -> Shift:
    """Start: the first step is wanted at once."""
    if alias.version != plan.old:
        raise PlanError(f"{alias.name} points at version {alias.version}, not {plan.old}.")
    if plan.new == plan.old:
        raise PlanError(f"{alias.name} points at version {plan.new} already.")
    return Shift(plan, alias.revision_id, now).next_step(now)
