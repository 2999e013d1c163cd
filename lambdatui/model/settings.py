"""The settings of a function as a table: what each is called, where Lambda keeps it, what it may be.

Limits are those of Lambda's own API model; a test compares them with botocore's copy of it. Memory, timeout
and /tmp are narrower: the model names the limits of managed instances.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lambdatui.model.function import Version

ENVIRONMENT_LIMIT = 4096
"""Bytes that all environment variables of a function may take together."""

RUNTIMES = (
    "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x",
    "nodejs14.x", "nodejs16.x", "nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x", "nodejs26.x",
    "python2.7", "python3.6", "python3.7", "python3.8", "python3.9", "python3.10", "python3.11",
    "python3.12", "python3.13", "python3.14", "python3.15",
    "java8", "java8.al2", "java8.al2023", "java11", "java11.al2023", "java17", "java17.al2023", "java21",
    "java25", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1", "dotnetcore3.1", "dotnet6", "dotnet8",
    "dotnet10", "ruby2.5", "ruby2.7", "ruby3.2", "ruby3.3", "ruby3.4", "ruby4.0", "go1.x",
    "provided", "provided.al2", "provided.al2023",
)  # fmt: skip

RESERVED = frozenset({
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
})  # fmt: skip
"""Names of variables that Lambda sets itself and refuses."""

_VARIABLE = re.compile(r"[a-zA-Z]([a-zA-Z0-9_])+")


class Kind(StrEnum):
    """How a setting is written."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    LIST = "list"  # separated by blanks
    SHOWN = "shown"  # cannot be changed here


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting."""

    key: str
    member: str  # of UpdateFunctionConfiguration, dotted
    label: str
    group: str
    kind: Kind = Kind.TEXT
    low: int = 0  # of a number, or characters
    high: int = 0
    pattern: str = ""  # of the text, or of each part of a list
    choices: tuple[str, ...] = ()
    unit: str = ""
    hint: str = ""
    zip_only: bool = False  # images bring their own


_GENERAL, _LOGGING, _CODE, _MORE = "General", "Logging and tracing", "Runtime", "Network and failures"

_REGION = r"(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}"

SETTINGS: tuple[Setting, ...] = (
    Setting("description", "Description", "Description", _GENERAL, high=256),
    Setting("memory", "MemorySize", "Memory", _GENERAL, Kind.NUMBER, 128, 10240, unit="MB"),
    Setting("timeout", "Timeout", "Timeout", _GENERAL, Kind.NUMBER, 1, 900, unit="s"),
    Setting(
        "storage", "EphemeralStorage.Size", "Storage in /tmp", _GENERAL, Kind.NUMBER, 512, 10240, unit="MB",
    ),
    Setting(
        "role", "Role", "Role", _GENERAL, low=1, high=10000,
        pattern=r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+", hint="ARN of a role",
    ),
    Setting("runtime", "Runtime", "Runtime", _CODE, Kind.CHOICE, choices=RUNTIMES, zip_only=True),
    Setting(
        "handler", "Handler", "Handler", _CODE, low=1, high=128, pattern=r"[^\s]+",
        hint="file.function", zip_only=True,
    ),
    Setting(
        "layers", "Layers", "Layers", _CODE, Kind.LIST, high=5, zip_only=True,
        hint="up to 5 ARNs, blanks between",
        pattern=rf"((arn:(aws[a-zA-Z-]*)?:lambda:{_REGION}:\d{{12}}:layer:[a-zA-Z0-9-_]+:[0-9]+)"
        r"|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+))",
    ),
    Setting(
        "snap_start", "SnapStart.ApplyOn", "SnapStart", _CODE, Kind.CHOICE,
        choices=("None", "PublishedVersions"),
    ),
    Setting("architectures", "Architectures", "Architecture", _CODE, Kind.SHOWN),
    Setting("package", "PackageType", "Package", _CODE, Kind.SHOWN),
    Setting(
        "log_format", "LoggingConfig.LogFormat", "Log format", _LOGGING, Kind.CHOICE,
        choices=("Text", "JSON"),
    ),
    Setting(
        "log_level", "LoggingConfig.ApplicationLogLevel", "Application level", _LOGGING, Kind.CHOICE,
        choices=("", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"), hint="only with JSON",
    ),
    Setting(
        "system_level", "LoggingConfig.SystemLogLevel", "System level", _LOGGING, Kind.CHOICE,
        choices=("", "DEBUG", "INFO", "WARN"), hint="only with JSON",
    ),
    Setting(
        "log_group", "LoggingConfig.LogGroup", "Log group", _LOGGING, low=1, high=512,
        pattern=r"[\.\-_/#A-Za-z0-9]+",
    ),
    Setting(
        "tracing", "TracingConfig.Mode", "Tracing", _LOGGING, Kind.CHOICE,
        choices=("PassThrough", "Active"),
    ),
    Setting(
        "dead_letter", "DeadLetterConfig.TargetArn", "Dead-letter queue", _MORE, high=10000,
        pattern=r"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()", hint="queue or topic, or nothing",
    ),
    Setting(
        "key", "KMSKeyArn", "Encryption key", _MORE, high=10000,
        pattern=r"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()", hint="KMS key, or nothing",
    ),
    Setting(
        "subnets", "VpcConfig.SubnetIds", "Subnets", _MORE, Kind.LIST, high=16,
        pattern=r"subnet-[0-9a-z]*", hint="ids, blanks between; none: no VPC",
    ),
    Setting(
        "security_groups", "VpcConfig.SecurityGroupIds", "Security groups", _MORE, Kind.LIST, high=5,
        pattern=r"sg-[0-9a-zA-Z]*", hint="ids, blanks between",
    ),
)  # fmt: skip

BY_KEY: Mapping[str, Setting] = {setting.key: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """Every setting of one version of a function, as a person writes it."""

    version: Version
    values: Mapping[str, str] = field(default_factory=dict)  # by the keys of SETTINGS
    environment_problem: str = ""  # why the variables cannot be read; they are not empty then

    @property
    def environment(self) -> Mapping[str, str]:
        return self.version.environment

    @property
    def revision_id(self) -> str:
        return self.version.revision_id

    @property
    def is_image(self) -> bool:
        return self.version.package_type == "Image"

    def offered(self) -> tuple[Setting, ...]:
        """The settings that mean something for this kind of package."""
        return tuple(each for each in SETTINGS if not (self.is_image and each.zip_only))


def problem_of(setting: Setting, text: str) -> str:
    """What is wrong with a value, in a few words; empty when Lambda's model allows it."""
    match setting.kind:
        case Kind.NUMBER:
            return _number_problem(setting, text)
        case Kind.CHOICE:
            return "" if text in setting.choices else _choice_problem(setting)
        case Kind.LIST:
            parts = text.split()
            if len(parts) > setting.high:
                return f"at most {setting.high}"
            wrong = next((part for part in parts if not re.fullmatch(setting.pattern, part)), "")
            return f"{wrong} is not {_what(setting)}" if wrong else ""
        case Kind.TEXT:
            return _text_problem(setting, text)
    return ""


