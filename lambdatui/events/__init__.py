"""Sample events for every service that calls a Lambda function, and how that service judges the answer.

Names are loaded when they are first used, so that the command line stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdatui.events.assembly import build, chain, compose
    from lambdatui.events.errors import BadParameter, EventError, TooLarge, UnknownParameter, UnknownSample
    from lambdatui.events.judges import CalledBack, Verdict, judge
    from lambdatui.events.printing import Answer, Invoke
    from lambdatui.events.sample import Caller, Invocation, Parameter, Sample, catalog, get

__all__ = [
    "Answer",
    "BadParameter",
    "CalledBack",
    "Caller",
    "EventError",
    "Invocation",
    "Invoke",
    "Parameter",
    "Sample",
    "TooLarge",
    "UnknownParameter",
    "UnknownSample",
    "Verdict",
    "build",
    "catalog",
    "chain",
    "compose",
    "get",
    "judge",
]

_HOMES = {
    "assembly": ("build", "chain", "compose"),
    "errors": ("BadParameter", "EventError", "TooLarge", "UnknownParameter", "UnknownSample"),
    "judges": ("CalledBack", "Verdict", "judge"),
    "printing": ("Answer", "Invoke"),
    "sample": ("Caller", "Invocation", "Parameter", "Sample", "catalog", "get"),
}


if not TYPE_CHECKING:  # checkers see the imports above

    def __getattr__(name: str) -> Any:
        for home, names in _HOMES.items():
            if name in names:
                value = getattr(import_module(f"lambdatui.events.{home}"), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
