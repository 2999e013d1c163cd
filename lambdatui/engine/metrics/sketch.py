"""Many values in little room: count, sum, extremes exactly; percentiles to one percent of the value."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil, isclose, log

GAMMA = 1.02
"""The values of one bucket lie within this factor, so that its middle is 1 % off at most."""

LARGEST = 2.0**360
"""CloudWatch takes no value that is further from 0."""

_LOG = log(GAMMA)
_NOTHING = -0x8000  # the bucket of the value 0
_MOST = 0x7FFF
_PAIR = struct.Struct("<hd")


@dataclass(slots=True)
class Distribution:
    """What was observed. A negative value takes the percentiles away, as it does on AWS."""

    count: float = 0.0
    sum: float = 0.0
    least: float = float("inf")
    most: float = float("-inf")
    buckets: dict[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, *values: float) -> Distribution:
        made = cls()
        for value in values:
            made.add(value)
        return made

    def add(self, value: float, times: float = 1.0) -> None:
        """Observe a value, so many times."""
        self.count += times
        self.sum += value * times
        if value < self.least:
            self.least = value
        if value > self.most:
            self.most = value
        bucket = _COUNTS.get(value)
        if bucket is None:
            if value < 0.0:
                return
            bucket = _bucket(value)
        self.buckets[bucket] = self.buckets.get(bucket, 0.0) + times

    def merge(self, other: Distribution) -> None:
        """Take in what another one observed."""
        self.count += other.count
        self.sum += other.sum
        self.least = min(self.least, other.least)
        self.most = max(self.most, other.most)
        for bucket, times in other.buckets.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0.0) + times

    def percentile(self, percent: float) -> float | None:
        """The value below which so many percent of the values lie; None where that is not known."""
        known = sum(self.buckets.values())
        if not known or not isclose(known, self.count):
            return None
        if percent <= 0.0 or percent >= 100.0:
            return self.most if percent else self.least
        rank, seen = percent / 100.0 * known, 0.0
        value = self.most
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= rank:
                value = _middle(bucket)
                break
        return min(max(value, self.least), self.most)

    def pack(self) -> bytes:
        """The buckets as bytes."""
        return b"".join(_PAIR.pack(*pair) for pair in sorted(self.buckets.items()))

    @classmethod
    def unpack(cls, count: float, total: float, least: float, most: float, packed: bytes) -> Distribution:
        return cls(count, total, least, most, dict(_PAIR.iter_unpack(packed)))


def _bucket(value: float) -> int:
    return min(max(ceil(log(value) / _LOG), 1 - _MOST), _MOST)


_COUNTS: dict[float, int] = {0.0: _NOTHING} | {float(count): _bucket(count) for count in range(1, 1001)}
"""The buckets of what is observed most often: how many there are of something."""


def merged(distributions: Iterable[Distribution]) -> Distribution:
    """All of them as one."""
    whole = Distribution()
    for one in distributions:
        whole.merge(one)
    return whole


def _middle(bucket: int) -> float:
    return 0.0 if bucket == _NOTHING else float(2.0 * GAMMA**bucket / (GAMMA + 1.0))
