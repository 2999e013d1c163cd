"""The grammar of ValidationException, held against AWS's recorded texts."""

from __future__ import annotations

from typing import Any

import pytest

from lambdatui.engine.wire import model, overrides
from lambdatui.engine.wire.errors import validation
from lambdatui.engine.wire.validate import Validator

NAME = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?"
    r"(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
NEW_NAME = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?"
    r"(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
QUALIFIER = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
ROLE = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
LAYER = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:"
    r"[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"
)
RUNTIMES = (
    "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, "
    "python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, "
    "dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2"
)
NEW = {"FunctionName": "f", "Role": "arn:aws:iam::000000000000:role/r", "Code": {"ZipFile": b""}}
ALIAS = {"FunctionName": "f", "Name": "live", "FunctionVersion": "1"}
LONG = "a" * 141


def pattern(value: str, path: str, regex: str) -> str:
    return (
        f"Value '{value}' at '{path}' failed to satisfy constraint:"
        f" Member must satisfy regular expression pattern: {regex}"
    )


def at(value: str, path: str, constraint: str) -> str:
    return f"Value {value} at '{path}' failed to satisfy constraint: {constraint}"


def lengths(least: int, most: int) -> str:
    return (
        f"Member must have length less than or equal to {most},"
        f" Member must have length greater than or equal to {least}"
    )


NULL = "Member must not be null"
REGEX = "Member must satisfy regular expression pattern"
ENUM = "Member must satisfy enum value set"
ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("GetFunction", {"FunctionName": "my-function!"}, [pattern("my-function!", "functionName", NAME)]),
    ("GetFunction", {"FunctionName": "name:1:2"}, [pattern("name:1:2", "functionName", NAME)]),
    ("UpdateFunctionCode", {"FunctionName": "*"}, [pattern("*", "functionName", NAME)]),
    ("CreateFunction", NEW | {"FunctionName": "f:$LATES"}, [pattern("f:$LATES", "functionName", NEW_NAME)]),
    ("CreateFunction", NEW | {"FunctionName": "a.b"}, [pattern("a.b", "functionName", NEW_NAME)]),
    (
        "CreateFunction",
        NEW | {"FunctionName": LONG},
        [at(f"'{LONG}'", "functionName", "Member must have length less than or equal to 140")],
    ),
    (
        "CreateFunction",
        NEW | {"FunctionName": f"{LONG}!"},
        [
            at(f"'{LONG}!'", "functionName", "Member must have length less than or equal to 140"),
            pattern(f"{LONG}!", "functionName", NEW_NAME),
        ],
    ),
    (
        "Invoke",
        {"FunctionName": "a!", "Qualifier": "b!"},
        [pattern("b!", "qualifier", QUALIFIER), pattern("a!", "functionName", NAME)],
    ),
    (
        "PutProvisionedConcurrencyConfig",
        {"FunctionName": "f", "Qualifier": "x y", "ProvisionedConcurrentExecutions": 0},
        [
            pattern("x y", "qualifier", QUALIFIER),
            at("'0'", "provisionedConcurrentExecutions", "Member must have value greater than or equal to 1"),
        ],
    ),
    ("CreateFunction", {"FunctionName": "f", "Code": {}}, [at("null", "role", NULL)]),
    ("CreateFunction", NEW | {"Role": "r"}, [pattern("r", "role", ROLE)]),
    (
        "CreateFunction",
        NEW | {"Architectures": ["x86_64", "arm64"]},
        [at("'[x86_64, arm64]'", "architectures", "Member must have length less than or equal to 1")],
    ),
    (
        "CreateFunction",
        NEW | {"Architectures": ["X86_64"]},
        [
            at(
                "'[X86_64]'",
                "architectures",
                f"Member must satisfy constraint: [{ENUM}: [x86_64, arm64], {NULL}]",
            )
        ],
    ),
    (
        "CreateFunction",
        NEW | {"SnapStart": {"ApplyOn": "Always"}},
        [
            at(
                "'Always'",
                "snapStart.applyOn",
                "Member must satisfy enum value set: [PublishedVersions, None]",
            )
        ],
    ),
    (
        "CreateFunction",
        NEW | {"MemorySize": 64, "Timeout": 1000},
        [
            at("'1000'", "timeout", "Member must have value less than or equal to 900"),
            at("'64'", "memorySize", "Member must have value greater than or equal to 128"),
        ],
    ),
    ("CreateFunction", NEW | {"Runtime": "PYTHON3.9"}, []),  # the operation itself has another text for it
    (
        "CreateFunction",
        NEW | {"Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:l"]},
        [
            at(
                "'[arn:aws:lambda:us-east-1:000000000000:layer:l]'",
                "layers",
                f"Member must satisfy constraint: [{lengths(1, 2048)}, {REGEX}: {LAYER}, {NULL}]",
            )
        ],
    ),
    (
        "CreateFunction",
        NEW | {"VpcConfig": {"SubnetIds": ["bad"], "SecurityGroupIds": []}},
        [
            at(
                "'[bad]'",
                "vpcConfig.subnetIds",
                f"Member must satisfy constraint: [{lengths(0, 1024)}, {REGEX}: subnet-[0-9a-z]*, {NULL}]",
            )
        ],
    ),
    (
        "CreateAlias",
        ALIAS | {"RoutingConfig": {"AdditionalVersionWeights": {"2": 2.0}}},
        [
            at(
                "'{2=2.0}'",
                "routingConfig.additionalVersionWeights",
                "Map value must satisfy constraint: [Member must have value less than or equal to 1.0,"
                f" Member must have value greater than or equal to 0.0, {NULL}]",
            )
        ],
    ),
    (
        "CreateAlias",
        ALIAS | {"RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.5}}},
        [
            at(
                "'{$LATEST=0.5}'",
                "routingConfig.additionalVersionWeights",
                f"Map keys must satisfy constraint: [{lengths(1, 1024)}, {REGEX}: [0-9]+, {NULL}]",
            )
        ],
    ),
    ("CreateAlias", ALIAS | {"Name": "12"}, [pattern("12", "name", "(?!^[0-9]+$)([a-zA-Z0-9-_]+)")]),
    ("CreateAlias", ALIAS | {"Name": "2024-01-02"}, []),
    (
        "ListFunctions",
        {"FunctionVersion": "all"},
        [at("'all'", "functionVersion", f"{ENUM}: [ALL]")],
    ),
    (
        "PublishLayerVersion",
        {
            "LayerName": "l",
            "Content": {"ZipFile": b""},
            "CompatibleRuntimes": ["invalidruntime", "nodejs20.x"],
            "CompatibleArchitectures": ["mips"],
        },
        [
            at(
                "'[invalidruntime, nodejs20.x]'",
                "compatibleRuntimes",
                f"Member must satisfy enum value set: [{RUNTIMES}]",
            ),
            at(
                "'[mips]'",
                "compatibleArchitectures",
                f"Member must satisfy constraint: [{ENUM}: [x86_64, arm64], {NULL}]",
            ),
        ],
    ),
    (
        "CreateEventSourceMapping",
        {"FunctionName": "f", "StartingPosition": "NOW"},
        [
            at(
                "'NOW'",
                "startingPosition",
                "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
            )
        ],
    ),
    (
        "PutFunctionRecursionConfig",
        {"FunctionName": "f", "RecursiveLoop": "Maybe"},
        [at("'Maybe'", "recursiveLoop", "Member must satisfy enum value set: [Terminate, Allow]")],
    ),
    (
        "CreateFunctionUrlConfig",
        {"FunctionName": "f", "AuthType": "NONE", "InvokeMode": "x"},
        [at("'x'", "invokeMode", "Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]")],
    ),
    (
        "UntagResource",
        {"Resource": ARN},
        [at("null", "tagKeys", NULL)],
    ),
    (
        "TagResource",
        {"Resource": ARN, "Tags": {"süß 1": "a/b"}},
        [],
    ),
    (
        "PutFunctionEventInvokeConfig",
        {"FunctionName": "f", "DestinationConfig": {"OnFailure": {"Destination": "nowhere"}}},
        [
            pattern(
                "nowhere",
                "destinationConfig.onFailure.destination",
                model.load("lambda").shape("DestinationArn")["pattern"],
            )
        ],
    ),
    (
        "CreateFunction",
        NEW | {"Environment": {"Variables": {"1SECRET": "hunter2"}}},
        [
            "Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint:"
            f" [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+, {NULL}]"
        ],
    ),
    (
        "CreateFunction",
        NEW | {"Environment": {"Variables": {"STAGE": None}}},
        [
            "Value at 'environment.variables' failed to satisfy constraint:"
            f" Map value must satisfy constraint: [{NULL}]"
        ],
    ),
    (
        "CreateFunction",
        NEW | {"ImageConfig": {"Command": ["a", None]}},
        [at("'[a, null]'", "imageConfig.command", f"Member must satisfy constraint: [{NULL}]")],
    ),
]


