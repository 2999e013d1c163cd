"""Invoking from the main screen: what is sent, what is awaited, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from textual.timer import Timer

from lambdatui.dashboard.keys import key_of
from lambdatui.dashboard.panes.invoke import FIRST_PAYLOAD
from lambdatui.dashboard.screens.trail import Trail
from lambdatui.model import Invocation, InvocationType, LogEvent
from lambdatui.service.cost import of_run
from lambdatui.service.errors import ServiceError

if TYPE_CHECKING:
    from lambdatui.dashboard.screens.main import MainScreen
    from lambdatui.model.invocation import Chunk

PATIENCE_S = 0.2
"""What takes less is not worth a word."""

MOST_RUNS = 8
"""Answers that are kept to be shown again: each may be 6 MB."""


class Invoking:
    """One invocation at a time, and the payload of each function."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self.payloads: dict[str, str] = {}
        self._since = 0.0
        self._what = ""  # what is awaited, as people write it; empty when nothing is
        self._timer: Timer | None = None
        self._created = False  # whether it waits for the function to be created
        self._about = ""  # function whose response or refusal is shown
        self._runs: dict[str, Invocation] = {}  # the last one of each function, the latest at the end
        self._trail = Trail(screen)
        self._chunks: list[Chunk] = []  # of the answer that is coming
        self.contexts: dict[str, str] = {}  # client context of each function, as JSON
        self._streamed: dict[str, bool] = {}  # chosen by the person, else as the function's URL says

    # -- payloads -----------------------------------------------------------------------------

    def keep_payload(self, function: str) -> None:
        """Remember what is in the editor for that function."""
        payload = self._screen.invocation.payload
        if function and payload != FIRST_PAYLOAD:
            self.payloads[function] = payload

    def remembered(self, payload: str) -> None:
        """The last payload of the function shown, unless the person wrote one already."""
        if self._screen.invocation.payload == FIRST_PAYLOAD:
            self._screen.invocation.payload = payload

    @property
    def context(self) -> str:
        """The client context of the function shown."""
        return self.contexts.get(self._screen.function_name, "")

    @property
    def streamed(self) -> bool:
        """Whether the answer of the function shown comes in parts."""
        kind = self._screen.invocation.kind
        return kind is InvocationType.REQUEST_RESPONSE and self._streamed.get(
            self._screen.function_name, False
        )

    @property
    def streams(self) -> bool:
        """Whether the function shown is to answer in parts, whatever kind of invocation is chosen now."""
        return self._streamed.get(self._screen.function_name, False)

    # -- sending ------------------------------------------------------------------------------

    def invoke(self) -> None:
        """Invoke the chosen row with the payload at hand."""
        screen, pane = self._screen, self._screen.invocation
        function = screen.function
        if function is None or screen.service is None:
            screen.notify(screen.functions.without_one("to invoke"), severity="warning")
            return
        if self._what == screen.aim:  # a second press of an impatient hand is no second order
            sentence = f"{self._what} was sent already and its answer is awaited."
            way_out = f"{key_of('back')} stops waiting for it."
            screen.notify(f"{sentence} {way_out}", severity="warning", markup=False)
            return
        if problem := pane.problem:
            key = key_of("editor" if pane.is_outside else "payload")
            self._about = function.name
            pane.response.refuse(f"Not sent, the payload is not good: {problem}. Press {key} to edit it.")
            screen.show_response()
            return
        self.keep_payload(function.name)
        self._ended()
        self._trail.end()
        self._about = function.name
        pane.response.clear()
        screen.show_response()
        self._since, self._what = monotonic(), screen.aim
        self._timer = screen.set_interval(PATIENCE_S, self._say_waiting)
        payload = pane.payload if pane.payload.strip() else FIRST_PAYLOAD
        self._chunks = []
        screen.feeds.invoke(
            function.name,
            payload.encode(),
            screen.qualifier,
            pane.kind,
            client_context=self.contexts.get(function.name, ""),
            streamed=self._streamed.get(function.name),
            on_chunk=self._chunks.append,
        )

    def _say_waiting(self) -> None:
        waited = (monotonic() - self._since) * 1000
        if self._chunks:
            self._screen.invocation.response.streaming(self._what, waited, self._chunks)
        else:
            self._screen.invocation.response.waiting(self._what, waited, created=self._created)

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._what)

    def stop_waiting(self) -> None:
        """The person does not want to wait any longer."""
        what, created = self._what, self._created
        self._ended()
        self._screen.feeds.stop_waiting()
        end = f"{what} was not invoked." if created else "The function may still run."
        self._screen.invocation.response.note(f"No longer waiting for {what}. {end}")

    def _ended(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer, self._what, self._created = None, "", False

    # -- what comes back ----------------------------------------------------------------------

    def created(self) -> None:
        """Lambda is still creating the function; it is invoked as soon as it is ready."""
        self._created = True
        self._say_waiting()

    def sent(self) -> None:
        """The function is ready; now its answer is awaited."""
        self._created = False

    def answered(self, run: Invocation) -> None:
        """The answer came; it is shown beside its own function only."""
        self._ended()
        self._runs.pop(run.function, None)
        self._runs[run.function] = run
        if len(self._runs) > MOST_RUNS:
            del self._runs[next(iter(self._runs))]
        if run.function != self._screen.function_name:
            self._elsewhere(f"{run.function} has answered. Go to it to see what.")
            return
        self.show(run)
        if run.chunks and run.function not in self._streamed:
            self.set_streamed(run.function, True)  # as its URL says: now it is seen in the title
        if run.type is InvocationType.EVENT:
            self._trail.begin(run)

    def show(self, run: Invocation) -> None:
        """An invocation of the function that is chosen, with what it costs on AWS."""
        screen, cost = self._screen, None
        if run.report is not None and screen.service is not None and screen.function is not None:
            latest = screen.function.latest
            region = screen.service.target.region
            cost = of_run(run.report, region=region, architectures=latest.architectures)
        screen.invocation.response.show(run, cost)

    def aimed_at(self, function: str) -> None:
        """Show what this function answered last; what is still awaited is named, and stays in sight."""
        if self.is_waiting or self._about == function:
            return
        self._about = function
        self._trail.end()
        run = self._runs.get(function)
        if run is None:
            self._screen.invocation.response.clear()
            return
        self.show(run)
        if run.type is InvocationType.EVENT:
            self._trail.begin(run)

    def _elsewhere(self, sentence: str) -> None:
        """What became of an invocation of a function that is not shown any more."""
        self._about = ""
        self._screen.invocation.response.note(sentence)

    def recalled(self, function: str, run: Invocation) -> None:
        """An earlier run of a function is looked at again."""
        self._about = function
        self._trail.end()
        self.show(run)

    def failed(self, error: ServiceError) -> None:
        """It could not be invoked."""
        self._ended()
        if self._about and self._about != self._screen.function_name:
            self._elsewhere(f"{self._about}: {error.sentence}")
        else:
            self._screen.invocation.response.fail(error.sentence)

    def gone(self, function: str) -> None:
        """The function was deleted: what it answered is not shown beside another one."""
        self.payloads.pop(function, None)
        self._runs.pop(function, None)
        if self._about != function:
            return
        self._about = ""
        self._trail.end()
        if self.is_waiting:  # an answer may still come; it would stand beside another function
            self._ended()
            self._screen.feeds.stop_waiting()
            sentence = f"{function} was deleted while its answer was awaited. It may still run to its end."
            self._screen.invocation.response.note(sentence)
        else:
            self._screen.invocation.response.clear()

    def logged(self, events: Sequence[LogEvent]) -> None:
        """The log grew: what became of an accepted event may be in it."""
        self._trail.read(events)

    # -- the kind of invocation ---------------------------------------------------------------

    def toggle(self, kind: InvocationType) -> None:
        """That kind, or back to RequestResponse."""
        pane = self._screen.invocation
        pane.set_kind(InvocationType.REQUEST_RESPONSE if pane.kind is kind else kind)

    def toggle_streamed(self) -> None:
        """Show the response as it comes, or wait for the whole of it."""
        if function := self._screen.function_name:
            self.set_streamed(function, not self._streamed.get(function, False))

    def set_streamed(self, function: str, on: bool) -> None:
        """How the answers of a function are asked for."""
        self._streamed[function] = on
        self.describe()

    def describe(self) -> None:
        """Show how the chosen function is invoked."""
        function = self._screen.function_name
        self._screen.invocation.set_manner(
            streamed=self._streamed.get(function, False), context=self.contexts.get(function, "")
        )
