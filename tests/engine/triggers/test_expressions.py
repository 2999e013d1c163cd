"""When schedules are due, and what templates make of events."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdatui.engine.triggers.expressions import InvalidSchedule, parse
from lambdatui.engine.triggers.inputs import payload


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def following(expression: str, after: str, count: int = 1, zone: str = "UTC") -> list[str]:
    schedule, now, found = parse(expression, zone), moment(after), []
    for _ in range(count):
        due = schedule.after(now, moment(after))
        if due is None:
            break
        found.append(datetime.fromtimestamp(due, UTC).strftime("%Y-%m-%d %H:%M"))
        now = due
    return found


def test_rates_count_from_where_they_began() -> None:
    assert following("rate(5 minutes)", "2026-11-21 08:02", 2) == ["2026-11-21 08:07", "2026-11-21 08:12"]
    assert following("rate(1 day)", "2026-12-31 08:00") == ["2027-01-01 08:00"]


def test_at_comes_once() -> None:
    assert following("at(2026-11-21T09:00:00)", "2026-11-21 08:00", 5) == ["2026-11-21 09:00"]
    assert following("at(2026-11-21T09:00:00)", "2026-11-21 09:00") == []


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("cron(0 10 * * ? *)", ["2026-11-21 10:00", "2026-11-22 10:00"]),
        ("cron(15 12 ? * MON-FRI *)", ["2026-11-23 12:15", "2026-11-24 12:15"]),
        ("cron(0/30 8-9 21 11 ? 2026)", ["2026-11-21 08:30", "2026-11-21 09:00"]),
        ("cron(0 0 L * ? *)", ["2026-11-30 00:00", "2026-12-31 00:00"]),
        ("cron(0 0 ? * 6L *)", ["2026-11-27 00:00", "2026-12-25 00:00"]),
        ("cron(0 0 ? * 2#1 *)", ["2026-12-07 00:00", "2027-01-04 00:00"]),
        ("cron(0 0 15W * ? *)", ["2026-12-15 00:00", "2027-01-15 00:00"]),
        ("cron(0 0 22W 11 ? 2026)", ["2026-11-23 00:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("cron(0 0 ? JAN,MAR SUN 2027)", ["2027-01-03 00:00", "2027-01-10 00:00"]),
        ("cron(0 0 ? * FRI-MON *)", ["2026-11-22 00:00", "2026-11-23 00:00"]),
    ],
)
def test_cron(expression: str, wanted: list[str]) -> None:
    assert following(expression, "2026-11-21 08:00", 2) == wanted


def test_time_zones_and_the_hour_that_does_not_come() -> None:
    berlin = "Europe/Berlin"
    assert following("cron(0 9 * * ? *)", "2026-07-01 00:00", zone=berlin) == ["2026-07-01 07:00"]
    assert following("cron(0 9 * * ? *)", "2026-12-01 00:00", zone=berlin) == ["2026-12-01 08:00"]
    spring = following("cron(30 2 * * ? *)", "2027-03-27 12:00", 2, berlin)
    assert spring == ["2027-03-29 00:30", "2027-03-30 00:30"]


@pytest.mark.parametrize(
    "wrong",
    [
        "every day",
        "rate(0 minutes)",
        "rate(5 fortnights)",
        "cron(0 10 * * *)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(60 10 * * ? *)",
        "cron(0 10 ? * NOD *)",
        "cron(0/0 10 * * ? *)",
        "cron(0 0 x * ? *)",
        "at(tomorrow)",
    ],
)
def test_what_is_no_schedule(wrong: str) -> None:
    with pytest.raises(InvalidSchedule):
        parse(wrong)


@pytest.mark.parametrize("zone", ["Mars/Base", "../UTC", "日本"])
def test_what_is_no_time_zone(zone: str) -> None:
    with pytest.raises(InvalidSchedule, match="no time zone"):
        parse("rate(1 day)", zone)


EVENT = {
    "id": "1",
    "time": "2026-11-21T08:00:00Z",
    "detail": {"who": 'Ann "A"', "n": 3, "list": [{"x": 1}], "dash-ed": True},
}
RULE = {"arn": "arn:rule", "name": "r"}


def made(template: str, **paths: str) -> Any:
    target = {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}
    return json.loads(payload(target, EVENT, RULE))


def test_paths_into_the_event() -> None:
    for path, wanted in {
        "$": EVENT,
        "$.detail.list[0].x": 1,
        "$.detail.dash-ed": True,
        "$.detail['who']": 'Ann "A"',
        "$.detail.none": None,
    }.items():
        assert json.loads(payload({"InputPath": path}, EVENT, RULE)) == wanted


def test_templates() -> None:
    assert made('{"a": <n>, "b": "n is <n>"}', n="$.detail.n") == {"a": 3, "b": "n is 3"}
    assert made('{"a": <who>, "b": "<who>!"}', who="$.detail.who") == {"a": 'Ann "A"', "b": 'Ann "A"!'}
    assert made('"<who> came"', who="$.detail.who") == 'Ann "A" came'
    assert made("<n> came to <who>", n="$.detail.n", who="$.detail.who") == '3 came to Ann "A"'
    assert made('{"a": <none>, "b": "<none>"}', none="$.none") == {"a": "", "b": ""}
    assert made('{"a": <aws.events.event.json>}') == {"a": EVENT}
    assert made('{"a": <aws.events.rule-arn>}') == {"a": "arn:rule"}
