"""Where the main screen says what failed: in the pane it failed for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lambdatui.dashboard.keys import key_of
from lambdatui.dashboard.messages import Concern
from lambdatui.service.errors import NotFound, ServiceError

if TYPE_CHECKING:
    from lambdatui.dashboard.screens.main import MainScreen


class Failures:
    """One way to say it for each concern."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._by_concern: Mapping[Concern, Callable[[str, ServiceError], None]] = {
            Concern.TARGET: self._target,
            Concern.FUNCTIONS: self._functions,
            Concern.STATUS: self._status,
            Concern.STATES: self._silent,
            Concern.ACTIVITY: self._silent,
            Concern.HISTORY: self._silent,
            Concern.VERSIONS: self._versions,
            Concern.LOG: self._log,
            Concern.INVOKE: self._invoke,
        }

    def show(self, concern: Concern, key: str, error: ServiceError) -> None:
        """Say it; ``key`` is the function or log group that was asked about."""
        self._by_concern.get(concern, self._toast)(key, error)

    def _target(self, _key: str, error: ServiceError) -> None:
        self._screen.header.state = "no target"
        self._screen.functions.say(
            f"{error.sentence}\nPress {key_of('refresh')} to try again, {key_of('target')} to look elsewhere."
        )

    def _functions(self, _key: str, error: ServiceError) -> None:
        self._screen.functions.fail(error.sentence)

    def _status(self, key: str, error: ServiceError) -> None:
        self._screen.header.figures = ("no answer",)
        self._functions(key, error)

    def _versions(self, key: str, error: ServiceError) -> None:
        if key == self._screen.function_name and not isinstance(error, NotFound):
            self._screen.versions.fail(error.sentence)

    def _log(self, key: str, error: ServiceError) -> None:
        function = self._screen.tail.function_of(key)
        if function or not key:
            self._screen.log_pane.fail(error.sentence, function)

    def _invoke(self, _key: str, error: ServiceError) -> None:
        self._screen.invoking.failed(error)

    def _silent(self, _key: str, _error: ServiceError) -> None:
        """The list fails too and says it; once is enough."""

    def _toast(self, _key: str, error: ServiceError) -> None:
        self._screen.notify(error.sentence, severity="error", markup=False)
