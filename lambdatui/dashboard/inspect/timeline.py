"""Lives on a common time axis: what is kept of them, and how a lane is drawn. No widget."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from math import ceil

from lambdatui.dashboard.widgets.signs import SIGNS, Signs
from lambdatui.dashboard.widgets.spans import Span
from lambdatui.model.inspection import EnvironmentLife, EnvironmentsView, LifeState, Mark

RANGES_S = (15.0, 60.0, 300.0, 900.0)
MARKS = 4000
"""Kept of one lane: more than a screen can show of a quarter of an hour."""

_RANK = {
    LifeState.IDLE: 1,
    LifeState.FROZEN: 2,
    LifeState.BUSY: 3,
    LifeState.INIT: 4,
    LifeState.KILLED: 5,
    LifeState.ENDED: 6,
}
"""What is seen of a cell in which several things happened."""
_MOMENTS = (LifeState.KILLED, LifeState.ENDED)
_TONES = ("", "faint", "faint", "ok", "wait", "fail", "fail")


@dataclass(slots=True)
class Lane:
    """One environment as it is now, and what it did before."""

    life: EnvironmentLife
    marks: deque[Mark] = field(default_factory=lambda: deque(maxlen=MARKS))


class Timeline:
    """All lanes; views are put into it one after the other."""

    def __init__(self) -> None:
        self.lanes: dict[int, Lane] = {}

    def see(self, view: EnvironmentsView) -> None:
        """Add what happened."""
        if view.whole:
            told = {life.number for life in view.lives}
            self.lanes = {number: lane for number, lane in self.lanes.items() if number in told}
        for life in view.lives:
            lane = self.lanes.get(life.number)
            if lane is None or lane.life.born != life.born:  # another engine counts from one again
                lane = self.lanes[life.number] = Lane(life)
            last = lane.marks[-1][0] if lane.marks else 0.0
            lane.marks.extend(mark for mark in life.marks if mark[0] > last)
            lane.life = replace(life, marks=())

    def shown(self, now: float, range_s: float) -> list[Lane]:
        """Those that live, or ended within the range; by function, version and age."""
        for key in [key for key, lane in self.lanes.items() if _over(lane, now - RANGES_S[-1])]:
            del self.lanes[key]
        return sorted((one for one in self.lanes.values() if not _over(one, now - range_s)), key=_place)


def _over(lane: Lane, before: float) -> bool:
    return lane.life.ended is not None and lane.life.ended < before


def _place(lane: Lane) -> tuple[str, str, int]:
    return lane.life.function, lane.life.version, lane.life.number


@dataclass(frozen=True, slots=True)
class Axis:
    """The time that is shown: it moves on by whole cells, so that lanes stand still meanwhile."""

    range_s: float
    width: int
    end: float

    @classmethod
    def at(cls, now: float, range_s: float, width: int) -> Axis:
        """The axis whose last cell holds the present."""
        cell = range_s / max(1, width)
        return cls(range_s, width, (now // cell + 1) * cell)

    @property
    def cell_s(self) -> float:
        return self.range_s / max(1, self.width)

    @property
    def start(self) -> float:
        return self.end - self.cell_s * self.width


def draw(marks: Sequence[Mark] | deque[Mark], axis: Axis, signs: Signs = SIGNS) -> list[Span]:
    """A lane: ◇ init, █ busy, · at rest or frozen, ✗ killed; blank before its birth and after its end."""
    cells = [0] * axis.width
    start, cell, last = axis.start, axis.cell_s, axis.width - 1
    until = axis.end
    for at, state in reversed(marks):
        to = last if until >= axis.end else ceil((until - start) / cell) - 1
        if to < 0:
            break
        first = int((at - start) / cell) if at >= start else 0
        if state in _MOMENTS:
            to = first if at >= start else -1
        elif at >= start:
            to = max(first, to)  # what was too short for a cell is seen as well
        rank = _RANK[state]
        for index in range(first, min(to, last) + 1):
            if cells[index] < rank:
                cells[index] = rank
        until = at
    shown = (" ", signs.dot, signs.dot, signs.levels[-1], signs.init, signs.failed, signs.failed)
    return [(shown[rank] * len(list(same)), _TONES[rank]) for rank, same in groupby(cells)]
