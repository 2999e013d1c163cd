"""Run a function many times."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from lambdatui.headless.invoking import read_payload
from lambdatui.headless.output import OK, REFUSED, Usage, print_json, print_table, say, split
from lambdatui.service import Service
from lambdatui.service.burst import EDGES, MOST_PARALLEL, MOST_RUNS, Burst, BurstPlan, Share, Tally

REPORT_S = 2.0
_QUANTILES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0))


async def burst(service: Service, options: argparse.Namespace) -> int:
    """So many runs, so many at a time. Ctrl+C sends no more, and says what came until then."""
    name, qualifier = split(options.function)
    for option, value, most in (("-n", options.runs, MOST_RUNS), ("-c", options.parallel, MOST_PARALLEL)):
        if not 1 <= value <= most:
            raise Usage(f"{option} takes a whole number from 1 to {most}")
    payload = read_payload(options.payload)
    version = (await service.functions.get(name)).latest
    plan = BurstPlan(name, qualifier, payload, options.runs, options.parallel)
    burst = service.bursts.start(plan, architectures=version.architectures)
    reporting = asyncio.create_task(_report(burst))
    try:
        await burst.wait()
    except asyncio.CancelledError:
        burst.cancel()
        await burst.wait()
        raise
    finally:
        reporting.cancel()
        _print(burst, as_json=options.json)
    return OK if burst.tally.ok == plan.runs else REFUSED


async def _report(burst: Burst) -> None:
    while True:
        await asyncio.sleep(REPORT_S)
        say(f"{burst.seconds:5.0f} s  {_words(burst)}")


def _words(burst: Burst) -> str:
    tally = burst.tally
    parts = [f"{tally.done} of {burst.plan.runs}", f"{tally.ok} ok", f"{_failed(tally)} failed"]
    if tally.throttled:
        parts.append(f"{tally.throttled} throttled")
    return ", ".join(parts)


def _failed(tally: Tally) -> int:
    return tally.done - tally.ok - tally.throttled


def _print(burst: Burst, *, as_json: bool) -> None:
    tally = burst.tally
    if as_json:
        print_json(_said(burst))
    elif tally.ran_count:
        _print_versions(tally)
        print()
        _print_histogram(tally)
    for kind, number in tally.errors.most_common():
        say(f"{number} x {kind}")
    cost = f", ${tally.dollars:.6f} on AWS" if tally.priced else ""
    end = f"ended: {burst.broken}" if burst.broken else "stopped" if burst.cancelled else "done"
    say(f"{end} after {burst.seconds:.1f} s: {_words(burst)}{cost}")


def _print_versions(tally: Tally) -> None:
    rows = [
        (number, str(share.runs), str(share.cold), str(share.errors), *_durations(share))
        for number, share in sorted(tally.versions.items())
    ]
    print_table(("VERSION", "RUNS", "COLD", "ERRORS", *(name.upper() for name, _ in _QUANTILES)), rows)


def _durations(share: Share) -> list[str]:
    return [f"{share.quantile(part):.1f} ms" for _, part in _QUANTILES]


def _print_histogram(tally: Tally) -> None:
    print_table(
        ("UP TO", "WARM", "COLD"), [(f"{edge} ms", str(warm), str(cold)) for edge, warm, cold in _bins(tally)]
    )


def _bins(tally: Tally) -> list[tuple[int, int, int]]:
    """The columns between the first and the last that hold a run: upper end, warm, cold."""
    used = sorted({*tally.warm_bins, *tally.cold_bins})
    return [(EDGES[at], tally.warm_bins[at], tally.cold_bins[at]) for at in range(used[0], used[-1] + 1)]


def _said(burst: Burst) -> dict[str, Any]:
    tally, plan = burst.tally, burst.plan
    return {
        "function": plan.function,
        "qualifier": plan.qualifier,
        "runs": plan.runs,
        "parallel": plan.parallel,
        "seconds": round(burst.seconds, 3),
        "stopped": burst.cancelled,
        "done": tally.done,
        "ok": tally.ok,
        "failed": _failed(tally),
        "throttled": tally.throttled,
        "cold": tally.cold,
        "errors": dict(tally.errors),
        "duration_ms": {name: tally.quantile(part) for name, part in _QUANTILES},
        "versions": {number: _share(share) for number, share in sorted(tally.versions.items())},
        "histogram": [
            {"up_to_ms": edge, "warm": warm, "cold": cold}
            for edge, warm, cold in (_bins(tally) if tally.ran_count else ())
        ],
        "dollars": tally.dollars if tally.priced else None,
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "runs": share.runs,
        "cold": share.cold,
        "errors": share.errors,
        "duration_ms": {name: share.quantile(part) for name, part in _QUANTILES},
    }
