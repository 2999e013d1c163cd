"""Plan how an alias moves to another version."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.dashboard.keys import key_of
from lambdatui.service.shifts.shift import Plan, PlanError, Rules, told
from lambdatui.service.shifts.words import read_milliseconds, read_share, read_steps

if TYPE_CHECKING:
    from lambdatui.model import Alias
    from lambdatui.service import Service
    from lambdatui.service.shifts.shifts import Live

T = TypeVar("T")
STEPS = "10% 5m, 50% 5m, 100%"


def plan_shift(
    service: Service,
    function: str,
    aliases: Sequence[Alias],
    numbers: Sequence[str],
    alias: Alias | None,
    version: str,
    began: Callable[[Live], None],
) -> Dialog:
    """The dialog; it sends the first step. ``numbers`` are the published versions, the newest first."""
    by_name = {one.name: one for one in aliases}
    chosen = alias or next((one for one in aliases if one.version != version), aliases[0])
    new = version or next((number for number in numbers if number != chosen.version), "")

    async def submit(values: Mapping[str, str]) -> str:
        target = by_name.get(values["alias"])
        if target is None:
            raise FieldError(
                "alias", f"There is no alias {values['alias']}. There are: {', '.join(by_name)}."
            )
        if values["version"] not in numbers:
            known = ", ".join(numbers) or f"none: publish one first, with {key_of('publish')}"
            raise FieldError("version", f"A published version. There are: {known}.")
        steps = _read("steps", read_steps, values["steps"])
        rules = Rules(
            _read("errors", read_share, values["errors"]), _read("p95", read_milliseconds, values["p95"])
        )
        plan = Plan(function, target.name, target.version, values["version"], steps, rules)
        try:
            live = await service.shifts.start(plan)
        except PlanError as problem:
            raise FieldError("version", str(problem)) from None
        began(live)
        return ""

    now = "; ".join(f"{one.name} sends {told(one)}" for one in aliases[:4])
    return Dialog(
        f"Shift traffic of {function}",
        submit,
        text=f"Now {now}. The first step is taken at once; one step of 100% moves everything in one go.",
        fields=(
            Field("alias", "Alias", chosen.name, "prod"),
            Field("version", "To version", new, "a number"),
            Field("steps", "Steps, waits", STEPS, STEPS),
            Field("errors", "Back: errors", "5", "above so many %; empty: never"),
            Field("p95", "Back: p95", "", "above so many ms; empty: never"),
        ),
        verb="Begin",
    )


def _read(field: str, reader: Callable[[str], T], text: str) -> T:
    """What was typed into a field, or why it means nothing."""
    try:
        return reader(text)
    except PlanError as problem:
        raise FieldError(field, str(problem)) from None
