"""Node.js handlers: how they are found, what they answer, what they are given."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.engine.fake_runtime_api import ARN, matching, running, write_files
from tests.engine.node_client import CLIENT, COMMAND, NODE, check_error, needs_node, start

pytestmark = needs_node


# -- finding the handler -----------------------------------------------------------------------------

SAYS_HELLO = "exports.handler = async () => 'hello'"
MODULE_SAYS_HELLO = "const word = await Promise.resolve('hello'); export const handler = async () => word"

LOADS: dict[str, tuple[dict[str, str], str]] = {
    "plain": ({"index.js": SAYS_HELLO}, "index.handler"),
    "in a folder": ({"src/deep/app.js": SAYS_HELLO}, "src/deep/app.handler"),
    "nested export": ({"index.js": "exports.a = {b: {handler: async () => 'hello'}}"}, "index.a.b.handler"),
    "mjs with top-level await": ({"index.mjs": MODULE_SAYS_HELLO}, "index.handler"),
    "type module": ({"package.json": '{"type": "module"}', "index.js": MODULE_SAYS_HELLO}, "index.handler"),
    "type module of the folder above": (
        {"package.json": '{"type": "module"}', "src/index.js": MODULE_SAYS_HELLO},
        "src/index.handler",
    ),
    "cjs beside type module": (
        {"package.json": '{"type": "module"}', "index.cjs": SAYS_HELLO},
        "index.handler",
    ),
    "js before mjs": ({"index.js": SAYS_HELLO, "index.mjs": "export const handler = 1"}, "index.handler"),
    "folder with an index": ({"app/index.js": SAYS_HELLO}, "app.handler"),
    "default export": ({"index.mjs": "export default async () => 'hello'"}, "index.default"),
    "package in node_modules": ({"node_modules/pack/index.js": SAYS_HELLO}, "pack.handler"),
    "class method": ({"index.js": "exports.h = new (class { async m() { return 'hello' } })()"}, "index.h.m"),
}


@pytest.mark.parametrize("case", LOADS)
def test_handlers_are_found_as_on_lambda(case: str, tmp_path: Path) -> None:
    files, handler = LOADS[case]
    with start(tmp_path, files, handler) as client:
        assert client.invoke().value == "hello", client.output


def test_typescript_is_loaded_where_node_strips_types(tmp_path: Path) -> None:
    if not subprocess.check_output([str(NODE), "--version"]) >= b"v24":
        pytest.skip("needs Node.js 24: nvm install 24")
    code = "export const handler = async (event: object): Promise<string> => 'hello'"
    with start(tmp_path, {"index.mts": code}) as client:
        assert client.invoke().value == "hello", client.output


FAILING_LOADS: dict[str, tuple[dict[str, str], str, str, str]] = {
    "no such file": (
        {},
        "index.handler",
        "Runtime.ImportModuleError",
        r"^Error: Cannot find module 'index'",
    ),
    "missing package": (
        {"index.js": "require('nowhere')"},
        "index.handler",
        "Runtime.ImportModuleError",
        r"^Error: Cannot find module 'nowhere'\nRequire stack:\n- /var/task/index.js",
    ),
    "no such export": (
        {"index.js": ""},
        "index.handler",
        "Runtime.HandlerNotFound",
        "^index.handler is undefined or not exported$",
    ),
    "no function": (
        {"index.js": "exports.handler = 1"},
        "index.handler",
        "Runtime.HandlerNotFound",
        "^index.handler is not a function$",
    ),
    "no dot": ({"index.js": ""}, "index", "Runtime.MalformedHandlerName", "^Bad handler$"),
    "going up": (
        {"index.js": ""},
        "../index.handler",
        "Runtime.MalformedHandlerName",
        "is not a valid handler name",
    ),
    "syntax": (
        {"index.js": "exports.handler = ("},
        "index.handler",
        "Runtime.UserCodeSyntaxError",
        "^SyntaxError: ",
    ),
    "throws": ({"index.js": "throw new RangeError('early')"}, "index.handler", "RangeError", "^early$"),
    "throws a string": ({"index.js": "throw 'early'"}, "index.handler", "string", "^early$"),
    "top-level await fails": (
        {"index.mjs": "await Promise.reject(new TypeError('early'))"},
        "index.handler",
        "TypeError",
        "^early$",
    ),
    "other streaming mode": (
        {
            "index.js": "const mode = Symbol.for('aws.lambda.runtime.handler.streaming');"
            "exports.h = () => 1; exports.h[mode] = 'x'"
        },
        "index.h",
        "Runtime.MalformedStreamingHandler",
        "^Only response streaming is supported.$",
    ),
}


@pytest.mark.parametrize("case", FAILING_LOADS)
def test_a_handler_that_cannot_be_loaded_is_an_init_error(case: str, tmp_path: Path) -> None:
    files, handler, error_type, message = FAILING_LOADS[case]
    with start(tmp_path, files, handler) as client:
        answer = client.answer()
        assert client.exit_status() == 129
    assert answer.kind == "init/error"
    assert answer.headers["lambda-runtime-function-error-type"] == error_type
    assert answer.value["errorType"] == error_type
    assert re.search(message, answer.value["errorMessage"]), answer.value
    assert str(tmp_path) not in answer.body.decode()
    matching(r"undefined\tERROR\tUncaught Exception \t\{", client.output)


def test_a_syntax_error_names_its_place(tmp_path: Path) -> None:
    with start(tmp_path, "\n\nexports.handler = (") as client:
        assert "/var/task/index.js:3" in client.answer().value["trace"]


# -- answers -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A handler (event, context, callback) and what it answers to `event`."""

    code: str
    value: Any = None
    event: Any = field(default_factory=dict)
    error: str | None = None
    message: str | None = None
    output: str | None = None  # a pattern


