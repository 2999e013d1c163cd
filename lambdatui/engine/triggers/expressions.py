"""When a schedule is due: rate(5 minutes), cron(0 10 ? * MON-FRI *), at(2026-11-21T08:00:00)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_LAST_YEAR = 2199


class InvalidSchedule(ValueError):  # noqa: N818 - said to a person
    """No schedule that AWS knows."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`rate(…)`: again and again, so many seconds apart."""

    seconds: int

    def after(self, moment: float, since: float) -> float | None:
        """The first time later than `moment`, counted in steps from `since`."""
        steps = max(0, int((moment - since) // self.seconds)) + 1
        return since + steps * self.seconds


@dataclass(frozen=True, slots=True)
class At:
    """`at(…)`: once."""

    moment: float

    def after(self, moment: float, since: float) -> float | None:
        return self.moment if self.moment > moment else None


@dataclass(frozen=True, slots=True)
class Cron:
    """Six fields, in some time zone. A local time that a change of clocks skips does not come."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    day_of_month: str
    months: frozenset[int]
    day_of_week: str
    years: frozenset[int]
    zone: ZoneInfo

    def after(self, moment: float, since: float) -> float | None:
        local = datetime.fromtimestamp(moment, self.zone)
        for day in self._days(local.date()):
            for hour in self.hours:
                for minute in self.minutes:
                    naive = datetime(day.year, day.month, day.day, hour, minute)
                    due = naive.replace(tzinfo=self.zone).timestamp()
                    exists = datetime.fromtimestamp(due, self.zone).replace(tzinfo=None, fold=0) == naive
                    if due > moment and exists:
                        return due
        return None

    def _days(self, first: date) -> Iterator[date]:
        """Every day from `first` on that the fields allow."""
        year, month = first.year, first.month
        while year <= _LAST_YEAR:
            if year in self.years and month in self.months:
                for number in sorted(self._days_of(year, month)):
                    day = date(year, month, number)
                    if day >= first:
                        yield day
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)

    def _days_of(self, year: int, month: int) -> set[int]:
        length = calendar.monthrange(year, month)[1]
        if self.day_of_week == "?":
            return _days_of_month(self.day_of_month, year, month, length)
        return _days_of_week(self.day_of_week, year, month, length)


Schedule = Rate | At | Cron


def parse(text: str, zone: str = "UTC") -> Schedule:
    """The schedule that an expression describes; raises InvalidSchedule."""
    match = re.fullmatch(r"(rate|cron|at)\((.*)\)", text.strip())
    if match is None:
        raise InvalidSchedule(f"{text!r} is none of rate(…), cron(…), at(…)")
    try:
        place = ZoneInfo(zone)
    except (OSError, ValueError, KeyError) as error:
        raise InvalidSchedule(f"there is no time zone {zone!r}") from error
    try:
        return {"rate": _rate, "cron": _cron, "at": _at}[match[1]](match[2].strip(), place)
    except (ValueError, KeyError, IndexError) as error:
        raise InvalidSchedule(f"{text!r} is no schedule") from error


def _rate(text: str, _: ZoneInfo) -> Schedule:
    match = re.fullmatch(r"([1-9]\d*) (minute|hour|day)s?", text, re.ASCII)
    if match is None:
        raise ValueError(text)
    return Rate(int(match[1]) * _UNITS[match[2]])


def _at(text: str, zone: ZoneInfo) -> Schedule:
    return At(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def _cron(text: str, zone: ZoneInfo) -> Schedule:
    minutes, hours, day_of_month, months, day_of_week, years = text.upper().split()
    if (day_of_month == "?") == (day_of_week == "?"):
        raise ValueError("one of the two days must be ?")
    cron = Cron(
        tuple(_numbers(minutes, 0, 59)),
        tuple(_numbers(hours, 0, 23)),
        day_of_month,
        frozenset(_numbers(months, 1, 12, _MONTHS)),
        day_of_week,
        frozenset(_numbers(years, 1970, _LAST_YEAR)),
        zone,
    )
    cron._days_of(2024, 2)  # says no to days that nobody can read
    return cron


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> list[int]:
    """What a field such as 1,5-9,*/10 or MON-FRI allows, in order."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            first, last = low, high
        elif "-" in span:
            first, last = (_number(end, names) for end in span.split("-"))
        else:
            first = _number(span, names)
            last = high if step else first
        if not low <= first <= high or not low <= last <= high:
            raise ValueError(field)
        every = int(step) if step else 1
        if every < 1:
            raise ValueError(field)
        if last < first:  # FRI-MON goes around
            found.update(range(first, high + 1, every), range(low, last + 1, every))
        else:
            found.update(range(first, last + 1, every))
    return sorted(found)


def _number(text: str, names: dict[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    return int(text)


def _days_of_month(field: str, year: int, month: int, length: int) -> set[int]:
    if field == "L":
        return {length}
    if field.endswith("W"):
        number = length if field == "LW" else int(field.removesuffix("W"))
        return {_nearest_weekday(year, month, number, length)} if 1 <= number <= length else set()
    return {number for number in _numbers(field, 1, 31) if number <= length}


def _days_of_week(field: str, year: int, month: int, length: int) -> set[int]:
    if "#" in field:
        wanted, _, which = field.partition("#")
        days = _every(_number(wanted, _DAYS), year, month, length)
        return {days[int(which) - 1]} if 1 <= int(which) <= len(days) else set()
    if field.endswith("L") and field != "L":
        return {_every(_number(field.removesuffix("L"), _DAYS), year, month, length)[-1]}
    if field == "L":
        field = "SAT"
    return {
        number for wanted in _numbers(field, 1, 7, _DAYS) for number in _every(wanted, year, month, length)
    }


def _every(weekday: int, year: int, month: int, length: int) -> list[int]:
    """The days of a month that fall on a weekday; Sunday is 1."""
    first = (date(year, month, 1).isoweekday() % 7) + 1
    return list(range(1 + (weekday - first) % 7, length + 1, 7))


def _nearest_weekday(year: int, month: int, number: int, length: int) -> int:
    day = date(year, month, number)
    if day.isoweekday() == 6:
        return number - 1 if number > 1 else number + 2
    if day.isoweekday() == 7:
        return number + 1 if number < length else number - 2
    return number


def iso(moment: float) -> str:
    """A time as events show it."""
    return (datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(moment))).strftime("%Y-%m-%dT%H:%M:%SZ")
