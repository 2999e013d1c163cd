"""A burst as it happens: how long the runs take, which version answers, what fails, what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen

from lambdatui.dashboard.bars import Footer, Header
from lambdatui.dashboard.function.lines import Line, SpanLines, facts, heading
from lambdatui.dashboard.keys import bindings, key_of
from lambdatui.dashboard.widgets.figures import bar, duration_text
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.words import count, percent
from lambdatui.service.burst import EDGES, Burst, Tally

if TYPE_CHECKING:
    from lambdatui.service import Service

LOOK_S = 0.1
LABEL = 18


class BurstScreen(Screen[bool]):
    """Watches one burst; it goes on when the screen is left. Answers whether another one is wanted."""

    CSS_PATH = "invoking.tcss"
    AUTO_FOCUS = "SpanLines"
    BINDINGS: ClassVar = bindings("stop-burst", "another-burst", "command", "back")

    def __init__(self, service: Service, burst: Burst, *, production: bool = False) -> None:
        super().__init__()
        self._service = service
        self.burst = burst
        self._production = production
        self._drawn: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        yield Header()
        with Vertical(id="frame") as frame:
            plan = self.burst.plan
            aim = f"{plan.function}:{plan.qualifier}" if plan.qualifier else plan.function
            many = f"{count(plan.runs, 'invocation')}, {plan.parallel} at a time"
            frame.border_title = Content.assemble(f"Burst {SIGNS.closed} {aim} ", (f" {many}", "$muted"))
            yield SpanLines()
        yield Footer()

    def on_mount(self) -> None:
        header = self.query_one(Header)
        header.target, header.production = self._service.target, self._production
        self.set_interval(LOOK_S, self._look)
        self.call_after_refresh(self._look)

    def on_resize(self) -> None:
        self._drawn = ()
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        """Draw again if something came in meanwhile."""
        burst, view = self.burst, self.query_one(SpanLines)
        seen = (burst.tally.done, burst.is_over, burst.is_over or int(burst.seconds))
        if seen == self._drawn or not view.size.width:
            return
        over_before = bool(self._drawn) and self._drawn[1]
        self._drawn = seen
        view.set_lines(lines_of(burst, view.size.width - 2))
        if burst.is_over and not over_before:
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is over cannot be stopped; another one comes after this one."""
        if action == "stop_burst":
            return not self.burst.is_over
        if action == "another_burst":
            return self.burst.is_over
        return super().check_action(action, parameters)

    def action_stop_burst(self) -> None:
        """Send no more."""
        self.burst.cancel()

    def action_another_burst(self) -> None:
        """Ask for another one."""
        self.dismiss(True)

    def action_back(self) -> None:
        """Leave; what is under way goes on."""
        if not self.burst.is_over:
            self.notify(f"The burst goes on. {key_of('burst')} shows it again.")
        self.dismiss(False)


# -- lines ------------------------------------------------------------------------------------


def lines_of(burst: Burst, width: int) -> list[Line]:
    """The whole picture."""
    tally = burst.tally
    lines = [_progress(burst, width), [], *facts(_figures(burst), LABEL), []]
    if tally.ran_count:
        lines += [heading("Durations"), *_histogram(tally, width), []]
        lines += [heading("Versions"), *_versions(tally, width), []]
    if tally.errors or tally.throttled:
        lines += [heading("Failures"), *_failures(tally)]
    return lines


def _progress(burst: Burst, width: int) -> Line:
    tally, plan = burst.tally, burst.plan
    done = f" {tally.done} of {plan.runs}"
    line: Line = [(bar(tally.done / plan.runs, max(10, min(40, width - 40))), "accent"), (done, "strong")]
    if burst.broken:
        return [*line, (f"  {SIGNS.failed} ended: {burst.broken}", "fail")]
    if burst.cancelled:
        said = f"  {SIGNS.failed} stopped after {duration_text(burst.seconds * 1000)}"
        return [*line, (f"{said}; those under way run to their end unseen", "wait")]
    if burst.is_over:
        return [*line, (f"  {SIGNS.ok} in {duration_text(burst.seconds * 1000)}", "ok")]
    return [*line, (f"  {SIGNS.pending} {burst.seconds:.0f} s", "wait")]


