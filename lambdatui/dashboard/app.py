"""The Textual application: small, so that the first frame comes soon."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import Binding
from textual.screen import ModalScreen, Screen

from lambdatui import last_frame
from lambdatui.characters import charset
from lambdatui.dashboard import compositor, keys, letting_go, typed_bytes
from lambdatui.dashboard.screens.start import StartScreen
from lambdatui.dashboard.theme import DEFAULT, ThemedApp
from lambdatui.dashboard.typeahead import TypeAhead

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.driver import Driver

    from lambdatui.dashboard.clipboard import Clipboard
    from lambdatui.dashboard.feeds import Opener
    from lambdatui.dashboard.inspect.journal import Said
    from lambdatui.service import TargetSpec


def _commands() -> type[Provider]:
    from lambdatui.dashboard.commands import Commands  # the palette is opened long after the first frame

    return Commands


def _driver(frame: Sequence[str]) -> type[Driver] | None:
    """Textual chooses by itself where nothing is special."""
    if not frame and charset() == "utf-8":
        return None
    from lambdatui.dashboard.driver import driver_for

    return driver_for(frame)


letting_go.colours_without_widgets()
compositor.install()
typed_bytes.install()


def _now() -> datetime:
    return datetime.now(UTC)


class LambdaTui(ThemedApp[int], inherit_bindings=False):
    """The dashboard on one target."""

    TITLE = "lambdatui"
    COMMANDS = {_commands}
    BINDINGS: ClassVar = keys.bindings("help", "palette", "jump", "interrupt")
    CSS = """
    CommandPalette > Vertical { width: 78; max-width: 100%; background: $surface; }
    CommandPalette:dark > Vertical { background: $surface; }
    CommandPalette #--input { border: round $border-focus; background: $surface; }
    CommandPalette SearchIcon { display: none; }
    CommandPalette CommandList { background: $surface; border: none; scrollbar-size-vertical: 1; }
    LambdaTui:nocolor {
        Input:focus, TextArea:focus { text-style: underline; }
        Button:focus { text-style: bold reverse !important; }
    }
    """

    def __init__(
        self,
        spec: TargetSpec,
        *,
        opener: Opener | None = None,
        theme: str | None = None,
        keymap: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = _now,
        clipboard: Clipboard | None = None,
        tick_s: float = 1.0,
        frame: Sequence[str] = (),
    ) -> None:
        """``opener`` stands in for ``open_target``; a ``tick_s`` of 0 asks for nothing by itself."""
        super().__init__(theme=theme or DEFAULT, driver_class=_driver(frame))
        self._frame = frame
        self._spec = spec
        self.opener = opener
        self._now = now
        self._tick_s = tick_s
        self._copier = clipboard
        self.keys_changed = dict(keymap or {})
        self.said: list[Said] = []
        """What was said for a moment, since the start."""
        self._typeahead = TypeAhead(self, super().on_event)

    async def on_event(self, event: events.Event) -> None:
        """Keys and pasted text wait for their turn; everything else goes its way."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._typeahead.typed(event)
        else:
            await super().on_event(event)
            if isinstance(event, events.Key):
                self._typeahead.draw()

    def notify(self, message: str, **options: Any) -> None:
        """Say it for a moment, as it is and never as markup, and keep it for the journal."""
        from lambdatui.dashboard.inspect.journal import Said

        title = options.get("title", "")
        text = f"{title}: {message}" if title else message
        said = Said(len(self.said), self._now(), options.get("severity", "information"), text)
        self.said.append(said)
        super().notify(message, **options | {"markup": False})

    def get_default_screen(self) -> Screen[Any]:
        """The outline, until the main screen is imported."""
        return StartScreen("", self._frame)

    def on_mount(self) -> None:
        self.set_keymap(self.keys_changed)
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """After the first frame: everything that is not needed for it."""
        letting_go.one_heap()
        await self.push_screen(self._main_screen())
        await self._typeahead.begin()
        if not gc.isenabled():  # put off by `run`
            gc.freeze()  # what was made so far stays: looking through it again and again would hold up keys
            gc.set_threshold(20_000, 20, 20)  # a frame is thousands of objects, nearly all gone with the next
            gc.enable()
        if self.keys_changed:
            from lambdatui.dashboard.keymap import problems

            for wrong in problems(self.keys_changed):
                said = f"{wrong.id}: {wrong.problem}."
                self.notify(said, title="Keys in the config", severity="warning", markup=False)
        for problem in self.theme_problems:
            self.notify(str(problem), severity="warning", markup=False)

    def _main_screen(self) -> Screen[Any]:
        from lambdatui.dashboard.clipboard import Clipboard
        from lambdatui.dashboard.screens.main import MainScreen

        return MainScreen(
            self._spec,
            self.opener,
            self._now,
            clipboard=self._copier or Clipboard(self.write_to_terminal),
            tick_s=self._tick_s,
            veil=self._frame,
        )

    def action_jump(self) -> None:
        """A letter on everything that can be gone to."""
        from lambdatui.dashboard.screens.jump import JumpScreen

        if not isinstance(self.screen, ModalScreen):
            self.push_screen(JumpScreen(self.screen), lambda goal: goal.go() if goal else None)

    def action_target(self) -> None:
        """Look at another account, region or engine."""
        from lambdatui.dashboard.dialogs.places import place_picker

        self.push_screen(place_picker(self._spec), self.go_to)

    def go_to(self, spec: TargetSpec | None) -> None:
        """Leave this target for another one: a new screen, so that nothing of two accounts ever mixes."""
        from lambdatui.dashboard.background import background_of
        from lambdatui.dashboard.screens.main import MainScreen

        if spec is not None:
            for screen in self.screen_stack:
                if isinstance(screen, MainScreen):
                    screen.place.leave()
            background_of(self).leave()
            self._spec, self._frame = spec, ()  # the frame was the other target's
            self.switch_screen(self._main_screen())

    def get_key_display(self, binding: Binding) -> str:
        """Keys as the help writes them."""
        return binding.key_display or keys.shown(binding.key)

    def action_help(self) -> None:
        """Show the keys."""
        from lambdatui.dashboard.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    async def action_quit(self) -> None:
        """Leave; the next start finds the same place."""
        from lambdatui.dashboard.screens.main import MainScreen
        from lambdatui.dashboard.screens.veil import lines_of

        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                screen.place.leave()
                last_frame.save(self._spec, lines_of(screen))
        await super().action_quit()

    def action_interrupt(self) -> None:
        """Ctrl+C is a reflex: say what leaves, leave nothing half done."""
        self.notify(f"{keys.key_of('quit')} leaves lambdatui, from the main screen.")

    def write_to_terminal(self, sequence: str) -> None:
        """Send a sequence that Textual has no word for, as it is."""
        if self._driver is not None:
            self._driver.write(sequence)

    def pick_theme(self, name: str) -> None:
        """Change the colours, now."""
        self.theme = name


def run(
    spec: TargetSpec,
    *,
    theme: str | None = None,
    keymap: Mapping[str, str] | None = None,
    frame: Sequence[str] = (),
) -> int:
    """Open the dashboard; returns the exit code. ``frame`` is what stands on the terminal already."""
    gc.disable()  # collecting while thousands of objects are made only delays the first frame
    sys.setswitchinterval(0.001)  # the threads that read keys and write frames do next to nothing, but soon
    app = LambdaTui(spec, theme=theme, keymap=keymap, frame=frame)
    app.run()
    return app.return_code or 0
