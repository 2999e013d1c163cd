"""Plan how an alias moves to another version."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.service.canary import Plan, PlanError, Rules, read_steps, told

if TYPE_CHECKING:
    from lambdatui.model import Alias
    from lambdatui.service import Service
    from lambdatui.service.canaries import Live

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
            known = ", ".join(numbers) or "none: publish one first, with p"
            raise FieldError("version", f"A published version. There are: {known}.")
        try:
            steps = read_steps(values["steps"])
        except PlanError as problem:
            raise FieldError("steps", str(problem)) from None
        rules = Rules(_share(values["errors"]), _milliseconds(values["p95"]))
        plan = Plan(function, target.name, target.version, values["version"], steps, rules)
        try:
            live = await service.canaries.start(plan)
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


def _share(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text.rstrip(" %"))
    except ValueError:
        value = -1
    if not 0 <= value <= 100:
        raise FieldError("errors", "Errors in percent, from 0 to 100, or nothing.")
    return value / 100


def _milliseconds(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text.removesuffix("ms"))
    except ValueError:
        value = 0
    if value <= 0:
        raise FieldError("p95", "Milliseconds, such as 800, or nothing.")
    return value
