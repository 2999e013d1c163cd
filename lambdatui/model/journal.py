"""What was changed in a target, and what can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Undo(StrEnum):
    """Whether a change can be taken back."""

    NEVER = "no undo"  # AWS has no way back
    READY = "undo"
    DONE = "undone"
    PAST = "past"  # of an earlier run: what was there before is not kept on disk


@dataclass(frozen=True, slots=True)
class Write:
    """One change that was sent."""

    number: int
    when: datetime
    operation: str  # by AWS's name
    subject: str  # function, name:qualifier, or ARN
    details: str  # what was set, without values that may be secret
    error: str = ""  # the sentence, when it was refused
    undo: Undo = Undo.NEVER
    way_back: str = ""  # what undo would send
