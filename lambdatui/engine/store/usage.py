"""How much code accounts keep: an upper bound that costs nothing, made exact only where it matters."""

from __future__ import annotations

import sqlite3

from lambdatui.engine.store import functions


class CodeUsage:
    """Used by the one thread that writes, so that no two changes are counted at a time."""

    def __init__(self) -> None:
        self._bounds: dict[tuple[str, str], int] = {}

    def fits(self, conn: sqlite3.Connection, account: str, region: str, size: int, limit: int) -> bool:
        """Count ``size`` bytes more; whether they and all that is there are within ``limit``."""
        bound = self._bounds.get((account, region))
        if bound is None or bound + size > limit:  # what was deleted since is still in the bound
            bound = functions.code_bytes(conn, account, region)
        if size > 0 and bound + size > limit:
            return False
        self._bounds[account, region] = bound + max(0, size)
        return True
