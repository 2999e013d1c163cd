"""A change of many functions under way: it goes on when its screen is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from lambdatui.service.errors import ServiceError

if TYPE_CHECKING:
    from lambdatui.dashboard.bulk.changes import Change
    from lambdatui.model import Function
    from lambdatui.service import Service

AT_ONCE = 4
"""Lambda takes fifteen changes a second."""


class Step(StrEnum):
    """How far a row is."""

    SAME = "nothing to change"
    WAITING = "waits"
    RUNNING = "under way"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "not done"


@dataclass(slots=True)
class Item:
    """One function of the job."""

    function: Function
    step: Step = Step.WAITING
    said: str = ""

    @property
    def name(self) -> str:
        return self.function.name


@dataclass(slots=True)
class Job:
    """The change, its rows, and who wants to hear of them."""

    change: Change
    value: str
    items: list[Item]
    listener: Callable[[Item | None], None] | None = field(default=None)
    started: bool = False
    finished: bool = False
    _cancelled: bool = False

    @classmethod
    def of(cls, change: Change, value: str, functions: Sequence[Function]) -> Job:
        """A job in which rows that have the value already are left out."""
        items = [Item(function) for function in functions]
        for item in items:
            item.said = change.effect(item.function, value)
            if not item.said:
                item.step = Step.SAME
        return cls(change, value, items)

    @property
    def due(self) -> int:
        """How many functions are to be changed."""
        return sum(1 for item in self.items if item.step is not Step.SAME)

    def count(self, step: Step) -> int:
        """How many rows are that far."""
        return sum(1 for item in self.items if item.step is step)

    def cancel(self) -> None:
        """Begin no more rows; those under way come to their end."""
        self._cancelled = True

    async def run(self, service: Service) -> None:
        """Do it, a few rows at a time. A row that fails does not stop the others."""
        self.started = True
        waiting = iter([item for item in self.items if item.step is Step.WAITING])
        try:
            await asyncio.gather(*(self._work(service, waiting) for _ in range(AT_ONCE)))
        finally:
            for item in self.items:
                if item.step in (Step.WAITING, Step.RUNNING):
                    item.step = Step.CANCELLED
            self.finished = True
            self._tell(None)

    async def _work(self, service: Service, waiting: Iterator[Item]) -> None:
        for item in waiting:
            if self._cancelled:
                return
            item.step = Step.RUNNING
            self._tell(item)
            try:
                await self.change.apply(service, item.function, self.value)
                item.step = Step.DONE
            except ServiceError as error:
                item.step, item.said = Step.FAILED, error.sentence
            self._tell(item)

    def _tell(self, item: Item | None) -> None:
        if self.listener is not None:
            self.listener(item)

    @property
    def outcome(self) -> str:
        """What came of it, in a sentence."""
        parts = [
            f"{number} {step.value}"
            for step in (Step.DONE, Step.FAILED, Step.CANCELLED, Step.SAME)
            if (number := self.count(step))
        ]
        return f"{self.change.title}: {', '.join(parts)}."
