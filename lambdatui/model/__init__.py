"""What lambdatui talks about: frozen records, no input or output."""

from lambdatui.model.attachments import (
    AsyncConfig,
    EventSource,
    FunctionUrl,
    LayerUse,
    Policy,
    Provisioned,
    Statement,
)
from lambdatui.model.difference import Change, Difference, FileChange
from lambdatui.model.engine import EngineStatus
from lambdatui.model.function import Account, Alias, Function, FunctionState, Layer, Version
from lambdatui.model.invocation import Invocation, InvocationType, InvokeError, Report
from lambdatui.model.log import FollowKind, FollowState, LogEvent, LogKind
from lambdatui.model.route import Route
from lambdatui.model.settings import FunctionSettings
from lambdatui.model.target import Capability, Target, TargetKind

__all__ = [
    "Account",
    "Alias",
    "AsyncConfig",
    "Capability",
    "Change",
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
]
