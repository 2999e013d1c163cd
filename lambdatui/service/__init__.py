"""The one place that knows AWS clients: what the dashboard and the headless commands call.

Importing it costs nothing: names are loaded when they are first used, and botocore comes in a thread
when the first call is made.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdatui.service import errors
    from lambdatui.service.engine import EngineControl
    from lambdatui.service.errors import ServiceError
    from lambdatui.service.facade import Service
    from lambdatui.service.functions import Functions
    from lambdatui.service.history import History
    from lambdatui.service.invoker import Invoker
    from lambdatui.service.logs import Logs
    from lambdatui.service.spec import TargetSpec
    from lambdatui.service.targets import open_target
    from lambdatui.service.versions import Versions

__all__ = [
    "EngineControl",
    "Functions",
    "History",
    "Invoker",
    "Logs",
    "Service",
    "ServiceError",
    "TargetSpec",
    "Versions",
    "errors",
    "open_target",
]

_HOMES = {
    "EngineControl": "engine",
    "Functions": "functions",
    "History": "history",
    "Invoker": "invoker",
    "Logs": "logs",
    "Service": "facade",
    "ServiceError": "errors",
    "TargetSpec": "spec",
    "Versions": "versions",
    "open_target": "targets",
}


if not TYPE_CHECKING:  # checkers see the imports above

    def __getattr__(name: str) -> Any:
        if name == "errors":
            return import_module("lambdatui.service.errors")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"lambdatui.service.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
