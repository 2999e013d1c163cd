"""What lambdatui talks about: frozen records, no input or output.

Names are loaded when they are first used: making all records takes longer than the first frame may wait.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdatui.model.attachments import (
        AsyncConfig,
        EventSource,
        FunctionUrl,
        LayerUse,
        Policy,
        Provisioned,
        Statement,
    )
    from lambdatui.model.callback import CallBack
    from lambdatui.model.difference import Change, Difference, FileChange
    from lambdatui.model.engine import DebugSession, EngineStatus
    from lambdatui.model.function import Account, Alias, Function, FunctionState, Layer, Version
    from lambdatui.model.invocation import Invocation, InvocationType, InvokeError, Report
    from lambdatui.model.log import FollowKind, FollowState, LogEvent, LogKind
    from lambdatui.model.metrics import AccountActivity, Activity, VersionFigures
    from lambdatui.model.route import Route
    from lambdatui.model.settings import FunctionSettings
    from lambdatui.model.target import Capability, Target, TargetKind

__all__ = [
    "Account",
    "AccountActivity",
    "Activity",
    "Alias",
    "AsyncConfig",
    "CallBack",
    "Capability",
    "Change",
    "DebugSession",
    "Difference",
    "EngineStatus",
    "EventSource",
    "FileChange",
    "FollowKind",
    "FollowState",
    "Function",
    "FunctionSettings",
    "FunctionState",
    "FunctionUrl",
    "Invocation",
    "InvocationType",
    "InvokeError",
    "Layer",
    "LayerUse",
    "LogEvent",
    "LogKind",
    "Policy",
    "Provisioned",
    "Report",
    "Route",
    "Statement",
    "Target",
    "TargetKind",
    "Version",
    "VersionFigures",
]

_HOMES = {
    "attachments": (
        "AsyncConfig",
        "EventSource",
        "FunctionUrl",
        "LayerUse",
        "Policy",
        "Provisioned",
        "Statement",
    ),
    "callback": ("CallBack",),
    "difference": ("Change", "Difference", "FileChange"),
    "engine": ("DebugSession", "EngineStatus"),
    "function": ("Account", "Alias", "Function", "FunctionState", "Layer", "Version"),
    "invocation": ("Invocation", "InvocationType", "InvokeError", "Report"),
    "log": ("FollowKind", "FollowState", "LogEvent", "LogKind"),
    "metrics": ("AccountActivity", "Activity", "VersionFigures"),
    "route": ("Route",),
    "settings": ("FunctionSettings",),
    "target": ("Capability", "Target", "TargetKind"),
}


if not TYPE_CHECKING:  # checkers see the imports above

    def __getattr__(name: str) -> Any:
        for home, names in _HOMES.items():
            if name in names:
                value = getattr(import_module(f"lambdatui.model.{home}"), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
