"""A folder that is deployed whenever something in it was saved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, thread_time

from lambdatui.service.clean import clean_line
from lambdatui.service.code import Code
from lambdatui.service.errors import Conflict, ServiceError, Throttled, Unreachable
from lambdatui.service.packing import Stamps, pack, stamps

LOOK_S = 0.4
"""Between two looks. What looks alike twice is saved for good: editors write in several steps."""

_SHARE = 20
"""A look takes at most one part in so many of the time, however big the folder is."""

_AGAIN_S = 5.0
_PASSES = (Conflict, Throttled, Unreachable)
"""What goes by without anybody saving again."""


@dataclass(frozen=True, slots=True)
class Redeploy:
    """One of them: when, how much, how long it took; or what went wrong."""

    at: datetime
    size: int = 0
    seconds: float = 0.0
    code_sha256: str = ""
    problem: str = ""


class Watch:
    """Looks at a folder, a file or a zip until it is cancelled, and deploys what was saved."""

    def __init__(
        self,
        code: Code,
        name: str,
        source: Path,
        told: Callable[[Redeploy], None],
        *,
        deployed: bytes = b"",
        look_s: float = LOOK_S,
    ) -> None:
        """``deployed`` is the package that the function has already; without it the first look deploys."""
        self._code = code
        self._name = name
        self._source = source
        self._told = told
        self._deployed = deployed
        self._look_s = look_s

    async def run(self) -> None:
        """Look and deploy, for ever."""
        sent: Stamps | None = None
        before: Stamps | None = None
        while True:
            seen, cost_s = await asyncio.to_thread(_look, self._source)
            wait_s = max(self._look_s, _SHARE * cost_s)
            if seen == before != sent:
                if await self._redeploy():
                    sent = seen
                else:
                    wait_s = _AGAIN_S
            before = seen
            await asyncio.sleep(wait_s)

    async def _redeploy(self) -> bool:
        """Deploy what is there now; False when another try may end better without anybody saving."""
        began = monotonic()
        try:
            package = await asyncio.to_thread(pack, self._source)
            if package == self._deployed:
                return True
            sha256 = await self._code.deploy(self._name, package)
        except ServiceError as error:
            self._told(Redeploy(datetime.now(UTC), problem=error.sentence))
            return not isinstance(error, _PASSES)
        except OSError as error:
            problem = clean_line(f"{error.filename or self._source}: {error.strerror}.")
            self._told(Redeploy(datetime.now(UTC), problem=problem))
            return True
        self._deployed = package
        self._told(Redeploy(datetime.now(UTC), len(package), monotonic() - began, sha256))
        return True


def _look(source: Path) -> tuple[Stamps, float]:
    """What is there, and what the look cost: its own work, not its wait for a busy machine."""
    began = thread_time()
    return stamps(source), thread_time() - began
