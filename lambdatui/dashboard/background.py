"""What goes on though its screen was left: uploads, downloads, watched folders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from textual.signal import Signal

from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.service.errors import ServiceError

if TYPE_CHECKING:
    from textual.app import App
    from textual.worker import Worker


_KEPT = "_background"


@dataclass(eq=False, slots=True)
class Work:
    """One thing that goes on, and how far it is."""

    verb: str  # "uploading"
    function: str
    endless: bool = False
    said: str = ""
    short: str = ""  # of what is said, for the head of every screen
    wrong: bool = False
    changes: int = 0  # how often the function was changed by it
    going: bool = True
    worker: Worker[None] | None = field(default=None, repr=False)


Job = Callable[[Work], Awaitable[str]]
"""Does it; returns a sentence that says what came of it."""


class Background:
    """All of it, of one run of the dashboard. It ends with the target that it works on."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._works: list[Work] = []
        self.changed: Signal[Work] = Signal(app, "background")

    def begin(self, work: Work, job: Job) -> None:
        """Have it go on until it ends, or is stopped."""
        self._works.append(work)
        work.worker = self._app.run_worker(
            self._run(work, job), group="background", exit_on_error=False, name=work.verb
        )
        self.changed.publish(work)

    async def _run(self, work: Work, job: Job) -> None:
        try:
            self._app.notify(await job(work), markup=False)
        except ServiceError as error:
            self._app.notify(
                f"{work.function}: {error.sentence}",
                title=f"Not done: {work.verb}",
                severity="error",
                markup=False,
            )
        finally:
            self._ended(work)

    def of(self, function: str) -> list[Work]:
        """What goes on with this function."""
        return [work for work in self._works if work.function == function]

    def tell(self, work: Work, said: str, short: str = "", *, wrong: bool = False) -> None:
        """How far it is."""
        if (said, short, wrong) != (work.said, work.short, work.wrong):
            work.said, work.short, work.wrong = said, short, wrong
            self.changed.publish(work)

    def stop(self, work: Work) -> None:
        """End it now."""
        if work.worker is not None:
            work.worker.cancel()
        self._ended(work)

    def leave(self) -> None:
        """Another target is looked at: nothing goes on with this one."""
        for work in list(self._works):
            self.stop(work)
            self._app.notify(
                f"{work.verb.capitalize()} {work.function} ended, because another target is looked at.",
                severity="warning",
                markup=False,
            )

    def _ended(self, work: Work) -> None:
        if work.going:
            work.going = False
            self._works.remove(work)
            self.changed.publish(work)

    @property
    def summary(self) -> str:
        """All of it in a few words; nothing when nothing goes on."""
        if len(self._works) > 2:
            return f"{len(self._works)} under way"
        return " · ".join(
            " ".join(
                part for part in (work.verb, work.function, SIGNS.failed * work.wrong or work.short) if part
            )
            for work in self._works
        )


def background_of(app: App[Any]) -> Background:
    """What goes on in this run of the dashboard. The app keeps it, so that both are let go together."""
    if not hasattr(app, _KEPT):
        setattr(app, _KEPT, Background(app))
    kept: Background = getattr(app, _KEPT)
    return kept
