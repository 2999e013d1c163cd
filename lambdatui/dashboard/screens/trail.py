"""Follows an accepted event from its 202 to its end, in the response pane."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.worker import Worker

from lambdatui.model import Invocation, LogEvent, LogKind, Report
from lambdatui.service.errors import ServiceError
from lambdatui.service.following import LogTrail, Progress, follow

if TYPE_CHECKING:
    from lambdatui.dashboard.screens.main import MainScreen

GROUP = "trail"


class Trail:
    """One event at a time; the engine is asked, or the log is read."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._run: Invocation | None = None
        self._log: LogTrail | None = None  # where nobody can be asked
        self._report: Report | None = None
        self._progress: Progress | None = None
        self._told = 0.0
        self._worker: Worker[None] | None = None
        self._countdown: Timer | None = None

    def begin(self, run: Invocation) -> None:
        """Follow the event of this run."""
        self.end()
        self._run = run
        service = self._screen.service
        assert service is not None
        if service.inspection is None:
            self._log = LogTrail(run.request_id)
            work = self._ask_for_retries()
        else:
            work = self._ask_the_engine()
        self._worker = self._screen.run_worker(work, group=GROUP, exclusive=True, exit_on_error=False)

    def end(self) -> None:
        """Something else is shown now."""
        if self._worker is not None:
            self._worker.cancel()
        if self._countdown is not None:
            self._countdown.stop()
        self._run = self._log = self._report = self._progress = None
        self._worker = self._countdown = None

    async def _ask_the_engine(self) -> None:
        service, run = self._screen.service, self._run
        assert service is not None
        assert service.inspection is not None
        assert run is not None
        try:
            async for progress in follow(service.inspection, run.request_id):
                self._tell(progress)
        except ServiceError as error:
            self._tell(Progress(f"no longer followed: {error.sentence}", over=True, sure=False))

    async def _ask_for_retries(self) -> None:
        """How often AWS tries; only a more exact sentence depends on it."""
        service, run = self._screen.service, self._run
        assert service is not None
        assert run is not None
        try:
            configs = await service.async_configs.list(run.function)
        except ServiceError:
            return
        wanted = run.qualifier or "$LATEST"
        retries = next((one.retries for one in configs if one.qualifier == wanted), None)
        if self._log is not None:
            self._log.allow(2 if retries is None else retries)

    def read(self, events: Sequence[LogEvent]) -> None:
        """New lines of the log that is followed."""
        if self._run is None:
            return
        mine = self._run.request_id
        for event in events:
            if event.kind is LogKind.REPORT and event.request_id == mine and event.report:
                self._report = event.report
                self._draw()
        if self._log is not None and (progress := self._log.read(events)) is not None:
            self._tell(progress)

    def _tell(self, progress: Progress) -> None:
        self._progress, self._told = progress, monotonic()
        if self._countdown is not None:
            self._countdown.stop()
            self._countdown = None
        if progress.next_in_s:
            self._countdown = self._screen.set_interval(1.0, self._draw)
        self._draw()

    def _draw(self) -> None:
        left = None
        if self._progress is not None and self._progress.next_in_s is not None:
            passed = (monotonic() - self._told) * self._progress.pace
            left = max(0.0, self._progress.next_in_s - passed)
        self._screen.invocation.response.follow(self._progress, left, self._report)
