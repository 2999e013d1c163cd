"""Rules and schedules that are due at some time: what the neighbours keep, on the engine's clock."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambdatui.engine.triggers import expressions
from lambdatui.engine.triggers.expressions import InvalidSchedule, Schedule, iso
from lambdatui.engine.triggers.functions import Sender
from lambdatui.engine.triggers.inputs import payload
from lambdatui.engine.triggers.targets import Shot

if TYPE_CHECKING:
    from lambdatui.engine.clock import Clock, Timer

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 1000
"""So often one schedule fires for one jump of the clock; what would come before that is left out."""
EVENTS = "events.amazonaws.com"

Facts = Mapping[str, Any]


@dataclass(slots=True)
class _Entry:
    facts: Facts
    text: str
    zone: str
    schedule: Schedule
    since: float
    timer: Timer | None = None
    last: float | None = None


class Schedules:
    """Fires what is due. `shoot` takes every event for every target."""

    def __init__(self, clock: Clock, shoot: Callable[[Shot], None], forget: Callable[[Facts], None]) -> None:
        """`forget` deletes a schedule that wants to be deleted after it ran."""
        self._clock = clock
        self._shoot = shoot
        self._forget = forget
        self._entries: dict[str, _Entry] = {}

    def rule(self, key: str, rule: Facts | None) -> None:
        """A rule with a schedule is now like this, or gone."""
        if rule is None or rule["state"] != "ENABLED" or not rule["schedule"]:
            self._drop(key)
        else:
            self._keep(key, rule, rule["schedule"], "UTC", self._clock.now(), self._fire_rule)

    def schedule(self, key: str, schedule: Facts | None) -> None:
        """A schedule of EventBridge Scheduler is now like this, or gone."""
        if schedule is None or (schedule.get("State") or "ENABLED") != "ENABLED":
            self._drop(key)
            return
        begin = _moment(schedule.get("StartDate"))
        text, zone = schedule["ScheduleExpression"], schedule.get("ScheduleExpressionTimezone") or "UTC"
        now = self._clock.now()
        since = begin if begin is not None else now
        self._keep(key, schedule, text, zone, since, self._fire_schedule, since >= now)

    def clear(self) -> None:
        """The neighbours died, and every rule with them."""
        for key in list(self._entries):
            self._drop(key)

    def next_due(self) -> float | None:
        """When the next of them fires."""
        return min((entry.timer.when for entry in self._entries.values() if entry.timer), default=None)

    def describe(self) -> list[dict[str, Any]]:
        """What is due when."""
        return [
            {
                "arn": key,
                "expression": entry.text,
                "zone": entry.zone,
                "next": entry.timer.when if entry.timer else None,
            }
            for key, entry in self._entries.items()
        ]

    # -- one entry -------------------------------------------------------------------------------

    def _keep(
        self,
        key: str,
        facts: Facts,
        text: str,
        zone: str,
        since: float,
        fire: Callable[[str, _Entry, float], None],
        at_once: bool = False,
    ) -> None:
        """`at_once`: a rate begins with `since` itself."""
        present = self._entries.get(key)
        begins = facts.get("StartDate")
        if present is not None and (text, zone, begins) == (
            present.text,
            present.zone,
            present.facts.get("StartDate"),
        ):
            present.facts = facts  # new targets do not move the next time
            return
        self._drop(key)
        try:
            schedule = expressions.parse(text, zone)
        except InvalidSchedule as error:
            logger.warning("%s never fires: %s", key, error)
            return
        entry = self._entries[key] = _Entry(facts, text, zone, schedule, since)
        self._arm(key, entry, since if at_once and isinstance(schedule, expressions.Rate) else None, fire)

    def _arm(
        self, key: str, entry: _Entry, due: float | None, fire: Callable[[str, _Entry, float], None]
    ) -> None:
        """Waits for `due`, or for the first time after now."""
        if due is None:
            due = entry.schedule.after(max(self._clock.now(), entry.since), entry.since)
        end = _moment(entry.facts.get("EndDate"))
        if due is None or (end is not None and due > end):
            entry.timer = None
            self._complete(entry)
            return

        def run() -> None:
            assert due is not None
            entry.last = due
            fire(key, entry, due)
            following = entry.schedule.after(due, entry.since)
            self._arm(key, entry, self._not_too_many(entry, due, following), fire)

        entry.timer = self._clock.call_at(due, run)

    def _not_too_many(self, entry: _Entry, due: float, following: float | None) -> float | None:
        """A jump over a year would fire a schedule of every minute half a million times."""
        if following is None:
            return None
        behind = (self._clock.now() - due) / max(following - due, 1.0)
        if behind <= MOST_AT_ONCE:
            return following
        logger.warning("%s: the clock jumped over too many times at once; some are left out", entry.text)
        return entry.schedule.after(self._clock.now() - (following - due) * MOST_AT_ONCE / 2, entry.since)

    def _complete(self, entry: _Entry) -> None:
        if entry.last is not None and entry.facts.get("ActionAfterCompletion") == "DELETE":
            self._forget(entry.facts)

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None and entry.timer is not None:
            entry.timer.cancel()

    # -- firing ----------------------------------------------------------------------------------

    def _fire_rule(self, key: str, entry: _Entry, due: float) -> None:
        rule = entry.facts
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": rule["account"],
            "time": iso(due),
            "region": rule["region"],
            "resources": [rule["arn"]],
            "detail": {},
        }
        for target in rule["targets"]:
            self._shoot(shot_of_rule(rule, target, event))

    def _fire_schedule(self, key: str, entry: _Entry, due: float) -> None:
        schedule = entry.facts
        target = schedule["Target"]
        _, _, _, region, account, _ = key.split(":", 5)
        marks = {
            "<aws.scheduler.schedule-arn>": key,
            "<aws.scheduler.scheduled-time>": iso(due),
            "<aws.scheduler.execution-id>": str(uuid.uuid4()),
            "<aws.scheduler.attempt-number>": "1",
        }
        text = target.get("Input") or "{}"
        for mark, value in marks.items():
            text = text.replace(mark, value)
        event = {"id": str(uuid.uuid4()), "source": "aws.scheduler", "detail-type": "Scheduled Event"}
        self._shoot(Shot(target, text.encode(), event, key, account, region, None))


def shot_of_rule(rule: Facts, target: Facts, event: Facts) -> Shot:
    """An event on its way from a rule to one of its targets."""
    sender = Sender(EVENTS, rule["arn"], rule["account"])
    made = payload(target, event, rule)
    return Shot(target, made, event, rule["arn"], rule["account"], rule["region"], sender)


def _moment(value: Any) -> float | None:
    """A date as moto keeps it: seconds, or text."""
    if value is None or value == "":
        return None
    try:
        return float(value)
    except ValueError:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
