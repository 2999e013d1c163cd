"""A traffic shift as lines: two bars, two rows of figures on one time axis, the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from lambdatui.dashboard.function.lines import Line, heading
from lambdatui.dashboard.keys import key_of
from lambdatui.dashboard.widgets.figures import bar, duration_text, sparkline
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.words import count, countdown, percent
from lambdatui.service.shifts.shift import LEAST_RUNS, Figures, Phase, Rules, Shift
from lambdatui.service.shifts.shifts import Live, Measured

LABEL = 12


def lines_of(live: Live, left_s: float, width: int) -> list[Line]:
    """The whole picture."""
    lines = [_state(live.shift, left_s), []]
    if live.problem:
        lines += [[(f"{SIGNS.warning} {live.problem}", "wait")], []]
    lines += [*_traffic(live, width), [], *_figures(live), [], *_axis(live.samples, width)]
    lines += [heading("Plan"), *_plan(live.shift, left_s), [], *_rules(live.shift.plan.rules)]
    return lines


def _state(shift: Shift, left_s: float) -> Line:
    plan = shift.plan
    if shift.phase is Phase.DONE:
        return [(f"{SIGNS.ok} Done: {plan.alias} sends everything to version {plan.new}.", "ok strong")]
    if shift.phase is Phase.BACK:
        said = "goes" if shift.unsent else "is"
        return [
            (f"{SIGNS.failed} Back: {plan.alias} {said} at version {plan.old} alone. ", "fail strong"),
            (_because(shift.reason), ""),
        ]
    if shift.phase is Phase.STOPPED:
        return [
            (f"{SIGNS.warning} Stopped: ", "wait strong"),
            (f"{shift.reason}. Nothing was sent over it.", ""),
        ]
    if shift.phase is Phase.HELD:
        why = f" ({shift.reason})" if shift.reason else ""
        rest = f"{countdown(left_s)} of its wait are left" if left_s else "its wait is over"
        return [(f"{SIGNS.pending} Held at {percent(shift.share)}{why}: ", "wait strong"), (f"{rest}.", "")]
    if shift.unsent:
        return [(f"{SIGNS.pending} Sending {percent(shift.share)} to version {plan.new}…", "wait")]
    what = "done" if shift.is_last else f"{percent(plan.steps[shift.at + 1].share)}"
    return [
        (f"{SIGNS.active} Version {plan.new} gets {percent(shift.share)}. ", "accent strong"),
        (f"{what} in {countdown(left_s)}", ""),
    ]


def _because(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}." if reason else ""


def _traffic(live: Live, width: int) -> list[Line]:
    """One bar filling while the other drains."""
    plan, share = live.shift.plan, live.shift.share
    room = max(10, min(120, width - LABEL - 8))
    return [
        [
            (f"{'version ' + number:<{LABEL}}", "strong"),
            (bar(part, room), tone),
            (f" {percent(part):>6}", ""),
        ]
        for number, part, tone in ((plan.old, 1 - share, "muted"), (plan.new, share, "accent"))
    ]


def _figures(live: Live) -> list[Line]:
    """Both versions since the shift began."""
    plan = live.shift.plan
    head = f"{'':<{LABEL}}{'runs':>9}{'errors':>9}{'':>9}{'p95':>11}"
    rows = ((plan.old, live.old), (plan.new, live.new))
    return [[(head, "muted")], *(_row(number, one, plan.rules) for number, one in rows)]


def _row(number: str, one: Figures, rules: Rules) -> Line:
    rate = f"{one.error_rate * 100:.1f} %" if one.runs else ""
    p95 = duration_text(one.p95_ms) if one.p95_ms is not None else ""
    too_many = rules.error_rate is not None and one.error_rate > rules.error_rate
    too_slow = rules.p95_ms is not None and one.p95_ms is not None and one.p95_ms > rules.p95_ms
    return [
        (f"{'version ' + number:<{LABEL}}", "strong"),
        (f"{one.runs:>9}", ""),
        (f"{one.errors:>9}", "fail" if one.errors else ""),
        (f"{rate:>9}", "fail" if too_many else "muted"),
        (f"{p95:>11}", "fail" if too_slow else ""),
    ]


def _axis(samples: Sequence[Measured], width: int) -> list[Line]:
    """Errors between two looks, and p95, of both on the same time."""
    if len(samples) < 2:
        return []
    room = max(10, min(120, width - LABEL - 16))
    steps = list(pairwise(samples))[-room:]
    pairs = {
        side: [(getattr(one, side), getattr(two, side)) for one, two in steps] for side in ("old", "new")
    }
    errors = {side: [_added(*pair) for pair in pairs[side]] for side in pairs}
    slow = {side: [after.p95_ms for _, after in pairs[side]] for side in pairs}
    seconds = steps[-1][1].at - steps[0][0].at
    return [
        heading(f"Over the last {countdown(seconds)}"),
        *_rows("errors", errors, "fail", lambda most: f"{most:.0f}"),
        *_rows("p95", slow, "accent", duration_text),
        [],
    ]


def _rows(
    what: str, sides: Mapping[str, Sequence[float | None]], tone: str, words: Callable[[float], str]
) -> Iterator[Line]:
    """Both versions by one scale, so that their heights can be compared."""
    tops = {
        side: max((one for one in values if one is not None), default=0.0) for side, values in sides.items()
    }
    top = max(tops.values())
    for side, values in sides.items():
        drawn = sparkline([*values, top], len(values) + 1)[:-1]  # the last one only sets the scale
        yield [
            (f"{side + ' ' + what:<{LABEL}}", "muted"),
            (drawn, tone),
            (f"  most {words(tops[side])}", "muted"),
        ]


def _added(before: Figures, after: Figures) -> float:
    return float(max(0, after.errors - before.errors))


def _plan(shift: Shift, left_s: float) -> list[Line]:
    lines: list[Line] = []
    for at, step in enumerate(shift.plan.steps):
        wait = f"then {countdown(step.wait_s)}" if step.wait_s else ""
        line: Line = [(f"{percent(step.share):>6}  ", "strong"), (f"{wait:<16}", "")]
        if at < shift.at or (at == shift.at and shift.phase is Phase.DONE):
            lines.append([(f"{SIGNS.ok} ", "ok"), *line])
        elif at == shift.at and shift.phase in (Phase.RUNNING, Phase.HELD):
            left = f"{countdown(left_s)} left" if step.wait_s else ""
            lines.append([(f"{SIGNS.cursor} ", "accent strong"), *line, (left, "wait")])
        else:
            lines.append([("  ", ""), *line])
    return lines


def _rules(rules: Rules) -> list[Line]:
    parts = []
    if rules.error_rate is not None:
        parts.append(f"more than {percent(rules.error_rate)} of its runs fail")
    if rules.p95_ms is not None:
        parts.append(f"its p95 passes {duration_text(rules.p95_ms)}")
    if not parts:
        return [[(f"No rule takes it back by itself; {key_of('shift-back')} does at once.", "muted")]]
    runs = count(LEAST_RUNS, "run")
    return [[(f"Back by itself when {' or '.join(parts)}, after {runs} of the new version.", "muted")]]
