"""Faults on demand: which there are, which are armed, how often they fired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from lambdatui.model.inspection import FaultKind, FaultsView, FaultSwitch
from lambdatui.service.inspection.asking import Asker, line

_OWN = frozenset({"kind", "function", "left", "fired"})


class Faults:
    """Looks at the switches of an engine and sets them."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def view(self, *, since: str = "", wait_s: float = 0.0) -> FaultsView:
        """Every kind and every switch."""
        raw = await self._asker.get("faults", since=since, wait_s=wait_s)
        kinds = raw.get("kinds", {})
        return FaultsView(
            stamp=line(raw.get("stamp")),
            kinds=tuple(FaultKind(line(name), line(words)) for name, words in kinds.items()),
            switches=tuple(map(_switch, raw.get("faults", ()))),
        )

    async def arm(
        self, kind: str, function: str | None, times: int | None, settings: Mapping[str, float]
    ) -> None:
        """Set a switch, for one function or for all, for so many times or for good."""
        wanted: dict[str, Any] = {"kind": kind, **settings}
        if function is not None:
            wanted["function"] = function
        if times is not None:
            wanted["times"] = times
        await self._asker.change("PUT", "faults", wanted)

    async def disarm(self, switch: FaultSwitch) -> None:
        """Take one switch back."""
        chosen = {"kind": switch.kind} | ({} if switch.function is None else {"function": switch.function})
        await self._asker.change("DELETE", f"faults?{urlencode(chosen)}")

    async def clear(self) -> None:
        """Take all of them back."""
        await self._asker.change("DELETE", "faults")


def _switch(raw: Mapping[str, Any]) -> FaultSwitch:
    left = raw.get("left")
    return FaultSwitch(
        kind=line(raw["kind"]),
        function=line(raw.get("function")) or None,
        left=None if left is None else int(left),
        fired=int(raw.get("fired", 0)),
        settings=tuple(
            (line(name), float(value))
            for name, value in raw.items()
            if name not in _OWN and isinstance(value, int | float) and value
        ),
    )
