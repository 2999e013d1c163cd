"""Environments to look at and to lay hands on."""

from __future__ import annotations

from typing import Any

from lambdatui.engine.environments import ledger
from lambdatui.engine.environments.environment import Environment, State
from lambdatui.engine.environments.ledger import Life
from lambdatui.engine.environments.memory import MB
from lambdatui.engine.own.looking import changed
from lambdatui.engine.own.routes import Call, Refused, Routes

FLICKER_S = 0.02
"""Rests shorter than this are not told: nobody could see them."""


async def list_environments(call: Call) -> dict[str, Any]:
    execution = call.engine.execution
    lives = execution.site.ledger
    stamp = await changed(call, lambda: repr(lives.changed_at()))
    since = _since(call.query.get("since"))
    return {
        "stamp": stamp,
        "now": ledger.now(),
        "whole": not since,
        "tier": execution.tiers.chosen,
        "holds": [promise.record() for promise in execution.tiers.promises()],
        "environments": [describe(life, since) for life in sorted(lives.since(since), key=_number)],
    }


def describe(life: Life, since: float) -> dict[str, Any]:
    """One life; of its marks only those after `since`."""
    spec, environment = life.spec, life.environment
    found = {
        "id": life.number,
        "account": spec.account,
        "region": spec.region,
        "function": spec.name,
        "version": spec.version,
        "runtime": spec.runtime,
        "notice": spec.program.notice,
        "memory_limit_mb": spec.memory_mb,
        "why": life.why.value,
        "after": life.after,
        "born": life.born,
        "init_ms": life.init_ms,
        "ended": life.ended,
        "how": life.how if life.ended is not None else "",
        "invocations": life.invocations,
        "memory_mb": 0,
        "peak_mb": life.peak_mb,
        "state": life.marks[-1][1],
        "marks": _thinned([mark for mark in life.marks if mark[0] > since]),
    }
    if environment is not None:
        used, peak = environment.memory
        found |= {
            "environment": environment.id,
            "stream": environment.stream,
            "tenant": environment.tenant_id,
            "invocations": environment.invocations,
            "memory_mb": used // MB,
            "peak_mb": peak // MB,
            "held": environment.held,
        }
    return found


def _thinned(marks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Without rests too short to be seen: work after work is one piece of work."""
    kept: list[tuple[float, str]] = []
    for mark in marks:
        if mark[1] == ledger.BUSY and kept and kept[-1][1] == ledger.IDLE:
            if mark[0] - kept[-1][0] < FLICKER_S:
                kept.pop()
            if kept and kept[-1][1] == ledger.BUSY:
                continue
        kept.append(mark)
    return kept


async def kill(call: Call) -> dict[str, Any]:
    """End it at once; what it runs fails as if it had crashed."""
    call.engine.execution.pool.end(_living(call), "killed by hand")
    return {}


async def freeze(call: Call) -> dict[str, Any]:
    """Have it stand still, or go on again."""
    environment = _living(call)
    if environment.held:
        environment.release()
    elif environment.state is not State.IDLE:
        raise Refused(409, "It is busy: it can be frozen between invocations only.")
    else:
        call.engine.execution.pool.hold(environment)
    return {"held": environment.held}


async def cool(call: Call) -> dict[str, Any]:
    """Let the next invocation of its version be a cold start; what is provisioned stays warm."""
    call.engine.execution.pool.cool(_living(call).spec, "made cold by hand")
    return {}


def _number(life: Life) -> int:
    return life.number


def _living(call: Call) -> Environment:
    life = call.engine.execution.site.ledger.find(call.id)
    if life is None:
        raise Refused(404, f"There is no environment {call.id}: it ended a while ago, or never was.")
    if life.environment is None:
        raise Refused(409, f"Environment {call.id} has ended: {life.how}.")
    return life.environment


def _since(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        raise Refused(400, "since is the stamp of an earlier answer.") from None


ROUTES: Routes = {
    ("GET", "environments"): list_environments,
    ("POST", "environments/*/kill"): kill,
    ("POST", "environments/*/freeze"): freeze,
    ("POST", "environments/*/cool"): cool,
}
