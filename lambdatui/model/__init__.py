"""What lambdatui talks about: frozen records, no input or output."""

from lambdatui.model.engine import EngineStatus
from lambdatui.model.function import Account, Alias, Function, FunctionState, Layer, Version
from lambdatui.model.invocation import Invocation, InvocationType, InvokeError, Report
from lambdatui.model.log import FollowKind, FollowState, LogEvent, LogKind
from lambdatui.model.target import Capability, Target, TargetKind

__all__ = [
    "Account",
    "Alias",
    "Capability",
    "EngineStatus",
    "FollowKind",
    "FollowState",
    "Function",
    "FunctionState",
    "Invocation",
    "InvocationType",
    "InvokeError",
    "Layer",
    "LogEvent",
    "LogKind",
    "Report",
    "Target",
    "TargetKind",
    "Version",
]
