"""A traffic shift: which version has how much, how both do, where the plan is, and the keys that steer it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen

from lambdatui.dashboard.bars import Footer, Header
from lambdatui.dashboard.canary.lines import lines_of
from lambdatui.dashboard.function.lines import SpanLines
from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.service.shifts.shift import Phase, Shift
from lambdatui.service.shifts.shifts import Live
from lambdatui.service.shifts.words import written

if TYPE_CHECKING:
    from lambdatui.service import Service

LOOK_S = 0.5


class CanaryScreen(Screen[None]):
    """Watches one shift, which goes on when the screen is left."""

    CSS_PATH = "../invoking/invoking.tcss"
    AUTO_FOCUS = "SpanLines"
    BINDINGS: ClassVar = bindings("next-step", "hold-shift", "shift-back", "command", "back")

    def __init__(
        self,
        service: Service,
        live: Live,
        *,
        production: bool = False,
    ) -> None:
        super().__init__()
        self._service = service
        self.live = live
        self._production = production
        self._drawn: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        yield Header()
        with Vertical(id="frame") as frame:
            plan = self.live.shift.plan
            frame.border_title = Content.assemble(
                f"Shift {SIGNS.closed} {plan.function}:{plan.alias} ",
                (f" version {plan.old} to {plan.new}, {written(plan.steps)}", "$muted"),
            )
            yield SpanLines()
        yield Footer()

    def on_mount(self) -> None:
        header = self.query_one(Header)
        header.target, header.production = self._service.target, self._production
        self.set_interval(LOOK_S, self.look)
        self.call_after_refresh(self.look)

    def on_resize(self) -> None:
        self._drawn = ()
        self.call_after_refresh(self.look)

    def look(self) -> None:
        """Draw again if something changed."""
        live, view = self.live, self.query_one(SpanLines)
        left = live.shift.remaining(self._service.shifts.clock())
        seen = (live.shift, len(live.samples), live.samples[-1:], live.problem, round(left))
        if seen == self._drawn or not view.size.width:
            return
        phase_before = self._drawn[0].phase if self._drawn and isinstance(self._drawn[0], Shift) else None
        self._drawn = seen
        view.set_lines(lines_of(live, left, view.size.width - 2))
        if live.shift.phase is not phase_before:
            self.refresh_bindings()

    # -- steering -----------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is over can only be taken back."""
        phase = self.live.shift.phase
        if action in ("next_step", "hold_shift"):
            return not self.live.shift.is_over
        if action == "shift_back":
            return phase not in (Phase.BACK, Phase.STOPPED)
        return super().check_action(action, parameters)

    def action_next_step(self) -> None:
        """Take the next step now."""
        self._change(Shift.next_step)

    def action_hold_shift(self) -> None:
        """Stay at this step, or go on."""
        held = self.live.shift.phase is Phase.HELD
        self._change(Shift.resume if held else Shift.hold)

    def action_shift_back(self) -> None:
        """Everything back to the old version."""
        self._change(lambda shift, now: shift.back(now, "you took it back"))

    def _change(self, change: Callable[[Shift, float], Shift]) -> None:
        self.run_worker(self._changing(change), group="shift", exit_on_error=False)

    async def _changing(self, change: Callable[[Shift, float], Shift]) -> None:
        await self._service.shifts.change(self.live, change)
        self.look()

    def action_back(self) -> None:
        """Leave; the shift goes on."""
        if not self.live.shift.is_over:
            again = f"{key_of('shift')} on the alias shows it again"
            self.notify(f"The shift goes on while lambdatui runs. {again}.")
        self.dismiss(None)
