"""What the person does with invocations beyond sending one: opens the dialogs and screens for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.screen import Screen

from lambdatui.dashboard.guard import guard_of
from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.messages import TargetOpened
from lambdatui.dashboard.words import percent

if TYPE_CHECKING:
    from lambdatui.dashboard.dialogs.dialog import Dialog
    from lambdatui.dashboard.screens.main import MainScreen
    from lambdatui.model import Alias, Function
    from lambdatui.service import Service
    from lambdatui.service.shifts.shifts import Live


class InvokingDeeds:
    """Acts on what the main screen has chosen."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    def _chosen(self) -> tuple[Service, Function] | None:
        service, function = self._screen.service, self._screen.function
        if service is None or function is None:
            self._screen.notify(self._screen.functions.without_one("for that"), severity="warning")
            return None
        return service, function

    def _ask(
        self, dialog: Dialog, then: Callable[[], object] = lambda: None, *, changes: bool = False
    ) -> None:
        """Open a dialog; ``then`` follows when it did what it was asked."""

        def done(sentence: str | None) -> None:
            if sentence:
                self._screen.notify(sentence, markup=False)
            if sentence is not None:
                then()

        app, service = self._screen.app, self._screen.service
        assert service is not None
        if changes:
            guard_of(app).ask(app, service.target, dialog, done)
        else:
            app.push_screen(dialog, done)

    # -- payloads -----------------------------------------------------------------------------

    def payloads(self) -> None:
        """Open everything that can be sent to the function."""
        if (chosen := self._chosen()) is None:
            return
        from lambdatui.dashboard.invoking.library import LibraryScreen
        from lambdatui.dashboard.invoking.sources import Sources

        service, function = chosen
        group = function.latest.log_group or f"/aws/lambda/{function.name}"
        sources = Sources(service, function.name, group, self._screen.now)
        production = self._screen.header.production
        library = LibraryScreen(sources, self._screen.invocation.payload, production=production)

        def use(payload: str | None) -> None:
            if payload is not None:
                self._screen.invocation.payload = payload
                self._screen.invoking.keep_payload(function.name)

        self._screen.app.push_screen(library, use)

    def stream(self) -> None:
        """Show the answers as they come, or wait for the whole of them."""
        invoking, name = self._screen.invoking, self._screen.function_name
        invoking.toggle_streamed()
        if name:
            how = "are shown as they come" if invoking.streams else "are awaited whole"
            self._screen.notify(f"The answers of {name} {how}.", markup=False)

    def context(self) -> None:
        """Ask for the client context of the function."""
        if (chosen := self._chosen()) is None:
            return
        from lambdatui.dashboard.dialogs.invoking import client_context

        _, function = chosen
        contexts = self._screen.invoking.contexts

        def keep(text: str) -> None:
            contexts[function.name] = text
            self._screen.invoking.describe()

        self._ask(client_context(function.name, contexts.get(function.name, ""), keep))

    # -- bursts -------------------------------------------------------------------------------

    def burst(self) -> None:
        """Look at the burst under way, or ask for one."""
        if (chosen := self._chosen()) is None:
            return
        service, function = chosen
        latest = service.bursts.latest
        if latest is not None and not latest.is_over:
            self._open_burst()
            return
        if problem := self._screen.invocation.problem:
            self._screen.notify(f"The payload is not good: {problem}.", severity="warning", markup=False)
            return
        from lambdatui.dashboard.dialogs.invoking import burst

        payload = self._screen.invocation.payload.encode() or b"{}"
        context = self._screen.invoking.context
        dialog = burst(service, function, self._screen.qualifier, payload, context)
        self._ask(dialog, self._open_burst, changes=True)

    def _open_burst(self) -> None:
        service = self._screen.service
        if service is not None and service.bursts.latest is not None:
            from lambdatui.dashboard.invoking.burst import BurstScreen

            production = self._screen.header.production
            screen = BurstScreen(service, service.bursts.latest, production=production)
            self._screen.app.push_screen(screen, lambda again: self.burst() if again else None)

    # -- comparing ----------------------------------------------------------------------------

    def compare(self) -> None:
        """Send the payload to two and lay the answers beside each other."""
        if (chosen := self._chosen()) is None:
            return
        if problem := self._screen.invocation.problem:
            self._screen.notify(f"The payload is not good: {problem}.", severity="warning", markup=False)
            return
        from lambdatui.dashboard.dialogs.invoking import compare
        from lambdatui.dashboard.invoking.compare import CompareScreen, Sides

        service, function = chosen
        names = [row.qualifier for row in self._screen.versions.table.rows]
        opened: list[Sides] = []

        def show() -> None:
            payload = self._screen.invocation.payload.encode() or b"{}"
            screen = CompareScreen(
                service, opened[0], function.name, payload, self._screen.deeds.clipboard,
                opener=self._screen.opener, production=self._screen.header.production,
            )  # fmt: skip
            self._screen.app.push_screen(screen)

        dialog = compare(service, self._screen.qualifier, names, opened.append)
        self._ask(dialog, show, changes=True)

    # -- shifting traffic ---------------------------------------------------------------------

    def shift(self) -> None:
        """Look at the shift of the chosen alias, or plan one."""
        if (chosen := self._chosen()) is None:
            return
        service, function = chosen
        row, aliases = self._screen.versions.chosen, self._screen.versions.aliases
        alias = row.alias if row is not None else None
        live = self._live(service, function.name, alias, aliases)
        if live is not None:
            self._open_shift(live)
            return
        if row is None:
            self._screen.notify(f"The versions of {function.name} are not known yet.", severity="warning")
            return
        if not aliases:
            self._screen.notify(
                f"{function.name} has no alias whose traffic could move. Press {key_of('alias')} to make one."
            )
            return
        from lambdatui.dashboard.canary.dialog import plan_shift

        version = row.qualifier if row is not None and alias is None and not row.is_latest else ""
        made: list[Live] = []
        numbers = [one.number for one in self._screen.versions.versions if not one.is_latest]
        dialog = plan_shift(service, function.name, aliases, numbers, alias, version, made.append)
        self._ask(dialog, lambda: self._open_shift(made[0]), changes=True)

    def _live(
        self, service: Service, function: str, alias: Alias | None, aliases: list[Alias]
    ) -> Live | None:
        """The shift of the chosen alias; where no alias is chosen, the only one under way."""
        wanted = [alias] if alias is not None else aliases
        found = [live for one in wanted if (live := service.shifts.live(function, one.name)) is not None]
        under_way = [live for live in found if not live.shift.is_over]
        return under_way[0] if len(under_way) == 1 else None

    def _open_shift(self, live: Live) -> None:
        if self._screen.service is None:
            return
        from lambdatui.dashboard.canary.screen import CanaryScreen

        screen = CanaryScreen(self._screen.service, live, production=self._screen.header.production)
        self._screen.app.push_screen(screen, lambda _: self._screen.action_refresh())

    async def say_interrupted(self) -> None:
        """Tell of shifts that an earlier lambdatui left in the middle."""
        service = self._screen.service
        if service is None or service.target.read_only:
            return
        for shift in await service.shifts.interrupted():
            plan = shift.plan
            self._screen.notify(
                f"{plan.alias} of {plan.function} stands at {percent(shift.share)} for version {plan.new}:"
                f" lambdatui was closed in the middle. Press {key_of('shift')} on it to go on or back.",
                title="A traffic shift is held",
                severity="warning",
                timeout=20,
                markup=False,
            )


class WithInvoking(Screen[None]):
    """The part of the main screen that leads there."""

    BINDINGS: ClassVar = bindings("payloads", "client-context", "stream", "burst", "compare", "shift")
    deeds_of_invoking: InvokingDeeds

    @on(TargetOpened)
    def _look_for_interrupted_shifts(self) -> None:
        self.run_worker(self.deeds_of_invoking.say_interrupted(), group="shifts", exit_on_error=False)

    def action_payloads(self) -> None:
        """Samples, saved ones, files, what was sent before."""
        self.deeds_of_invoking.payloads()

    def action_client_context(self) -> None:
        """The client context that goes with the payload."""
        self.deeds_of_invoking.context()

    def action_stream(self) -> None:
        """The answer as it comes, or the whole of it."""
        self.deeds_of_invoking.stream()

    def action_burst(self) -> None:
        """Invoke many times."""
        self.deeds_of_invoking.burst()

    def action_compare(self) -> None:
        """Two answers to one payload."""
        self.deeds_of_invoking.compare()

    def action_shift(self) -> None:
        """Move an alias's traffic to another version."""
        self.deeds_of_invoking.shift()
