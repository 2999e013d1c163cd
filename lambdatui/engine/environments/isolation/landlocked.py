"""The `landlock` tier: processes on the bare machine that can read little of it and write one folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lambdatui.engine.environments.environment import Environment
from lambdatui.engine.environments.isolation.scripts import interpreted
from lambdatui.engine.environments.isolation.strict import Places, compile_client, shown
from lambdatui.engine.environments.process_tier import ProcessTier, Session
from lambdatui.engine.environments.spec import Command, RunSpec


class LandlockTier(ProcessTier):
    """Makes commands with rules for what they may touch."""

    name = "landlock"
    ahead = False  # the rules are laid on before a program starts: one that runs would have to do it itself

    def __init__(self, session: Session, endpoint: Callable[[], str], programs: Places) -> None:
        super().__init__(session, endpoint)
        self._ours = [path for path, _ in programs.places]
        self._linked = programs.linked

    def command(self, spec: RunSpec, environment: Environment) -> Command:
        """The function's program, which may write to its own folder only."""
        program = interpreted(spec.program.argv)[0]
        compile_client(program, self._ours[0])
        readable = [spec.code, *([spec.layers] if spec.layers else []), *self._ours, *self._linked]
        place = shown(spec, program)
        readable += [*([place] if place is not None else []), *spec.program.needs]
        rules = {"readable": [str(path) for path in readable], "writable": [str(environment.folder / "tmp")]}
        return replace(super().command(spec, environment), rules=rules)
