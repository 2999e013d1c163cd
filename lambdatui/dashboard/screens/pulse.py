"""When a target is asked again by itself: often enough to be right, seldom enough to be quiet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdatui.model import TargetKind

if TYPE_CHECKING:
    from lambdatui.service import Service

_LIST = {TargetKind.LOCAL: 1, TargetKind.AWS: 30}
_VERSIONS = {TargetKind.LOCAL: 5, TargetKind.AWS: 90}
"""Every how many beats they are asked for, where nothing tells that they changed."""

_ANYWAY = 30
"""Every how many beats they are asked for although nothing seems to have changed."""

_STATUS = 5


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be asked for now."""

    functions: bool = False
    versions: bool = False
    status: bool = False


class Pulse:
    """Counts beats, about one a second."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._beats = 0
        self._stamp = service.stamp()

    def beat(self) -> Due:
        """One more beat."""
        self._beats += 1
        status = self._every(_STATUS)
        stamp = self._service.stamp()
        if stamp is None:
            kind = self._service.target.kind
            return Due(self._every(_LIST[kind]), self._every(_VERSIONS[kind]), status)
        changed = stamp != self._stamp or self._every(_ANYWAY)
        self._stamp = stamp
        return Due(changed, changed, changed or status)

    def _every(self, beats: int) -> bool:
        return self._beats % beats == 0
