"""What a judge is given, what it says, and the few checks that all judges share."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdatui.events.sample import Sample


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ok`: the service takes the answer as a valid one (a refusal it may express itself is still valid).

    `sentence` says for a person what the service does next; `detail` says it for a program.
    """

    ok: bool
    sentence: str
    detail: Mapping[str, Any] = field(default_factory=dict)


class Rejected(Exception):  # noqa: N818 - caught by the one who asked
    """The answer breaks a rule of the service; the text says which."""


@dataclass(frozen=True, slots=True)
class CalledBack:
    """How a caller that waits was called back; `call` is empty if it was not."""

    call: str
    said: Any
    waited_s: float
    until: str
    """When the caller stops waiting, for a person; empty where nobody knows."""
    refused: tuple[str, ...] = ()
    """Calls that the caller would not have taken."""


@dataclass(frozen=True, slots=True)
class Case:
    """One answer of a function to one event."""

    sample: Sample
    answer: bytes
    error: str | None
    took_s: float
    event: Any
    partial: bool
    called_back: CalledBack | None = None
    """None: nobody listened."""

    @property
    def timed_out(self) -> bool:
        limit = self.sample.caller.timeout_s
        return limit is not None and self.took_s > limit

    @property
    def error_object(self) -> dict[str, Any]:
        try:
            value = json.loads(self.answer)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def failure(self) -> str | None:
        """Why the service has no answer at all, if so."""
        caller = self.sample.caller
        if self.timed_out:
            return f"the function took {self.took_s:.1f} s, {caller.service} waits {caller.timeout_s:g} s"
        if self.error:
            told = self.error_object
            parts = [str(told[name]) for name in ("errorType", "errorMessage") if told.get(name)]
            return f"the function failed ({': '.join(parts) or self.error})"
        if len(self.answer) > caller.answer_limit:
            return f"the answer is {len(self.answer):,} bytes, {caller.service} takes {caller.answer_limit:,}"
        return None

    @property
    def value(self) -> Any:
        """The answer, parsed."""
        try:
            return json.loads(self.answer or b"null")
        except (ValueError, RecursionError) as error:
            raise Rejected(f"the answer is not JSON: {error}") from None


@dataclass(frozen=True, slots=True)
class Judge:
    """`check` reads an answer and may raise `Rejected`; `refuse` tells what happens without a good one."""

    check: Callable[[Case], Verdict]
    refuse: Callable[[Case, str], Verdict]

    def __call__(self, case: Case) -> Verdict:
        if case.failure is not None:
            return self.refuse(case, case.failure)
        try:
            return self.check(case)
        except Rejected as reason:
            return self.refuse(case, str(reason))


def need(condition: object, sentence: str) -> None:
    if not condition:
        raise Rejected(sentence)


def object_at(value: Any, path: str) -> dict[str, Any]:
    """The object at a dotted path of an answer; "" is the answer itself."""
    need(isinstance(value, dict), "the answer is no object")
    names = path.split(".") if path else []
    for depth, name in enumerate(names, 1):
        value = value.get(name)
        need(isinstance(value, dict), f"{'.'.join(names[:depth])} is no object")
    return dict(value)


def one_of(value: Any, name: str, allowed: tuple[str, ...]) -> None:
    need(value in allowed, f"{name} is {json.dumps(value)}, not one of {', '.join(allowed)}")


def as_status(value: Any, lowest: int = 100) -> int | None:
    """A status of HTTP, given as a number or as its digits."""
    text = str(value) if isinstance(value, int | str) else ""
    number = int(text) if len(text) == 3 and text.isascii() and text.isdigit() else 0
    return number if lowest <= number <= 599 else None


def is_base64(text: Any) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        return False
    return isinstance(text, str)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
