"""The steps and rules of a shift as people write them."""

from __future__ import annotations

import math
import re

from lambdatui.service.shifts.shift import PlanError, Step

_STEP = re.compile(r"(\d+(?:\.\d+)?)\s*%?(?:\s+(\d+(?:\.\d+)?)\s*(s|sec|m|min|h)?)?")
_UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, None: 60}
LONGEST_WAIT_S = 24 * 3600


def read_steps(text: str) -> tuple[Step, ...]:
    """``10% 5m, 50% 5m, 100%`` as steps. A number without a unit is minutes."""
    steps: list[Step] = []
    for part in re.split(r"[,;]|->|→|▸", text):
        if not part.strip():
            continue
        found = _STEP.fullmatch(part.strip())
        if found is None:
            raise PlanError(f"“{part.strip()}” is no step. Write a share and a wait, such as 10% 5m.")
        share = float(found[1]) / 100
        wait_s = float(found[2]) * _UNITS[found[3]] if found[2] else 0.0
        if not 0 < share <= 1:
            raise PlanError(f"{found[1]} % is no share: it is more than 0 and at most 100.")
        if wait_s > LONGEST_WAIT_S:
            raise PlanError("A step waits 24 hours at most.")
        if steps and share <= steps[-1].share:
            raise PlanError("Each step takes a greater share than the one before.")
        steps.append(Step(share, wait_s))
    if not steps or steps[-1].share < 1:
        raise PlanError("The last step is 100%.")
    return tuple(steps)


def read_share(text: str) -> float | None:
    """``1%`` or ``1`` as 0.01; nothing is no rule."""
    if not text:
        return None
    if not 0 <= (percent := _number(text, "%")) <= 100:
        raise PlanError("Errors in percent, from 0 to 100, or nothing.")
    return percent / 100


def read_milliseconds(text: str) -> float | None:
    """``800`` or ``800ms``; nothing is no rule."""
    if not text:
        return None
    if not 0 < (milliseconds := _number(text, "ms")) < math.inf:
        raise PlanError("Milliseconds, such as 800, or nothing.")
    return milliseconds


def _number(text: str, unit: str) -> float:
    """A number, with its unit or without; what is none lies in no range."""
    try:
        return float(text.removesuffix(unit))
    except ValueError:
        return math.nan


def written(steps: tuple[Step, ...]) -> str:
    """Steps as :func:`read_steps` reads them."""
    return ", ".join(_written(step) for step in steps)


def _written(step: Step) -> str:
    share = f"{round(step.share * 100, 4):g}%"
    if not step.wait_s:
        return share
    for unit, seconds in (("h", 3600), ("m", 60)):
        if step.wait_s % seconds == 0:
            return f"{share} {step.wait_s / seconds:g}{unit}"
    return f"{share} {step.wait_s:g}s"
