"""Opens the form of a new function, and remembers what was typed and not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdatui.dashboard.guard import guard_of
from lambdatui.dashboard.keys import key_of

if TYPE_CHECKING:
    from lambdatui.dashboard.create.form import Form
    from lambdatui.dashboard.screens.main import MainScreen


class Create:
    """New functions from the main screen."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._form: Form | None = None

    def open(self) -> None:
        """Show the form."""
        screen, service = self._screen, self._screen.service
        if service is None:
            return
        from lambdatui.dashboard.create.form import Form  # long after the first frame
        from lambdatui.dashboard.create.screen import CreateScreen
        from lambdatui.service.creation import templates

        if self._form is None:
            self._form = Form(
                (), templates(), screen.now().date(), service.creation.default_role, service.creation.local
            )
        self._form.taken = frozenset(screen.functions.names)

        def guarded(change: object) -> None:
            assert callable(change)
            guard_of(screen.app).before(screen.app, service.target, change)

        screen.app.push_screen(CreateScreen(self._form, service.creation, guarded), self._made)

    def _made(self, name: str | None) -> None:
        if name is not None:
            self._form = None
            self._screen.notify(
                f"Function {name} is there. Press {key_of('invoke')} to invoke it.", markup=False
            )
            self._screen.wait_for(name)
