"""Where AWS behaves otherwise than its published model says; everything here was seen in recorded answers."""

from __future__ import annotations

from dataclasses import dataclass

_REGION = r"((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?"
_FUNCTION = rf"(arn:(aws[a-zA-Z-]*)?:lambda:)?{_REGION}(\d{{12}}:)?(function:)?"
_ARN_REGION = r"(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}"
_HEX = "[0-9a-fA-F]"
_UUID = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"

FUNCTION_NAME = rf"{_FUNCTION}([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
NEW_FUNCTION_NAME = rf"{_FUNCTION}([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
QUALIFIER = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
_LAYER_VERSION = (
    rf"(arn:(aws[a-zA-Z-]*)?:lambda:{_ARN_REGION}:\d{{12}}:layer:[a-zA-Z0-9-_]+:[0-9]+)"
    r"|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"
)
_TAGGABLE = (
    rf"arn:(aws[a-zA-Z-]*):lambda:{_ARN_REGION}:\d{{12}}:"
    r"(function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)"
    rf"|code-signing-config:csc-[a-z0-9]{{17}}|event-source-mapping:{_UUID}|capacity-provider:[a-zA-Z0-9-_]+)"
)

_RUNTIMES = (
    "nodejs20.x python3.14 provided.al2023 python3.12 python3.13 nodejs24.x nodejs22.x java25 python3.10"
    " python3.11 java21 ruby3.3 ruby3.4 ruby3.2 python3.8 python3.9 java17 nodejs16.x dotnet10 dotnet8"
    " java11 dotnet6 nodejs18.x provided.al2 java8.al2"
)
RUNTIMES = tuple(_RUNTIMES.split())


@dataclass(frozen=True, slots=True)
class Rule:
    """What differs for one shape, or for one member of one operation. None: as the model says."""

    pattern: str | None = None
    max: int | None = None
    enum: tuple[str, ...] | None = None
    unchecked: bool = False
    """Left to the operation, which has a text of its own for it."""
    flat: bool = False
    """A list whose elements' rule is printed as if it were the list's own."""


# Keyed by service, then by shape name or by "Operation.Member" of the operation's input.
RULES: dict[str, dict[str, Rule]] = {
    "lambda": {
        "FunctionName": Rule(pattern=FUNCTION_NAME, max=256),
        "NamespacedFunctionName": Rule(pattern=FUNCTION_NAME),
        "CreateFunction.FunctionName": Rule(pattern=NEW_FUNCTION_NAME, max=140),
        "Qualifier": Rule(pattern=QUALIFIER),
        "NumericLatestPublishedOrAliasQualifier": Rule(pattern=QUALIFIER),
        "LayerVersionArn": Rule(pattern=_LAYER_VERSION),
        "TaggableResource": Rule(pattern=_TAGGABLE),
        "CreateFunction.Runtime": Rule(unchecked=True),
        "UpdateFunctionConfiguration.Runtime": Rule(unchecked=True),
        "CompatibleRuntimes": Rule(enum=RUNTIMES, flat=True),
        "Timeout": Rule(max=900),
        "MemorySize": Rule(max=10_240),
        "EphemeralStorageSize": Rule(max=10_240),
        "Architecture": Rule(enum=("x86_64", "arm64")),
        "EventSourcePosition": Rule(enum=("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")),
        "SnapStartApplyOn": Rule(enum=("PublishedVersions", "None")),
        "RecursiveLoop": Rule(enum=("Terminate", "Allow")),
        "InvokeMode": Rule(enum=("RESPONSE_STREAM", "BUFFERED")),
    },
}

# Success codes that the model gets wrong.
STATUS: dict[str, dict[str, int]] = {"lambda": {"DeleteFunction": 204}}

# Checked before all other members, in this order.
FIRST_MEMBERS = ("Qualifier", "CompatibleRuntimes")
