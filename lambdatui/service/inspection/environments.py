"""Execution environments: their lives, and what may be done to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdatui.model.inspection import EnvironmentLife, EnvironmentsView, LifeState
from lambdatui.service.inspection.asking import Asker, line, number


class Environments:
    """Looks at the environments of an engine and acts on them."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def view(self, *, since: str = "", wait_s: float = 0.0) -> EnvironmentsView:
        """Everything, or what changed after an earlier view."""
        return read_view(await self._asker.get("environments", since=since, wait_s=wait_s))

    async def kill(self, life: EnvironmentLife) -> None:
        """End it at once."""
        await self._asker.change("POST", f"environments/{life.number}/kill")

    async def freeze(self, life: EnvironmentLife) -> bool:
        """Have it stand still, or go on; whether it stands still now."""
        raw = await self._asker.change("POST", f"environments/{life.number}/freeze")
        return bool(raw.get("held"))

    async def cool(self, life: EnvironmentLife) -> None:
        """Make the next invocation of its version a cold start."""
        await self._asker.change("POST", f"environments/{life.number}/cool")


def read_view(raw: Mapping[str, Any]) -> EnvironmentsView:
    """The engine's answer as records."""
    return EnvironmentsView(
        stamp=line(raw.get("stamp")),
        now=float(raw.get("now", 0)),
        whole=bool(raw.get("whole", True)),
        tier=line(raw.get("tier")),
        lacks=tuple(
            f"{line(one.get('what'))}: {line(one.get('words'))}"
            for one in raw.get("holds", ())
            if one.get("held") != "held"
        ),
        lives=tuple(map(_life, raw.get("environments", ()))),
    )


def _life(raw: Mapping[str, Any]) -> EnvironmentLife:
    return EnvironmentLife(
        number=int(raw["id"]),
        function=line(raw.get("function")),
        version=line(raw.get("version")),
        why=line(raw.get("why")),
        born=float(raw.get("born", 0)),
        state=LifeState(raw.get("state", "idle")),
        marks=tuple((float(at), LifeState(state)) for at, state in raw.get("marks", ())),
        init_ms=number(raw.get("init_ms")),
        after=line(raw.get("after")),
        ended=number(raw.get("ended")),
        how=line(raw.get("how")),
        invocations=int(raw.get("invocations", 0)),
        memory_mb=int(raw.get("memory_mb", 0)),
        peak_mb=int(raw.get("peak_mb", 0)),
        memory_limit_mb=int(raw.get("memory_limit_mb", 128)),
        runtime=line(raw.get("runtime")),
        notice=line(raw.get("notice")),
        stream=line(raw.get("stream")),
        held=bool(raw.get("held")),
    )