def _figures(burst: Burst) -> list[tuple[str, Line]]:
    tally = burst.tally
    failed = tally.done - tally.ok - tally.throttled
    rate = tally.done / burst.seconds if burst.seconds > 0 else 0.0
    rows: list[tuple[str, Line]] = [
        (
            "Answers",
            [
                (f"{SIGNS.ok} {tally.ok}", "ok"),
                (f"   {SIGNS.failed} {failed}", "fail" if failed else "muted"),
                (f"   {SIGNS.warning} {tally.throttled} throttled", "wait" if tally.throttled else "muted"),
                (f"   {rate:.0f} a second", "muted"),
            ],
        )
    ]
    if not tally.ran_count:
        return rows
    quantiles = [
        f"{name} {duration_text(tally.quantile(share))}"
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0))
    ]
    rows.append(("Duration", [("   ".join(quantiles), "")]))
    cold = f"{SIGNS.init} {tally.cold} cold, {percent(round(tally.cold / tally.ran_count, 3))}"
    rows.append(
        (
            "Starts",
            [(cold, "wait" if tally.cold else "muted"), (f"   {tally.ran_count - tally.cold} warm", "")],
        )
    )
    if tally.priced:
        a_million = tally.dollars / tally.priced * 1_000_000
        rows.append(
            (
                "Cost on AWS",
                [(f"${tally.dollars:.6f}", ""), (f"   ${a_million:.2f} per million like these", "muted")],
            )
        )
    return rows


def _histogram(tally: Tally, width: int) -> list[Line]:
    """A line per range of durations; cold starts at the end of each bar."""
    used = sorted({*tally.warm_bins, *tally.cold_bins})
    most = max(tally.warm_bins[at] + tally.cold_bins[at] for at in used)
    room = max(10, width - LABEL - 8)
    lines: list[Line] = []
    for at in range(used[0], used[-1] + 1):
        warm, cold = tally.warm_bins[at], tally.cold_bins[at]
        low = EDGES[at - 1] if at else 0
        label = (
            f"{low} to {duration_text(EDGES[at])}" if EDGES[at] < 1000 else f"to {duration_text(EDGES[at])}"
        )
        warm_width, cold_width = _parts(warm, cold, most, room)
        lines.append(
            [
                (f"{label:>{LABEL - 2}}  ", "muted"),
                (SIGNS.full * warm_width, "accent"),
                (SIGNS.empty * cold_width, "wait"),
                (f" {warm + cold or ''}", ""),
            ]
        )
    return [*lines, [(" " * LABEL, ""), (f"{SIGNS.full} warm  ", "accent"), (f"{SIGNS.empty} cold", "wait")]]


def _parts(warm: int, cold: int, most: int, room: int) -> tuple[int, int]:
    """How wide the two parts of a bar are; what is there at all is seen."""
    return (
        max(1, round(warm / most * room)) if warm else 0,
        max(1, round(cold / most * room)) if cold else 0,
    )


def _versions(tally: Tally, width: int) -> list[Line]:
    lines: list[Line] = []
    for number, share in sorted(tally.versions.items()):
        part = share.runs / tally.ran_count
        lines.append(
            [
                (f"{number:<{LABEL - 8}}", "strong"),
                (bar(part, 10), "accent"),
                (f" {percent(round(part, 3)):>6}", ""),
                (
                    f"  p50 {duration_text(share.quantile(0.5))}  p95 {duration_text(share.quantile(0.95))}",
                    "",
                ),
                (f"  {SIGNS.init} {share.cold}", "wait" if share.cold else "muted"),
                (f"  {SIGNS.failed} {share.errors}", "fail" if share.errors else "muted"),
            ]
        )
    return lines


def _failures(tally: Tally) -> Sequence[Line]:
    lines: list[Line] = [
        [(f"{number:>6}  ", "fail"), (kind, "")] for kind, number in tally.errors.most_common(8)
    ]
    if tally.throttled:
        lines.append([(f"{tally.throttled:>6}  ", "wait"), ("throttled: no concurrency left (429)", "")])
    return lines
