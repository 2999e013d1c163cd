"""A caller that goes on only when the function calls it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class CallBack:
    """What somebody waits for, and what came of it."""

    id: int
    state: str  # waiting | answered | missed
    url: str = ""  # of CloudFormation: where the answer is to be PUT
    deadline: datetime | None = None
    call: str = ""  # how it was answered, such as PutJobSuccessResult
    answer: Any = None
    refused: tuple[str, ...] = ()  # answers that the caller would not have taken, and why