def _number_problem(setting: Setting, text: str) -> str:
    if not text.isdecimal():
        return "a whole number"
    if not setting.low <= int(text) <= setting.high:
        return f"{setting.low} to {setting.high} {setting.unit}"
    return ""


def _choice_problem(setting: Setting) -> str:
    return "not one that Lambda has" if len(setting.choices) > 7 else "one of " + ", ".join(setting.choices)


def _text_problem(setting: Setting, text: str) -> str:
    if len(text) > setting.high:
        return f"{len(text)} of {setting.high} characters"
    if len(text) < setting.low:
        return "must not be empty"
    if setting.pattern and not re.fullmatch(setting.pattern, text):
        return f"not {_what(setting)}"
    return ""


def _what(setting: Setting) -> str:
    return {
        "role": "the ARN of a role",
        "layers": "the ARN of a layer version",
        "handler": "a handler: no blanks",
        "log_group": "a log group: letters, digits, . - _ / #",
    }.get(setting.key, "an ARN")


def variable_problem(name: str) -> str:
    """Why Lambda would refuse an environment variable of that name."""
    if not _VARIABLE.fullmatch(name):
        return "A name has at least two letters, digits and _, and begins with a letter."
    if name in RESERVED:
        return f"{name} is set by Lambda itself."
    return ""


def environment_size(variables: Mapping[str, str]) -> int:
    """Bytes as Lambda counts them: the variables as compact JSON."""
    import json

    return len(json.dumps(dict(variables), ensure_ascii=False, separators=(",", ":")).encode())
