"""What the person does on the main screen beyond looking and invoking."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from lambdatui.dashboard import console, copies, outside
from lambdatui.dashboard.clipboard import Clipboard, copy_chosen
from lambdatui.dashboard.dialogs.alias import alias
from lambdatui.dashboard.dialogs.delete import delete_alias, delete_function, delete_version
from lambdatui.dashboard.dialogs.dialog import Dialog
from lambdatui.dashboard.dialogs.publish import publish
from lambdatui.dashboard.guard import guard_of
from lambdatui.dashboard.keys import spelled
from lambdatui.dashboard.messages import Concern
from lambdatui.dashboard.words import count
from lambdatui.events import catalog
from lambdatui.model import TargetKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.worker import Worker

    from lambdatui.dashboard.screens.main import MainScreen
    from lambdatui.events import Sample
    from lambdatui.service import Service


class Deeds:
    """Acts on what the screen has chosen."""

    def __init__(self, screen: MainScreen, clipboard: Clipboard) -> None:
        self._screen = screen
        self.clipboard = clipboard
        self._drafts: dict[str, object] = {}  # changes typed on function screens and not sent
        self._traffic: Worker[None] | None = None

    def _ask(self, dialog: Dialog) -> None:
        """Show a dialog; say what was done and look again."""

        def done(sentence: str | None) -> None:
            if sentence:
                self._screen.notify(sentence, markup=False)
                self._screen.action_refresh()

        app, service = self._screen.app, self._screen.service
        if service is not None:
            guard_of(app).ask(app, service.target, dialog, done)

    def open_function(self, part: str) -> None:
        """Open the chosen function on a screen of its own."""
        screen, function = self._screen, self._screen.function
        if screen.service is None or function is None:
            screen.notify(screen.functions.without_one("to open"), severity="warning")
            return
        from lambdatui.dashboard.function.screen import FunctionScreen
        from lambdatui.dashboard.function.subject import Subject

        subject = Subject(screen.service, function.name, screen.now, self.clipboard, self._drafts)
        opened = FunctionScreen(subject, part=part, production=screen.header.production)
        screen.app.push_screen(opened, lambda _: screen.action_refresh())

    def inspect(self, name: str | None) -> None:
        """Open an inspection screen; it says which one is to follow."""
        screen = self._screen
        if name is None or screen.service is None:
            screen.action_refresh()
            return
        from lambdatui.dashboard.inspect import make
        from lambdatui.dashboard.inspect.screen import Outlook

        chosen = screen.function.name if screen.function else ""
        outlook = Outlook(screen.service, screen.now, self.clipboard, chosen, screen.header.production)
        screen.app.push_screen(make(name, outlook), self.inspect)

    def publish(self) -> None:
        """Publish the chosen function."""
        screen = self._screen
        if screen.service is not None and screen.function is not None:
            self._ask(publish(screen.service, screen.function.name))

    def alias(self) -> None:
        """Change the chosen alias, or make one for the chosen version."""
        screen, row = self._screen, self._screen.versions.chosen
        if screen.service is None or screen.function is None:
            return
        name = screen.function.name
        newest = next((version.number for version in screen.versions.versions[1:]), "" if row else None)
        version = row.qualifier if row and row.alias is None and not row.is_latest else newest
        self._ask(alias(screen.service, name, version=version, known=row.alias if row else None))

    def delete(self) -> None:
        """Delete what the focused list has chosen."""
        screen, row = self._screen, self._screen.versions.chosen
        if screen.service is None or screen.function is None:
            return
        aliases, name = screen.versions.aliases, screen.function.name
        if screen.focused is not screen.versions.table:
            self._ask(delete_function(screen.service, name, screen.versions.versions, aliases))
        elif row is not None and row.alias is not None:
            self._ask(delete_alias(screen.service, row.alias))
        elif row is not None and row.version is not None and not row.is_latest:
            self._ask(delete_version(screen.service, row.version, aliases))
        else:
            screen.notify(
                spelled("$LATEST goes only with the whole function: press <pane-functions>, then <delete>."),
                severity="warning",
            )

    def diff(self) -> None:
        """Ask which two of the chosen function are to be compared."""
        screen = self._screen
        if screen.service is None or screen.function is None:
            return
        from lambdatui.dashboard.function.diff import ask_which_two
        from lambdatui.dashboard.function.subject import Subject

        subject = Subject(screen.service, screen.function.name, screen.now, self.clipboard, self._drafts)
        rows, chosen = screen.versions.table.rows, screen.versions.chosen
        if chosen is None:
            screen.notify(f"The versions of {subject.name} are not known yet.", severity="warning")
        else:
            ask_which_two(screen.app, subject, [row.qualifier for row in rows], chosen.qualifier)

    # -- copying ------------------------------------------------------------------------------

    def copy(self) -> None:
        """What the focus is on: a row's ARN, the value or the line under the cursor."""
        screen = self._screen
        if screen.focused is screen.invocation.response.viewer:
            self._copy(screen.invocation.response.viewer.copy_text(), "the value")
        elif screen.focused is screen.log_pane.view:
            self._copy(screen.log_pane.view.copy_text(), "the line")
        elif arn := self._arn():
            self._copy(arn, "the ARN")

    def _arn(self) -> str:
        """The ARN of the row that is meant; empty when there is none."""
        screen, row = self._screen, self._screen.versions.chosen
        if row is not None and screen.focused is screen.versions.table:
            return row.arn
        return screen.function.arn if screen.function is not None else ""

    def console(self) -> None:
        """Open the page of the row in the AWS console; copy its URL in any case."""
        self._screen.run_worker(
            console.go(self._screen, self.clipboard, self._arn()), group="console", exit_on_error=False
        )

    def copy_command(self) -> None:
        """The invocation as an ``aws`` command."""
        screen, pane = self._screen, self._screen.invocation
        if screen.service is None or screen.function is None:
            return
        invoking = screen.invoking
        command = copies.aws_command(
            screen.service.target,
            screen.function.name,
            screen.qualifier,
            pane.payload,
            pane.kind,
            invoking.context,
        )
        what = "the aws command; its CLI cannot stream" if invoking.streamed else "the aws command"
        self._copy(command, what)

    def copy_boto3(self) -> None:
        """The invocation as Python."""
        screen, pane = self._screen, self._screen.invocation
        if screen.service is None or screen.function is None:
            return
        call = copies.boto3_call(
            screen.service.target,
            screen.function.name,
            screen.qualifier,
            pane.payload,
            pane.kind,
            screen.invoking.context,
            streamed=screen.invoking.streamed,
        )
        self._copy(call, "the boto3 call")

    def copy_exports(self) -> None:
        """What another terminal needs to reach this engine."""

        async def work(service: Service) -> str:
            assert service.engine is not None
            self._copy(copies.exports(await service.engine.environment()), "the exports of this engine")
            return "Paste them into a second terminal."

        self._screen.feeds.act("", work)

    def _copy(self, text: str, what: str) -> None:
        copy_chosen(self._screen, self.clipboard, text, what)

    # -- payload in the user's own editor ------------------------------------------------------

    def edit_outside(self) -> None:
        """Lend the terminal to the user's editor."""
        screen = self._screen
        editor = outside.command()
        if not editor:
            screen.notify("Set EDITOR to the editor of your choice first.", severity="warning")
            return
        after = outside.lend(screen.app, screen.invocation.payload, editor)
        if after is not None:
            screen.invocation.payload = after

    # -- events of the services that call Lambda ------------------------------------------------

    def fill_event(self, sample: Sample) -> None:
        """Make the payload an event of a service."""
        screen = self._screen
        if screen.service is None or screen.function is None:
            screen.notify(screen.functions.without_one("to send an event to"), severity="warning")
            return
        from lambdatui.dashboard.dialogs.event import event

        def use(payload: str) -> None:
            screen.invocation.payload = payload

        self._ask(event(sample, screen.service.target, screen.function.name, use))

    # -- samples ------------------------------------------------------------------------------

    def add_samples(self) -> None:
        """Create the sample functions that are missing."""

        async def work(service: Service) -> str:
            made = await service.functions.add_samples()
            return f"Added {count(len(made), 'sample function')}."

        self._screen.feeds.act("", work)

    def remove_samples(self) -> None:
        """Delete the functions that are tagged as samples."""

        async def work(service: Service) -> str:
            gone = await service.functions.remove_samples()
            return f"Removed {count(len(gone), 'sample function')}."

        self._screen.feeds.act("", work)

    def toggle_traffic(self) -> None:
        """Call the sample functions until asked again, so that there is something to see."""
        screen = self._screen
        if self._traffic is not None and not self._traffic.is_finished:
            self._traffic.cancel()
            screen.notify("No more demo traffic.")
        elif screen.service is not None:
            from lambdatui.service.traffic import Traffic

            load = Traffic(screen.service).run()
            self._traffic = screen.run_worker(load, group=Concern.TRAFFIC, exit_on_error=False)
            shown = spelled("<inspect-environments>, <inspect-queue> and the log show it")
            screen.notify(f"The sample functions are being called: {shown}.")

    def commands(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """What only the palette offers: title, help, what to call."""
        service = self._screen.service
        if service is None:
            return
        yield "Copy the invocation as boto3", "a Python call, ready to run", self.copy_boto3
        if service.target.kind is TargetKind.LOCAL:
            yield (
                "Copy the exports of this engine",
                "what `lambdatui env` prints, for a second terminal",
                self.copy_exports,
            )
        if service.target.kind is TargetKind.LOCAL and not service.target.read_only:
            yield "Add the sample functions", "those that are missing", self.add_samples
            yield "Remove the sample functions", "all that are tagged as samples", self.remove_samples
        if service.spec.demo and not service.target.read_only:
            yield "Demo traffic", "call the sample functions, or stop that", self.toggle_traffic
        for sample in catalog():
            yield (
                f"Event: {sample.title}",
                f"fill in the payload as {sample.id}",
                partial(self.fill_event, sample),
            )
