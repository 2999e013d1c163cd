"""Bulk changes of the main screen: one at a time, asked for, begun, looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lambdatui.dashboard.bulk.job import Job, Step
from lambdatui.dashboard.guard import guard_of
from lambdatui.service.errors import ServiceError

if TYPE_CHECKING:
    from lambdatui.dashboard.bulk.screen import BulkScreen
    from lambdatui.dashboard.screens.main import MainScreen
    from lambdatui.model import Function
    from lambdatui.service import Service

_AT_ONCE = 60


class Bulk:
    """Opens the screen, and keeps what goes on after it was left."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._job: Job | None = None

    @property
    def under_way(self) -> bool:
        """Whether a change goes on."""
        return self._job is not None and not self._job.finished

    def open(self, functions: Sequence[Function], *, marked: bool, first: str = "", aside: str = "") -> None:
        """Review a change of these functions, or look at the one that goes on; ``aside`` is said with it."""
        screen, service = self._screen, self._screen.service
        if service is None or not (functions or self.under_way):
            screen.notify(screen.functions.without_one("to change"), severity="warning")
            return
        from lambdatui.dashboard.bulk.screen import BulkScreen  # long after the first frame

        job = self._job if self.under_way else None
        shown = [item.function for item in job.items] if job else functions
        review = BulkScreen(
            shown,
            lambda agreed: self._begin(service, review, agreed),
            marked=marked,
            job=job,
            first=first,
            aside=aside,
            name_typed=service.target.rule.type_name,
        )
        screen.app.push_screen(review)
        if job is None:
            screen.run_worker(self._learn(service, review, functions), group="bulk", exit_on_error=False)

    async def _learn(self, service: Service, review: BulkScreen, functions: Sequence[Function]) -> None:
        """What lists leave out, for the review; without it every row counts as one to change."""
        unknown = [function.name for function in functions if not function.latest.state]
        try:
            for at in range(0, len(unknown), _AT_ONCE):
                found = await service.functions.states(unknown[at : at + _AT_ONCE])
                if not review.is_attached:
                    return
                review.learn(found.values())
        except ServiceError:
            return  # the change itself will say what is wrong

    def _begin(self, service: Service, review: BulkScreen, job: Job) -> None:
        screen = self._screen

        def agreed() -> None:
            if self.under_way:
                return
            self._job = job
            review.started(job)
            screen.run_worker(self._run(service, job), group="bulk-job", exit_on_error=False)

        guard_of(screen.app).before(screen.app, service.target, agreed)

    async def _run(self, service: Service, job: Job) -> None:
        await job.run(service)
        if job.listener is None:  # nobody looks
            failed = any(item.step is Step.FAILED for item in job.items)
            self._screen.notify(job.outcome, severity="warning" if failed else "information", markup=False)
        self._screen.functions.table.clear_marks()
        self._screen.action_refresh()
