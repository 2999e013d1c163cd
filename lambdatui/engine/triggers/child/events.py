"""EventBridge and Scheduler: events, rules and schedules go to the engine, which matches and fires them."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Any

from lambdatui.engine.triggers import expressions
from lambdatui.engine.triggers.child.channel import Channel
from lambdatui.engine.triggers.child.patching import replace

_RULE_CHANGES = ("put_rule", "enable_rule", "disable_rule", "put_targets", "remove_targets")


def attach(channel: Channel) -> None:
    """Replaces moto's matching and its targets; archives and replays stay its own."""
    _fire_by_engine(channel)
    _mirror_rules(channel)
    _mirror_schedules(channel)


def send(account: str, region: str, facts: dict[str, Any]) -> None:
    """An event of a service, to the default bus and every rule on it."""
    from moto.core.utils import unix_time
    from moto.events.models import events_backends

    event: Any = {"version": "0", "id": str(uuid.uuid4()), "account": account, "region": region, **facts}
    event["time"] = unix_time()
    bus = events_backends[account][region].event_buses["default"]
    for rule in list(bus.rules.values()):
        rule.send_to_targets(event)


def _fire_by_engine(channel: Channel) -> None:
    from moto.events import models

    archive = models.Rule.send_to_targets

    def fire(self: Any, original_event: Any, transform_input: bool = True) -> None:
        if any(_is_archive(target["Arn"]) for target in self.targets):
            archive(self, original_event, transform_input)
        elif self.targets:
            channel.tell("event", rule=_rule(self), event=_event(original_event))

    replace(models.Rule, send_to_targets=fire)


def _is_archive(arn: str) -> bool:
    """A rule that fills an archive names `arn:aws:events:REGION:::` as its target."""
    parts = arn.split(":")
    return len(parts) > 5 and parts[2] == "events" and not parts[5]


def _mirror_rules(channel: Channel) -> None:
    """Rules with a schedule are told of whenever they change."""
    from moto.events import models
    from moto.events.exceptions import ValidationException

    def tell(backend: Any, name: str, bus_arn: str | None) -> None:
        rule = _find(backend, name, bus_arn)
        if rule is not None and rule.scheduled_expression:
            channel.tell("rule", key=rule.arn, rule=_rule(rule))

    backend = models.EventsBackend
    put: Any = backend.put_rule

    def put_rule(self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        text = kwargs.get("scheduled_expression")
        if text and _problem(text):
            raise ValidationException("Parameter ScheduleExpression is not valid.")
        return put(self, name, *args, **kwargs)

    replace(backend, put_rule=put_rule)
    replace(backend, **{name: _then(getattr(backend, name), tell) for name in _RULE_CHANGES})
    remove: Any = backend.delete_rule

    def delete_rule(self: Any, name: str, event_bus_arn: str | None) -> None:
        rule: Any = _find(self, name, event_bus_arn)
        remove(self, name, event_bus_arn)
        if rule is not None:
            channel.tell("rule", key=rule.arn, rule=None)

    replace(backend, delete_rule=delete_rule)


def _find(backend: Any, name: str, bus_arn: str | None) -> Any:
    bus = backend.event_buses.get(backend._normalize_event_bus_arn(bus_arn))
    return bus.rules.get(name) if bus is not None else None


def _then(change: Callable[..., Any], tell: Callable[[Any, str, str | None], None]) -> Callable[..., Any]:
    def changed(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = change(self, *args, **kwargs)
        name: Any = kwargs.get("name", args[0] if args else None)
        bus = kwargs.get("event_bus_arn", args[1] if len(args) > 1 else None)
        tell(self, name, bus)
        return result

    return changed


def _mirror_schedules(channel: Channel) -> None:
    from moto.scheduler import models
    from moto.scheduler.exceptions import ValidationException

    backend = models.EventBridgeSchedulerBackend
    remove_group: Any = backend.delete_schedule_group
    add, update = models.ScheduleGroup.add_schedule, models.Schedule.update
    remove = models.ScheduleGroup.delete_schedule

    def check(text: str, zone: str | None) -> None:
        if problem := _problem(text, zone):
            raise ValidationException(f"Invalid Schedule Expression {text}: {problem}.")

    def added(self: Any, schedule: Any) -> None:
        check(schedule.schedule_expression, schedule.schedule_expression_timezone)
        add(self, schedule)
        channel.tell("schedule", key=schedule.arn, schedule=schedule.to_dict())

    def updated(self: Any, **kwargs: Any) -> None:
        check(kwargs["schedule_expression"], kwargs["schedule_expression_timezone"])
        update(self, **kwargs)
        channel.tell("schedule", key=self.arn, schedule=self.to_dict())

    def removed(self: Any, name: str) -> None:
        schedule = self.get_schedule(name)
        remove(self, name)
        channel.tell("schedule", key=schedule.arn, schedule=None)

    def group_removed(self: Any, name: str | None) -> None:
        group = self.schedule_groups.get(name or "default")
        remove_group(self, name)
        for schedule in list(group.schedules.values()) if group else ():
            channel.tell("schedule", key=schedule.arn, schedule=None)

    replace(models.ScheduleGroup, add_schedule=added, delete_schedule=removed)
    replace(models.Schedule, update=updated)
    replace(backend, delete_schedule_group=group_removed)


def _problem(text: str, zone: str | None = None) -> str:
    """Why a schedule would never fire; nothing where it does."""
    try:
        expressions.parse(text, zone or "UTC")
    except expressions.InvalidSchedule as problem:
        return str(problem)
    return ""


def _rule(rule: Any) -> dict[str, Any]:
    """Everything that is needed to match and fire a rule."""
    return {
        "arn": rule.arn,
        "name": rule.name,
        "bus": rule.event_bus_name,
        "account": rule.account_id,
        "region": rule.region_name,
        "state": rule.state,
        "pattern": rule.event_pattern.dump(),
        "schedule": rule.scheduled_expression,
        "targets": rule.targets,
    }


def _event(event: Any) -> dict[str, Any]:
    """The event as targets see it: its time as text, nothing of moto's own."""
    shown = {name: value for name, value in event.items() if name != "ingestion-time"}
    shown["time"] = _time(event.get("time"))
    return shown


def _time(value: Any) -> str:
    if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
        return value
    if isinstance(value, datetime.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    else:
        moment = datetime.datetime.fromtimestamp(float(value), datetime.UTC)
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