@pytest.mark.parametrize(("operation", "request_", "expected"), CASES)
def test_texts(operation: str, request_: dict[str, Any], expected: list[str]) -> None:
    service = model.load("lambda")
    validator = Validator(service, overrides.RULES["lambda"])
    assert validator.errors(service.operations[operation], request_) == expected


@pytest.mark.parametrize(
    "name",
    [
        "f",
        "f:1",
        "f:live",
        "f:$LATEST",
        "function:f",
        "000000000000:function:f",
        "us-east-1:000000000000:function:f",
        "arn:aws:lambda:us-gov-west-1:000000000000:function:f:live",
        "arn:aws:lambda:us-east-1:000000000000:function",
    ],
)
def test_names_that_are_accepted(name: str) -> None:
    service = model.load("lambda")
    validator = Validator(service, overrides.RULES["lambda"])
    assert validator.errors(service.operations["GetFunction"], {"FunctionName": name}) == []


@pytest.mark.parametrize(
    "name",
    [
        "invalid:function:name",
        "*",
        "my-function!",
        "arn:aws:s3:::bucket",
        "arn:aws:lambda::000000000000:function:f:",
        "arn:aws:lambda:us-east-1::function:f",
        "f:1:2",
        "function:my-function:$LATEST:extra",
        "f:$LATES",
        "",
        "f\n",
    ],
)
def test_names_that_are_refused(name: str) -> None:
    service = model.load("lambda")
    validator = Validator(service, overrides.RULES["lambda"])
    assert validator.errors(service.operations["GetFunction"], {"FunctionName": name})


def test_several_errors_are_counted() -> None:
    assert validation(["a"]).message == "1 validation error detected: a"
    assert validation(["a", "b"]).message == "2 validation errors detected: a; b"


@pytest.mark.parametrize("name", ["lambda", "logs", "sts"])
def test_every_operation_of_a_model_can_be_checked(name: str) -> None:
    service = model.load(name)
    validator = Validator(service, overrides.RULES.get(name, {}))
    for operation in service.operations.values():
        errors = validator.errors(operation, {})
        assert len(errors) == len(service.required(operation.input)), operation.name


def test_every_override_names_something_of_the_model() -> None:
    service = model.load("lambda")
    for key in overrides.RULES["lambda"]:
        name, _, member = key.partition(".")
        if member:
            assert member in service.members(service.operations[name].input), key
        else:
            assert service.shape(name), key
