"""Which two to compare: versions and aliases here, or one here and one in another account or region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.widgets import Static

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.dialogs.places import place_picker
from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.model.function import LATEST
from lambdatui.service import TargetSpec

_MANY = 30


class DiffDialog(Dialog):
    """Answers with the two, a blank between; ``elsewhere`` is where the second one is, None for here."""

    BINDINGS: ClassVar = bindings("leave", "elsewhere")

    def __init__(self, spec: TargetSpec, function: str, known: Sequence[str], left: str, right: str) -> None:
        self.elsewhere: TargetSpec | None = None
        self._known = known
        self._spec = spec
        text = f"There is {', '.join(known)}. " if len(known) < _MANY else ""
        if len(known) == 1:
            text = "Nothing is published yet, so there is $LATEST alone. "
        super().__init__(
            f"Compare two of {function}",
            self._pair,
            text=f"{text}{key_of('elsewhere')}: with {function} in another account or region.",
            fields=(
                Field("left", "Compare", left, "version, alias or $LATEST"),
                Field("right", "with", right, "version, alias or $LATEST"),
            ),
            verb="Compare",
        )

    async def _pair(self, values: Mapping[str, str]) -> str:
        for field in ("left", "right"):
            if values[field] not in self._known and (field == "left" or self.elsewhere is None):
                raise FieldError(field, f"There is only {', '.join(self._known)}.")
        if not values["right"]:
            raise FieldError("right", f"Give a version, an alias or {LATEST}.")
        return f"{values['left']} {values['right']}"

    def action_elsewhere(self) -> None:
        """Pick the account or region of the second one."""

        def picked(spec: TargetSpec | None) -> None:
            if spec is not None:
                self.elsewhere = spec
                parts = (spec.profile, spec.region) if spec.profile or spec.region else (spec.kind,)
                where = " · ".join(part for part in parts if part)
                self.query_one("#text", Static).update(
                    f"The second one is looked up in {where}, opened read-only."
                    f" {key_of('elsewhere')}: somewhere else."
                )

        self.app.push_screen(place_picker(self._spec, "Compare with", throw_away=False), picked)