ANSWERS: dict[str, Case] = {
    "async": Case("async (e) => e", {"a": [1, "é😀"]}, {"a": [1, "é😀"]}),
    "promise": Case("() => new Promise((r) => setTimeout(r, 5, 1))", 1),
    "thenable": Case("() => ({then: (done) => done(7)})", 7),
    "undefined": Case("async () => undefined", None),
    "function": Case("async () => () => 1", None),
    "toJSON": Case("async () => new Date(0)", "1970-01-01T00:00:00.000Z"),
    "callback": Case("(e, c, done) => done(null, 'ok')", "ok"),
    "callback with an error": Case("(e, c, done) => done(new Error('no'))", error="Error", message="no"),
    "callback with a string": Case("(e, c, done) => done('no')", error="string", message="no"),
    "callback later": Case("(e, c, done) => { setTimeout(done, 5, null, 3) }", 3),
    "second callback does not count": Case("(e, c, done) => { done(null, 1); done(null, 2) }", 1),
    "callback waits for the event loop": Case(
        "(e, c, done) => { setTimeout(() => console.log('tick'), 20); done(null, 1) }", 1, output="INFO\ttick"
    ),
    "callback need not wait": Case(
        "(e, c, done) => { c.callbackWaitsForEmptyEventLoop = false; setTimeout(() => {}, 1e6);"
        " done(null, 1) }",
        1,
    ),
    "context.succeed": Case("(e, c) => { setTimeout(() => {}, 1e6); c.succeed(4) }", 4),
    "context.done": Case("(e, c) => c.done(null, 5)", 5),
    "context.fail": Case("(e, c) => c.fail(new TypeError('no'))", error="TypeError", message="no"),
    "context.fail without reason": Case("(e, c) => c.fail()", error="string", message="handled"),
    "nothing at all": Case("() => {}", None),
    "sync result is not the answer": Case("() => 'ignored'", None),
    "never settles": Case(
        "async () => new Promise(() => {})", error="Runtime.NodeJsExit", message="never settled"
    ),
    "timers are left running": Case("async () => { setInterval(() => {}, 1e6); return 1 }", 1),
    "throws": Case("async () => { throw new TypeError('bad ü') }", error="TypeError", message="bad ü"),
    "throws at once": Case("() => { throw new RangeError('bad') }", error="RangeError", message="bad"),
    "throws a string": Case("async () => { throw 'text' }", error="string", message="text"),
    "throws a number": Case("async () => { throw 3 }", error="number", message="3"),
    "throws null": Case("async () => { throw null }", error="string", message="handled"),
    "throws what cannot be read": Case(
        "async () => { throw Object.create(null) }", error="handled", message="problem while retrieving"
    ),
    "throws something like an error": Case(
        "async () => { throw {name: 'Odd', message: 'm', stack: 's'} }", error="Odd", message="m"
    ),
    "own class": Case(
        "async () => { class O extends Error { get name() { return 'Odd' } } throw new O('x') }",
        error="Odd",
        message="x",
        output=r"Invoke Error \t\{\"errorType\":\"Odd\"",
    ),
    "deep causes": Case(
        "async () => { let e; for (let i = 0; i < 2000; i++) e = new Error(`${i}`, {cause: e}); throw e }",
        error="Error",
        message="1999",
    ),
    "circular error": Case(
        "async () => { const e = new Error('round'); e.self = e; throw e }", error="Error", message="round"
    ),
    "no stack": Case(
        "async () => { Error.stackTraceLimit = 0; return 1n }", error="Runtime.MarshalError", message="BigInt"
    ),
    "BigInt": Case(
        "async () => 1n", error="Runtime.MarshalError", message="Unable to marshal response: .*BigInt"
    ),
    "circular": Case(
        "async () => { const a = {}; a.a = a; return a }", error="Runtime.MarshalError", message="circular"
    ),
    "non-ASCII error type": Case(
        "async () => { throw {name: 'Schlüssel\\r\\nX: y', message: 'm', stack: 's'} }",
        error="Schlüssel\r\nX: y",
        message="m",
    ),
    "modules are gone": Case(
        "async () => { for (const k in require.cache) delete require.cache[k];"
        " delete globalThis.awslambda; return 1 }",
        1,
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name: str, tmp_path: Path) -> None:
    case = ANSWERS[name]
    with start(tmp_path, f"exports.handler = {case.code}") as client:
        answers = [client.invoke(case.event), client.invoke(case.event)]  # it must live on
    for number, answer in enumerate(answers, 1):
        assert answer.request_id == f"id-{number}"
        if case.error is None:
            assert answer.kind == "response", answer
            assert answer.value == case.value
        else:
            check_error(answer, case.error, case.message or "")
        assert answer.with_next, "the answer and the request for the next event are one write"
    if case.output:
        matching(case.output, client.output)


def test_traces_read_as_on_lambda(tmp_path: Path) -> None:
    with start(
        tmp_path,
        {"a b/app.mjs": "export const handler = async () => { throw new Error('x') }"},
        "a b/app.handler",
    ) as client:
        trace = client.invoke().value["trace"]
    assert trace[0] == "Error: x"
    assert re.fullmatch(r"    at .*\(file:///var/task/a%20b/app.mjs:1:\d+\)", trace[1]), trace
    assert str(tmp_path) not in "".join(trace) + client.output
    assert str(CLIENT.parent) not in "".join(trace) + client.output


def test_callbacks_are_gone_from_node_24_on(tmp_path: Path) -> None:
    with start(
        tmp_path, "exports.handler = (e, c, done) => done()", AWS_EXECUTION_ENV="AWS_Lambda_nodejs24.x"
    ) as client:
        answer = client.answer()
    assert answer.value["errorType"] == "Runtime.CallbackHandlerDeprecated"


def test_node_24_does_not_wait_for_timers(tmp_path: Path) -> None:
    code = """exports.handler = awslambda.streamifyResponse(async (e, s) => {
        setTimeout(() => {}, 1e6); s.end('x') })"""
    with start(tmp_path, code, AWS_EXECUTION_ENV="AWS_Lambda_nodejs24.x") as client:
        assert [client.invoke().body, client.invoke().body] == [b"x", b"x"]


def test_node_22_waits_for_timers_unless_told_otherwise(tmp_path: Path) -> None:
    code = """exports.handler = awslambda.streamifyResponse(async (e, s, c) => {
        c.callbackWaitsForEmptyEventLoop = e.wait; setTimeout(() => console.log('tick'), e.wait ? 20 : 1e6);
        s.end('x') })"""
    with start(tmp_path, code, AWS_EXECUTION_ENV="AWS_Lambda_nodejs22.x") as client:
        assert client.invoke({"wait": True}).body == b"x"
        assert client.invoke({"wait": False}).body == b"x"
        matching("id-1\tINFO\ttick", client.output)
        assert client.invoke({"wait": False}).body == b"x"


def test_node_24_notices_what_will_never_settle(tmp_path: Path) -> None:
    code = "exports.handler = async () => new Promise(() => {})"
    with start(tmp_path, code, AWS_EXECUTION_ENV="AWS_Lambda_nodejs24.x") as client:
        check_error(client.invoke(), "Runtime.NodeJsExit", "never settled")
        check_error(client.invoke(), "Runtime.NodeJsExit", "never settled")


def test_node_24_takes_what_a_handler_returns(tmp_path: Path) -> None:
    code = "exports.handler = (e, c) => Object.keys(c)"
    with start(tmp_path, code, AWS_EXECUTION_ENV="AWS_Lambda_nodejs24.x") as client:
        members = client.invoke().value
    assert "awsRequestId" in members
    assert "done" not in members


# -- context -----------------------------------------------------------------------------------------


def test_context(tmp_path: Path) -> None:
    code = """exports.handler = async (e, c) => ({
        ...JSON.parse(JSON.stringify(c)), remaining: c.getRemainingTimeInMillis(),
        trace: process.env._X_AMZN_TRACE_ID ?? null, keys: Object.keys(c) })"""
    with start(tmp_path, code) as client:
        first = client.invoke(
            Trace_Id="Root=1-5;Sampled=1",
            Client_Context=json.dumps({"custom": {"k": "ü"}, "env": {}, "client": {}}),
            Cognito_Identity='{"cognitoIdentityId": "a", "cognitoIdentityPoolId": "b"}',
            Aws_Tenant_Id="blue",
            Invocation_Id="delivery-1",
        )
        second = client.invoke()
    value = first.value
    assert 0 < value.pop("remaining") <= 3000
    keys = value.pop("keys")
    assert keys[:4] == ["callbackWaitsForEmptyEventLoop", "succeed", "fail", "done"]
    assert value == {
        "callbackWaitsForEmptyEventLoop": True,
        "functionVersion": "$LATEST",
        "functionName": "hello",
        "memoryLimitInMB": "128",
        "logGroupName": "/aws/lambda/hello",
        "logStreamName": "2026/11/21/[$LATEST]0123",
        "clientContext": {"custom": {"k": "ü"}, "env": {}, "client": {}},
        "identity": {"cognitoIdentityId": "a", "cognitoIdentityPoolId": "b"},
        "invokedFunctionArn": ARN,
        "awsRequestId": "id-1",
        "tenantId": "blue",
        "trace": "Root=1-5;Sampled=1",
    }
    assert first.headers["lambda-runtime-invocation-id"] == "delivery-1"
    assert second.value["trace"] is None
    assert "lambda-runtime-invocation-id" not in second.headers
    assert "clientContext" not in second.value


def test_globals_and_modules_live_from_event_to_event(tmp_path: Path) -> None:
    with start(tmp_path, "let n = 0; exports.handler = async () => ++n") as client:
        assert [client.invoke().value for _ in range(3)] == [1, 2, 3]


def test_node_path_is_searched(tmp_path: Path) -> None:
    files = {
        "task/index.js": "exports.handler = async () => require('dep')",
        "opt/dep/index.js": "module.exports = 9",
    }
    write_files(tmp_path, files)
    with running(COMMAND, tmp_path / "task", "index.handler", {"NODE_PATH": str(tmp_path / "opt")}) as client:
        assert client.invoke().value == 9
