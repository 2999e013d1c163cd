"""How each service judges what a function answered to its event."""

from __future__ import annotations

from typing import Any

from lambdatui.events.judges import callbacks, calls, edge, http, identity, records, speech
from lambdatui.events.judges.callbacks import CALLED_BACK
from lambdatui.events.judges.case import CalledBack, Case, Judge, Verdict
from lambdatui.events.sample import get

__all__ = ["CALLED_BACK", "CalledBack", "Verdict", "judge"]

JUDGES: dict[str, Judge] = {
    **callbacks.CALLED_BACK,
    **calls.JUDGES,
    **edge.JUDGES,
    **http.JUDGES,
    **identity.JUDGES,
    **records.JUDGES,
    **speech.JUDGES,
}


def judge(
    sample_id: str,
    answer: bytes,
    error: str | None = None,
    took_s: float = 0.0,
    *,
    event: Any = None,
    partial: bool = False,
    called_back: CalledBack | None = None,
) -> Verdict:
    """What the service behind a sample does with an answer.

    `error` is the invocation's function error ("Unhandled"), with the error object as `answer`. With `event`
    identifiers are compared, without it only the shape is judged. `partial` is ReportBatchItemFailures.
    `called_back` is what came to a caller that waits for that, where somebody listened in its place.
    """
    sample = get(sample_id)
    return JUDGES[sample.judge](Case(sample, answer, error, took_s, event, partial, called_back))
