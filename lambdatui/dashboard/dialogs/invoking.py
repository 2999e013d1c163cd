"""What a burst, a comparison and a client context need to know."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from lambdatui.dashboard.dialogs.dialog import Dialog, Field, FieldError
from lambdatui.model import TargetKind
from lambdatui.model.function import LATEST
from lambdatui.service.burst import MOST_PARALLEL, MOST_RUNS, BurstPlan
from lambdatui.service.errors import ServiceError
from lambdatui.service.invoker import encoded_context

if TYPE_CHECKING:
    from lambdatui.dashboard.invoking.compare import Sides
    from lambdatui.model import Function
    from lambdatui.service import Service


def client_context(function: str, known: str, keep: Callable[[str], None]) -> Dialog:
    """The dialog; ``keep`` gets the context as JSON, or nothing to send none."""

    async def submit(values: Mapping[str, str]) -> str:
        text = values["context"]
        if text:
            try:
                encoded_context(text)
            except ServiceError as error:
                raise FieldError("context", error.sentence) from None
            text = json.dumps(json.loads(text), ensure_ascii=False)
        keep(text)
        return "The client context goes with each invocation now." if text else "No client context is sent."

    return Dialog(
        f"Client context of {function}",
        submit,
        text='What the function reads as context.client_context: JSON such as {"custom": {"user": "ada"}}.'
        " Lambda passes it on for RequestResponse only. Leave it empty to send none.",
        fields=(Field("context", "Client context", known, '{"custom": {}}'),),
        verb="Keep it",
    )


def burst(
    service: Service, function: Function, qualifier: str | None, payload: bytes, context: str
) -> Dialog:
    """The dialog; it starts the burst."""
    aim = f"{function.name}:{qualifier}" if qualifier else function.name

    async def submit(values: Mapping[str, str]) -> str:
        runs = _number(values, "runs", MOST_RUNS)
        parallel = _number(values, "parallel", MOST_PARALLEL)
        plan = BurstPlan(function.name, qualifier, payload, runs, min(parallel, runs), context)
        service.bursts.start(plan, architectures=function.latest.architectures)
        return ""

    return Dialog(
        f"Invoke {aim} many times",
        submit,
        text="With the payload at hand. These are real runs: the function does each time what it does,"
        f" {'and AWS bills it' if service.target.kind is TargetKind.AWS else 'on this machine'}.",
        fields=(
            Field("runs", "Invocations", "100", f"1 to {MOST_RUNS}"),
            Field("parallel", "At a time", "10", f"1 to {MOST_PARALLEL}"),
        ),
        verb="Start",
    )


def _number(values: Mapping[str, str], name: str, most: int) -> int:
    text = values[name]
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise FieldError(name, f"A whole number from 1 to {most}.")
    return int(text)


def compare(
    service: Service, qualifier: str | None, names: Sequence[str], opened: Callable[[Sides], None]
) -> Dialog:
    """The dialog; ``opened`` gets the two sides."""
    from lambdatui.dashboard.invoking.compare import HERE, Sides

    left = qualifier or LATEST
    right = next((name for name in names if name != left), left)
    local = service.target.kind is TargetKind.LOCAL
    other = "a profile of AWS" if local else "local, or another profile"

    async def submit(values: Mapping[str, str]) -> str:
        where = values["where"] or HERE
        first, second = values["left"] or LATEST, values["right"] or LATEST
        for field, name in (("left", first),) + ((("right", second),) if where == HERE else ()):
            if names and name not in names:
                raise FieldError(field, f"There is no {name} here. There are: {', '.join(names)}.")
        if where == HERE and first == second:
            raise FieldError("right", "Two different ones, or the same one somewhere else.")
        opened(Sides(first, second, where))
        return ""

    return Dialog(
        "Compare two answers",
        submit,
        text="Both get the payload at hand, and both really run.",
        fields=(
            Field("left", "Left", left, "version or alias"),
            Field("right", "Right", right, "version or alias"),
            Field("where", "Right is on", HERE, f"{HERE}, or {other}"),
        ),
        verb="Invoke both",
    )
