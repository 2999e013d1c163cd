"""What the feeds tell the screen. Every answer names what it is for, so that late ones are known."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from lambdatui.model import Alias, EngineStatus, FollowState, Function, Invocation, LogEvent, Version
    from lambdatui.model.metrics import Activity
    from lambdatui.service import Service
    from lambdatui.service.errors import ServiceError


class Concern(StrEnum):
    """What is asked for; one worker group each."""

    TARGET = "target"
    FUNCTIONS = "functions"
    STATES = "states"
    ACTIVITY = "activity"
    VERSIONS = "versions"
    LOG = "log"
    INVOKE = "invoke"
    STATUS = "status"
    HISTORY = "history"
    ACTION = "action"
    WATCH = "watch"
    TRAFFIC = "traffic"


class TargetOpening(Message):
    """The target is being opened; what happens now."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step


class TargetOpened(Message):
    """The target answered."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self.service = service


class FunctionsListed(Message):
    """Functions, as far as the list has come."""

    def __init__(self, functions: list[Function], *, complete: bool) -> None:
        super().__init__()
        self.functions = functions
        self.complete = complete


class StatesKnown(Message):
    """What lists leave out, for the rows that are seen."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        super().__init__()
        self.functions = functions


class ActivityKnown(Message):
    """What functions did in the last hour."""

    def __init__(self, activity: Mapping[str, Activity]) -> None:
        super().__init__()
        self.activity = activity


class VersionsLoaded(Message):
    """Versions and aliases of one function."""

    def __init__(self, name: str, versions: list[Version], aliases: list[Alias]) -> None:
        super().__init__()
        self.name = name
        self.versions = versions
        self.aliases = aliases


class LogGrew(Message):
    """New events of one log group."""

    def __init__(self, group: str, events: list[LogEvent]) -> None:
        super().__init__()
        self.group = group
        self.events = events


class LogState(Message):
    """How following one log group goes."""

    def __init__(self, group: str, state: FollowState) -> None:
        super().__init__()
        self.group = group
        self.state = state


class Remembered(Message):
    """The payload a function was last invoked with."""

    def __init__(self, name: str, payload: str) -> None:
        super().__init__()
        self.name = name
        self.payload = payload


class Recalled(Message):
    """An invocation of before, if it is still known what it answered."""

    def __init__(self, name: str, invocation: Invocation | None) -> None:
        super().__init__()
        self.name = name
        self.invocation = invocation


class Created(Message):
    """The function to invoke is still being created, or is ready now."""

    def __init__(self, *, ready: bool) -> None:
        super().__init__()
        self.ready = ready


class Invoked(Message):
    """An invocation came to its end."""

    def __init__(self, invocation: Invocation) -> None:
        super().__init__()
        self.invocation = invocation


class StatusKnown(Message):
    """The engine's own figures."""

    def __init__(self, status: EngineStatus) -> None:
        super().__init__()
        self.status = status


class Failed(Message):
    """A call failed; ``key`` says for which function or log group."""

    def __init__(self, concern: Concern, key: str, error: ServiceError) -> None:
        super().__init__()
        self.concern = concern
        self.key = key
        self.error = error


class Done(Message):
    """An action of the person succeeded; ``sentence`` says what it did."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
