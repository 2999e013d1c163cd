"""Sample events for every service that calls a Lambda function, and how that service judges the answer."""

from lambdatui.events.build import build, compose
from lambdatui.events.errors import BadParameter, EventError, TooLarge, UnknownParameter, UnknownSample
from lambdatui.events.judges import Verdict, judge
from lambdatui.events.sample import Caller, Invocation, Parameter, Sample, catalog, get

__all__ = [
    "BadParameter",
    "Caller",
    "EventError",
    "Invocation",
    "Parameter",
    "Sample",
    "TooLarge",
    "UnknownParameter",
    "UnknownSample",
    "Verdict",
    "build",
    "catalog",
    "compose",
    "get",
    "judge",
]
