"""When runtimes end, as AWS documents it. Dates to come are forecasts: AWS has moved them before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

AS_OF = date(2026, 9, 30)
"""The newest of the sources that the dates were read from."""

SOON_DAYS = 180
"""AWS writes to those concerned that long before."""


class Standing(IntEnum):
    """How far a runtime is on its way out."""

    SUPPORTED = 0
    ENDING = 1  # within SOON_DAYS
    DEPRECATED = 2  # no more patches; everything still works
    NO_CREATE = 3  # no new functions
    FROZEN = 4  # what is there runs, and cannot be changed


@dataclass(frozen=True, slots=True)
class Runtime:
    """A managed runtime; a date that is None has not been set."""

    name: str
    title: str
    deprecated: date | None = None
    create_blocked: date | None = None
    update_blocked: date | None = None

    def standing(self, today: date) -> Standing:
        """How far it is on its way out on that day."""
        if _over(self.update_blocked, today):
            return Standing.FROZEN
        if _over(self.create_blocked, today):
            return Standing.NO_CREATE
        if _over(self.deprecated, today):
            return Standing.DEPRECATED
        ends = self.days_left(today)
        return Standing.ENDING if ends is not None and ends <= SOON_DAYS else Standing.SUPPORTED

    def days_left(self, today: date) -> int | None:
        """Days until it is deprecated, negative afterwards; None when no date is set."""
        return (self.deprecated - today).days if self.deprecated else None


def _over(day: date | None, today: date) -> bool:
    return day is not None and day <= today


def standing_of(runtime: str | None, today: date) -> Standing:
    """The standing of a runtime by its name; images and names AWS added after us count as supported."""
    known = RUNTIMES.get(runtime or "")
    return known.standing(today) if known else Standing.SUPPORTED


_TABLE = """
nodejs26.x       -          -          -          Node.js 26
nodejs24.x       2028-04-30 2028-06-01 2028-07-01 Node.js 24
nodejs22.x       2027-04-30 2027-06-01 2027-07-01 Node.js 22
nodejs20.x       2026-04-30 2027-02-01 2027-03-03 Node.js 20
nodejs18.x       2025-09-01 2027-02-01 2027-03-03 Node.js 18
nodejs16.x       2024-06-12 2027-02-01 2027-03-03 Node.js 16
nodejs14.x       2023-12-04 2024-01-09 2027-03-03 Node.js 14
nodejs12.x       2023-03-31 2023-03-31 2023-04-30 Node.js 12
nodejs10.x       2021-07-30 2021-07-30 2022-02-14 Node.js 10
nodejs8.10       2020-03-06 2020-02-04 2020-03-06 Node.js 8.10
nodejs6.10       2019-08-12 2019-07-12 2019-08-12 Node.js 6.10
nodejs4.3        2020-03-05 2020-02-03 2020-03-05 Node.js 4.3
nodejs4.3-edge   2020-03-05 2019-03-31 2019-04-30 Node.js 4.3 (Lambda@Edge)
nodejs           2016-08-30 2016-09-30 2016-10-31 Node.js 0.10
python3.15       -          -          -          Python 3.15
python3.14       2029-06-30 2029-07-31 2029-08-31 Python 3.14
python3.13       2029-06-30 2029-07-31 2029-08-31 Python 3.13
python3.12       2028-10-31 2028-11-30 2029-01-10 Python 3.12
python3.11       2027-06-30 2027-07-31 2027-08-31 Python 3.11
python3.10       2026-10-31 2027-02-01 2027-03-03 Python 3.10
python3.9        2025-12-15 2027-02-01 2027-03-03 Python 3.9
python3.8        2024-10-14 2027-02-01 2027-03-03 Python 3.8
python3.7        2023-12-04 2024-01-09 2027-03-03 Python 3.7
python3.6        2022-07-18 2022-07-18 2022-08-29 Python 3.6
python2.7        2021-07-15 2021-07-15 2022-05-30 Python 2.7
java25           2029-06-30 2029-07-31 2029-08-31 Java 25
java21           2029-06-30 2029-07-31 2029-08-31 Java 21
java17           2027-06-30 2027-07-31 2027-08-31 Java 17
java17.al2023    2029-06-30 2029-07-31 2029-08-31 Java 17
java11           2027-06-30 2027-07-31 2027-08-31 Java 11
java11.al2023    2029-06-30 2029-07-31 2029-08-31 Java 11
java8            2024-01-08 2024-02-08 2027-03-03 Java 8
java8.al2        2027-06-30 2027-07-31 2027-08-31 Java 8
java8.al2023     2029-06-30 2029-07-31 2029-08-31 Java 8
dotnet10         2028-11-14 2028-12-14 2029-01-15 .NET 10
dotnet8          2026-11-10 2027-02-01 2027-03-03 .NET 8
dotnet6          2024-12-20 2027-02-01 2027-03-03 .NET 6
dotnetcore3.1    2023-04-03 2023-04-03 2023-05-03 .NET Core 3.1
dotnetcore2.1    2022-01-05 2022-01-05 2022-04-13 .NET Core 2.1
dotnetcore2.0    2019-05-30 2019-04-30 2019-05-30 .NET Core 2.0
dotnetcore1.0    2019-06-27 2019-06-30 2019-07-30 .NET Core 1.0
ruby4.0          2029-03-31 2029-04-30 2029-05-31 Ruby 4.0
ruby3.4          2028-03-31 2028-04-30 2028-05-31 Ruby 3.4
ruby3.3          2027-03-31 2027-04-30 2027-05-31 Ruby 3.3
ruby3.2          2026-03-31 2027-02-01 2027-03-03 Ruby 3.2
ruby2.7          2023-12-07 2024-01-09 2027-03-03 Ruby 2.7
ruby2.5          2021-07-30 2021-07-30 2022-03-31 Ruby 2.5
go1.x            2024-01-08 2024-02-08 2027-03-03 Go 1.x
provided         2024-01-08 2024-02-08 2027-03-03 OS only (bring a bootstrap)
provided.al2     2026-07-31 2027-02-01 2027-03-03 OS only (bring a bootstrap)
provided.al2023  2029-06-30 2029-07-31 2029-08-31 OS only (bring a bootstrap)
"""
# name, deprecated, no more create, no more update, title


def _parsed(line: str) -> Runtime:
    name, *dates, title = line.split(maxsplit=4)
    deprecated, create, update = (None if day == "-" else date.fromisoformat(day) for day in dates)
    return Runtime(name, title, deprecated, create, update)


RUNTIMES: Mapping[str, Runtime] = {
    runtime.name: runtime for runtime in map(_parsed, _TABLE.strip().splitlines())
}
"""Every managed runtime there is or was, by name."""
