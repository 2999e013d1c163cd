"""From HTTP to a plain function and back, in every protocol, through a listener of its own."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import quote

import pytest

from lambdatui.engine import http as http_server
from lambdatui.engine.context import Context
from lambdatui.engine.engine import Engine
from lambdatui.engine.http import Exchange
from lambdatui.engine.wire import model
from lambdatui.engine.wire.errors import ApiError, not_found
from lambdatui.engine.wire.routes import Routes
from lambdatui.engine.wire.service import Service

Answer = tuple[int, dict[str, str], bytes]
UUID = "a" * 36
FUNCTIONS = "/2015-03-31/functions"


class FullDiskError(Exception):
    pass


@asynccontextmanager
async def answering(name: str, **operations: Callable[..., Any]) -> AsyncIterator[Callable[..., Any]]:
    """A listener with one service made of `operations`; yields a function that asks it."""
    service = Service(name, [SimpleNamespace(**operations)], (FullDiskError,))

    def handler(exchange: Exchange) -> None:
        engine = cast(Engine, None)
        ctx = Context(engine, service, "000000000000", "us-east-1", "the-id", "arn", "user")
        service.serve(ctx, exchange)

    server = await http_server.serve(handler, "127.0.0.1", 0, max_body=1 << 20)

    def ask(
        method: str, target: str, body: bytes | str = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return response.status, names, response.read()

    async def asked(*arguments: Any, **named: Any) -> Answer:
        return await asyncio.to_thread(ask, *arguments, **named)

    try:
        yield asked
    finally:
        server.close()
        server.abort()


async def echo(_: Context, request: dict[str, Any]) -> dict[str, Any]:
    echo.seen = request  # type: ignore[attr-defined]
    return {}


def seen() -> Any:
    return echo.seen  # type: ignore[attr-defined]


def failing(error: Exception) -> Callable[..., Any]:
    async def operation(_: Context, request: dict[str, Any]) -> dict[str, Any]:
        raise error

    return operation


# -- rest-json ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "target", "operation", "labels"),
    [
        ("GET", f"{FUNCTIONS}", "ListFunctions", {}),
        ("GET", f"{FUNCTIONS}/", "ListFunctions", {}),
        ("POST", f"{FUNCTIONS}", "CreateFunction", {}),
        ("GET", f"{FUNCTIONS}/f", "GetFunction", {"FunctionName": "f"}),
        (
            "GET",
            f"{FUNCTIONS}/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af/aliases/live",
            "GetAlias",
            {"FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:f", "Name": "live"},
        ),
        (
            "GET",
            "/2017-03-31/tags/arn:aws:lambda:us-east-1:000000000000:function:f",
            "ListTags",
            {"Resource": "arn:aws:lambda:us-east-1:000000000000:function:f"},
        ),
        ("GET", "/2018-10-31/layers", "ListLayers", {}),
        ("GET", "/2018-10-31/layers?find=LayerVersion&Arn=x", "GetLayerVersionByArn", {}),
        ("GET", "/2018-10-31/layers?find=other", "ListLayers", {}),
        (
            "GET",
            "/2019-09-30/functions/f/provisioned-concurrency?List=ALL",
            "ListProvisionedConcurrencyConfigs",
            {"FunctionName": "f"},
        ),
        (
            "GET",
            "/2019-09-30/functions/f/provisioned-concurrency?Qualifier=1",
            "GetProvisionedConcurrencyConfig",
            {"FunctionName": "f"},
        ),
        (
            "GET",
            "/2019-09-25/functions/f/event-invoke-config/list",
            "ListFunctionEventInvokeConfigs",
            {"FunctionName": "f"},
        ),
        ("PATCH", f"{FUNCTIONS}/f", None, {}),
        ("GET", "/", None, {}),
        ("GET", f"{FUNCTIONS}//aliases", None, {}),
        ("GET", "/2015-03-31/functions/a/b/c/d/e/f", None, {}),
    ],
)
def test_routes(method: str, target: str, operation: str | None, labels: dict[str, str]) -> None:
    routes = Routes(list(model.load("lambda").operations.values()))
    path, _, query = target.partition("?")
    found = routes.find(method, path, query)
    assert (found and found[0].name) == operation
    if found:
        assert found[1] == labels


def test_greedy_labels() -> None:
    operation = model.Operation("Get", "GET", "/{Bucket}/{Key+}", 200, None, None, None)
    found = Routes([operation]).find("GET", "/b/a/b%2Fc/d", "")
    assert found is not None
    assert found[1] == {"Bucket": "b", "Key": "a/b/c/d"}


async def test_every_place_of_a_member() -> None:
    async with answering(
        "lambda", list_functions=echo, untag_resource=echo, create_event_source_mapping=echo
    ) as ask:
        await ask("GET", f"{FUNCTIONS}?MaxItems=5&Marker=a%2Bb%20c+d&Unknown=1")
        assert seen() == {"MaxItems": 5, "Marker": "a+b c d"}
        arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
        await ask("DELETE", f"/2017-03-31/tags/{arn}?tagKeys=a&tagKeys=b%20c")
        assert seen() == {"Resource": arn, "TagKeys": ["a", "b c"]}
        body = {
            "FunctionName": "f",
            "StartingPositionTimestamp": 1700000000.5,
            "Enabled": True,
            "Topics": None,
        }
        await ask("POST", "/2015-03-31/event-source-mappings", json.dumps(body | {"Unknown": {"a": []}}))
        moment = datetime.fromtimestamp(1700000000.5, UTC)
        assert seen() == {"FunctionName": "f", "StartingPositionTimestamp": moment, "Enabled": True}


async def test_blobs_and_maps_of_a_body() -> None:
    async with answering("lambda", create_function=echo) as ask:
        body = {
            "FunctionName": "f",
            "Role": "arn:aws:iam::000000000000:role/r",
            "Code": {"ZipFile": "aGVsbG8="},
            "Environment": {"Variables": {"KEY": "värde"}},
        }
        status, _, _ = await ask("POST", FUNCTIONS, json.dumps(body))
        assert status == 201
        assert seen()["Code"] == {"ZipFile": b"hello"}
        assert seen()["Environment"] == {"Variables": {"KEY": "värde"}}


async def test_an_answer_has_what_is_there_and_nothing_else() -> None:
    async def get(_: Context, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "UUID": UUID,
            "State": None,
            "Topics": [],
            "LastModified": datetime.fromtimestamp(1700000000.25, UTC),
            "NotInTheModel": 1,
        }

    async with answering("lambda", get_event_source_mapping=get) as ask:
        status, headers, body = await ask("GET", f"/2015-03-31/event-source-mappings/{UUID}")
        assert (status, json.loads(body)) == (
            200,
            {"UUID": UUID, "Topics": [], "LastModified": 1700000000.25},
        )
        assert headers["content-type"] == "application/json"
        assert headers["x-amzn-requestid"] == "the-id"


async def test_status_codes() -> None:
    async def other(_: Context, request: dict[str, Any]) -> dict[str, Any]:
        return {"__status__": 299, "FunctionName": "f"}

    async with answering(
        "lambda", delete_function=echo, delete_alias=echo, get_function_configuration=other
    ) as ask:
        assert (await ask("DELETE", f"{FUNCTIONS}/f"))[::2] == (204, b"")
        assert (await ask("DELETE", f"{FUNCTIONS}/f/aliases/a"))[::2] == (204, b"")
        assert (await ask("GET", f"{FUNCTIONS}/f/configuration"))[0] == 299


@pytest.mark.parametrize(
    ("error", "status", "body", "headers"),
    [
        (not_found("gone"), 404, {"Type": "User", "Message": "gone"}, {}),
        (ApiError("InvalidParameterValueException", "bad"), 400, {"Type": "User", "message": "bad"}, {}),
        (ApiError("InvalidParameterValueException", "bad", type=None), 400, {"message": "bad"}, {}),
        (ApiError("ResourceConflictException", "busy"), 409, {"Type": "User", "message": "busy"}, {}),
        (ApiError("PreconditionFailedException", "old"), 412, {"Type": "User", "message": "old"}, {}),
        (ApiError("ValidationException", "no", 400), 400, {"message": "no"}, {}),
        (ApiError("AccessDeniedException", None, 403, type=None), 403, {"Message": None}, {}),
        (
            ApiError(
                "TooManyRequestsException", "Rate Exceeded.", extra={"Reason": "R", "retryAfterSeconds": 2}
            ),
            429,
            {"Type": "User", "message": "Rate Exceeded.", "Reason": "R"},
            {"retry-after": "2"},
        ),
    ],
)
async def test_errors(error: ApiError, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
    async with answering("lambda", get_function=failing(error)) as ask:
        answer = await ask("GET", f"{FUNCTIONS}/f")
        assert (answer[0], json.loads(answer[2])) == (status, body)
        assert answer[1]["x-amzn-errortype"] == error.code
        assert answer[1]["x-amzn-requestid"] == "the-id"
        assert headers.items() <= answer[1].items()


async def test_a_defect_is_not_told_in_detail(caplog: pytest.LogCaptureFixture) -> None:
    async with answering("lambda", get_function=failing(ValueError("secret details"))) as ask:
        status, headers, body = await ask("GET", f"{FUNCTIONS}/f")
        assert (status, headers["x-amzn-errortype"]) == (500, "ServiceException")
        assert b"secret" not in body
        assert "secret details" in caplog.text


async def test_a_failure_with_a_sentence_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async with answering("lambda", get_function=failing(FullDiskError("The disk is full."))) as ask:
        status, _, body = await ask("GET", f"{FUNCTIONS}/f")
        assert (status, json.loads(body)) == (500, {"Type": "Service", "Message": "The disk is full."})


async def test_an_operation_that_nobody_wrote() -> None:
    async with answering("lambda") as ask:
        status, headers, body = await ask("GET", f"{FUNCTIONS}/f")
        assert (status, headers["x-amzn-errortype"]) == (501, "NotImplementedException")
        assert "GetFunction" in json.loads(body)["message"]


async def test_an_operation_that_does_not_exist() -> None:
    async with answering("lambda") as ask:
        status, headers, _ = await ask("GET", "/2015-03-31/nothing")
        assert (status, headers["x-amzn-errortype"]) == (404, "UnknownOperationException")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", None),
        (b"[]", "Start of list found where not expected"),
        (b'"x"', "Expected structure or null"),
        (b'{"FunctionName": 1}', "NUMBER_VALUE can not be converted to a String"),
        (b'{"FunctionName": {}}', "Start of structure or map found where not expected."),
        (b'{"Timeout": "3"}', "STRING_VALUE can not be converted to an Integer"),
        (b'{"Timeout": 9223372036854775808}', "The number 9223372036854775808 is out of range"),
        (b'{"Publish": "yes"}', "STRING_VALUE can not be converted to a Boolean"),
        (b'{"Layers": "x"}', "Expected list or null"),
        (b'{"Environment": {"Variables": []}}', "Start of list found where not expected"),
        (b'{"Code": {"ZipFile": 3}}', "NUMBER_VALUE can not be converted to a Blob"),
        (b'{"Code": {"ZipFile": "\xc3\xa4"}}', None),
        (b"\xff\xfe", None),
        (b'{"a": "\\ud800"}', None),
        (b"[" * 100_000, None),
        (b"{" + b'"a":{' * 5_000, None),
    ],
)
async def test_bodies_that_cannot_be_read(body: bytes, message: str | None) -> None:
    async with answering("lambda", create_function=echo) as ask:
        status, headers, answer = await ask("POST", FUNCTIONS, body)
        assert (status, headers["x-amzn-errortype"]) == (400, "SerializationException")
        if message is not None:
            assert json.loads(answer) == {"message": message}


@pytest.mark.parametrize("value", ["abc", "1.5", "", "9223372036854775808", "1" * 5000, "１"])
async def test_numbers_of_a_query_that_are_none(value: str) -> None:
    async with answering("lambda", list_functions=echo) as ask:
        status, headers, _ = await ask("GET", f"{FUNCTIONS}?MaxItems={quote(value)}")
        assert (status, headers["x-amzn-errortype"]) == (400, "SerializationException")


async def test_validation_is_answered_as_aws_does() -> None:
    async with answering("lambda", get_function=echo) as ask:
        status, headers, body = await ask("GET", f"{FUNCTIONS}/my-function%21")
        assert (status, headers["x-amzn-errortype"]) == (400, "ValidationException")
        assert json.loads(body).keys() == {"message"}
        assert json.loads(body)["message"].startswith(
            "1 validation error detected: Value 'my-function!' at 'functionName' failed to satisfy "
        )


async def test_raw_operations_get_the_untouched_body() -> None:
    def raw_invoke(ctx: Context, exchange: Exchange, request: dict[str, Any]) -> None:
        assert request["Qualifier"] == "live"
        assert request["LogType"] == "Tail"
        if exchange.body == b"fail":
            ctx.fail(exchange, not_found("gone"))
        else:
            ctx.respond(exchange, 200, "X-Amz-Executed-Version: 1\r\n", exchange.body)

    async with answering("lambda", raw_invoke=raw_invoke) as ask:
        target = f"{FUNCTIONS}/f/invocations?Qualifier=live"
        status, headers, body = await ask("POST", target, b"not { json", {"X-Amz-Log-Type": "Tail"})
        assert (status, body) == (200, b"not { json")
        assert headers["x-amz-executed-version"] == "1"
        assert headers["x-amzn-requestid"] == "the-id"
        assert (await ask("POST", target, b"fail", {"X-Amz-Log-Type": "Tail"}))[0] == 404
        assert (await ask("POST", target, b"{}", {"X-Amz-Log-Type": "Loud"}))[0] == 400


# -- json --------------------------------------------------------------------------------------------


async def test_json_rpc() -> None:
    async def describe(_: Context, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "logGroups": [{"logGroupName": request["logGroupNamePrefix"], "creationTime": 5, "arn": None}]
        }

    async with answering("logs", describe_log_groups=describe) as ask:
        target = {"X-Amz-Target": "Logs_20140328.DescribeLogGroups"}
        status, headers, body = await ask("POST", "/", b'{"logGroupNamePrefix": "/aws"}', target)
        assert status == 200
        assert json.loads(body) == {"logGroups": [{"logGroupName": "/aws", "creationTime": 5}]}
        assert headers["content-type"] == "application/x-amz-json-1.1"
        assert headers["x-amzn-requestid"] == "the-id"


async def test_json_rpc_errors() -> None:
    async with answering(
        "logs", get_log_events=failing(not_found("The specified log group does not exist."))
    ) as ask:
        target = {"X-Amz-Target": "Logs_20140328.GetLogEvents"}
        status, _, body = await ask("POST", "/", b'{"logStreamName": "s", "logGroupName": "g"}', target)
        assert status == 400
        assert json.loads(body) == {
            "__type": "ResourceNotFoundException",
            "message": "The specified log group does not exist.",
        }
        status, _, body = await ask("POST", "/", b'{"logGroupName": "g!"}', target)
        assert status == 400
        assert "2 validation errors detected" in json.loads(body)["message"]
        for bad in ("Logs_20140328.Nothing", "Other.GetLogEvents", "GetLogEvents", ""):
            assert (await ask("POST", "/", b"{}", {"X-Amz-Target": bad}))[0] == 404


# -- query -------------------------------------------------------------------------------------------


async def test_query() -> None:
    async def assume(_: Context, request: dict[str, Any]) -> dict[str, Any]:
        assume.seen = request  # type: ignore[attr-defined]
        return {
            "Credentials": {
                "AccessKeyId": "A<&>" + "a" * 16,
                "Expiration": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            },
            "PackedPolicySize": 3,
        }

    async with answering("sts", assume_role=assume) as ask:
        form = (
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A000000000000%3Arole%2Fr"
            "&RoleSessionName=name&DurationSeconds=900&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2Fpolicy"
            "&Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.2.Key=c&Tags.member.2.Value="
        )
        status, headers, body = await ask("POST", "/", form)
        assert status == 200, body
        assert assume.seen == {  # type: ignore[attr-defined]
            "RoleArn": "arn:aws:iam::000000000000:role/r",
            "RoleSessionName": "name",
            "DurationSeconds": 900,
            "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/policy"}],
            "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}],
        }
        assert headers["content-type"] == "text/xml"
        assert b"<AssumeRoleResult><Credentials><AccessKeyId>A&lt;&amp;&gt;" in body
        assert b"<Expiration>2026-01-02T03:04:05.000Z</Expiration>" in body
        assert b"<RequestId>the-id</RequestId>" in body


async def test_query_errors() -> None:
    async with answering("sts") as ask:
        for form in ("", "Action=Nothing", b"\xff\xfe"):
            status, _, body = await ask("POST", "/", form)
            assert status == 400
            assert body.startswith(b"<ErrorResponse")
        status, _, body = await ask("POST", "/", "Action=AssumeRole&RoleArn=short")
        assert b"<Code>ValidationError</Code>" in body
        assert b"at 'roleArn'" in body


def test_models_are_read_without_botocore() -> None:
    code = (
        "import sys; from lambdatui.engine.wire import model; model.load('lambda');"
        " print('botocore' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "False"
