"""Our Node.js runtime client, as a real process on real handlers."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import lambdatui.engine.runtimes
from tests.engine.fake_runtime_api import ARN, Answer, Client, matching, on_standby, running, write_files

NODE = shutil.which("node")
CLIENT = Path(lambdatui.engine.runtimes.__file__).parent / "clients" / "node" / "bootstrap.js"
COMMAND = [str(NODE), str(CLIENT)]

pytestmark = pytest.mark.skipif(NODE is None, reason="needs Node.js: apt install nodejs")


def start(
    root: Path, files: str | Mapping[str, str], handler: str = "index.handler", **extra: str
) -> AbstractContextManager[Client]:
    write_files(root, {"index.js": files} if isinstance(files, str) else files)
    return running(COMMAND, root, handler, extra)


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


def check_error(answer: Answer, error_type: str, message: str) -> None:
    assert answer.kind == "error"
    assert list(answer.value) == ["errorType", "errorMessage", "trace"]
    assert answer.value["errorType"] == error_type
    assert re.search(message, answer.value["errorMessage"]), answer.value
    assert answer.headers["lambda-runtime-function-error-type"] == re.sub(r"[^ -~]", "?", error_type)


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


# -- streaming ---------------------------------------------------------------------------------------

STREAMS: dict[str, tuple[str, bytes, str]] = {
    "writes and ends": (
        "s.write('a'); s.write(Buffer.from('b')); s.end('c')",
        b"abc",
        "application/octet-stream",
    ),
    "content type": ("s.setContentType('text/html'); s.end('x')", b"x", "text/html"),
    "http prelude": (
        "s = awslambda.HttpResponseStream.from(s, {statusCode: 201, headers: {a: 'b'}}); s.end('x')",
        b'{"statusCode":201,"headers":{"a":"b"}}' + bytes(8) + b"x",
        "application/vnd.awslambda.http-integration-response",
    ),
    "http prelude, no body": (
        "s = awslambda.HttpResponseStream.from(s, {statusCode: 204}); s.end()",
        b'{"statusCode":204}' + bytes(8),
        "application/vnd.awslambda.http-integration-response",
    ),
    "objects": ("s.write({a: 1}); s.end()", b'{"a":1}', "application/octet-stream"),
    "nothing": ("s.end()", b"", "application/octet-stream"),
    "pipeline": (
        "await require('stream/promises').pipeline(require('stream').Readable.from(['a', 'b']), s)",
        b"ab",
        "application/octet-stream",
    ),
    "ends by itself, later": (
        "setTimeout(() => s.end('z'), 5); await new Promise((r) => s.on('finish', r))",
        b"z",
        "application/octet-stream",
    ),
    "large, with back-pressure": (
        "for (let i = 0; i < 64; i++)"
        " if (!s.write('x'.repeat(65536))) await new Promise((r) => s.once('drain', r)); s.end()",
        b"x" * 65536 * 64,
        "application/octet-stream",
    ),
}


@pytest.mark.parametrize("case", STREAMS)
def test_streamed_responses(case: str, tmp_path: Path) -> None:
    code, body, content_type = STREAMS[case]
    with start(
        tmp_path, f"exports.handler = awslambda.streamifyResponse(async (e, s, c) => {{ {code} }})"
    ) as client:
        answers = [client.invoke(), client.invoke()]
    for answer in answers:
        assert answer.kind == "response"
        assert answer.body == body
        assert answer.headers["lambda-runtime-function-response-mode"] == "streaming"
        assert answer.headers["content-type"] == content_type
        assert answer.trailers == {}


STREAM_ERRORS = {
    "throws in the middle": ("s.write('a'); throw new TypeError('mid')", "TypeError", "mid"),
    "never ends it": ("s.write('a')", "Error", "Response stream is not finished."),
    "never settles": ("s.write('a'); await new Promise(() => {})", "Runtime.NodeJsExit", "never settled"),
    "writes after the end": (
        "s.write('a'); s.end(); s.write('b'); await new Promise(() => {})",
        "Error",
        "write after end",
    ),
}


@pytest.mark.parametrize("case", STREAM_ERRORS)
def test_errors_of_a_begun_stream_are_trailers(case: str, tmp_path: Path) -> None:
    code, error_type, message = STREAM_ERRORS[case]
    with start(
        tmp_path, f"exports.handler = awslambda.streamifyResponse(async (e, s) => {{ {code} }})"
    ) as client:
        answers = [client.invoke(), client.invoke()]
    for answer in answers:
        assert answer.kind == "response"
        assert answer.body == b"a"
        if case == "writes after the end":
            continue  # the response may have ended before the error was seen
        assert answer.trailers["lambda-runtime-function-error-type"] == error_type
        assert message in answer.trailing_error["errorMessage"]
    assert message in client.output


def test_errors_before_the_first_byte_are_plain_errors(tmp_path: Path) -> None:
    code = "exports.handler = awslambda.streamifyResponse(async (e, s) => { throw new Error('early') })"
    with start(tmp_path, code) as client:
        check_error(client.invoke(), "Error", "early")
        check_error(client.invoke(), "Error", "early")


def test_streaming_handlers_must_be_async(tmp_path: Path) -> None:
    with start(tmp_path, "exports.handler = awslambda.streamifyResponse((e, s) => 'x')") as client:
        check_error(client.invoke(), "Error", "Streaming does not support non-async handlers.")


# -- the process -------------------------------------------------------------------------------------

ENDINGS: dict[str, tuple[str, str, str, int]] = {
    "uncaught": ("setTimeout(() => { throw new Error('late') }, 1)", "Error", "late", 129),
    "unhandled": (
        "Promise.reject(new Error('late'))",
        "Runtime.UnhandledPromiseRejection",
        "Error: late",
        128,
    ),
    "unhandled null": ("Promise.reject(null)", "Runtime.UnhandledPromiseRejection", "null", 128),
    "unhandled without text": (
        "Promise.reject(Object.create(null))",
        "Runtime.UnhandledPromiseRejection",
        "object Object",
        128,
    ),
}


@pytest.mark.parametrize("case", ENDINGS)
def test_errors_nobody_caught_are_answered_and_end_the_process(case: str, tmp_path: Path) -> None:
    code, error_type, message, status = ENDINGS[case]
    handler = f"exports.handler = async () => {{ {code}; await new Promise((r) => setTimeout(r, 1e6)) }}"
    with start(tmp_path, handler) as client:
        check_error(client.invoke(), error_type, message)
        assert client.exit_status() == status
    matching(r"id-1\tERROR\tUn(caught Exception|handled Promise Rejection) \t\{", client.output)


def test_an_uncaught_error_in_a_stream_goes_into_its_trailers(tmp_path: Path) -> None:
    code = """exports.handler = awslambda.streamifyResponse(async (e, s) => {
        s.write('a'); setTimeout(() => { throw new Error('late') }, 1);
        await new Promise((r) => setTimeout(r, 1e6)) })"""
    with start(tmp_path, code) as client:
        answer = client.invoke()
        assert client.exit_status() == 129
    assert answer.body == b"a"
    assert answer.trailing_error["errorMessage"] == "late"


def test_process_exit_is_left_to_the_engine(tmp_path: Path) -> None:
    with start(
        tmp_path, "exports.handler = async () => { console.log('last words'); process.exit(3) }"
    ) as client:
        client.send()
        assert client.exit_status() == 3
    assert client.api.answers.empty()
    assert "last words" in client.output


def test_uncaught_errors_while_waiting_end_the_process(tmp_path: Path) -> None:
    code = "exports.handler = async () => { setTimeout(() => { throw new Error('late') }, 20); return 1 }"
    with start(tmp_path, code) as client:
        assert client.invoke().value == 1
        assert client.exit_status() == 129
    assert client.api.answers.empty()
    assert "late" in client.output


def test_it_ends_with_the_runtime_api(tmp_path: Path) -> None:
    with start(tmp_path, "exports.handler = async () => { setInterval(() => {}, 1000) }") as client:
        client.invoke()
        client.api.close()
        assert client.exit_status() == 1


def test_late_callbacks_do_not_answer_the_next_event(tmp_path: Path) -> None:
    code = """let old; exports.handler = (e, c, done) => {
        c.callbackWaitsForEmptyEventLoop = false;
        if (!old) { old = done; return done(null, 'first') }
        old(null, 'late'); done(null, 'second') }"""
    with start(tmp_path, code) as client:
        assert [client.invoke().value, client.invoke().value] == ["first", "second"]


def test_destroyed_sockets_are_made_again(tmp_path: Path) -> None:
    code = """const { Socket } = require('net'); const own = [];
        const connect = Socket.prototype.connect;
        Socket.prototype.connect = function (...a) { own.push(this); return connect.apply(this, a) };
        exports.handler = async () => { own.splice(0).forEach((s) => s.destroy()); return own.length }"""
    with start(tmp_path, code) as client:
        assert [client.invoke().kind for _ in range(3)] == ["response"] * 3
        assert client.api.connections >= 3


def test_a_socket_destroyed_while_waiting_is_made_again(tmp_path: Path) -> None:
    code = """const { Socket } = require('net'); const own = [];
        const connect = Socket.prototype.connect;
        Socket.prototype.connect = function (...a) { own.push(this); return connect.apply(this, a) };
        exports.handler = async () => {
            setTimeout(() => own.splice(0).forEach((s) => s.destroy()), 10); return 1 }"""
    with start(tmp_path, code) as client:
        client.invoke()
        for _ in range(3):  # the first request, the one beside the answer, the one after the reconnect
            assert client.api.polled.acquire(timeout=20)
        assert client.invoke().value == 1


def test_life_goes_on_after_an_answer_that_was_too_large(tmp_path: Path) -> None:
    with start(tmp_path, "exports.handler = async (e) => 'x'.repeat(e)") as client:
        client.api.max_body = 1_000_000
        client.send(2_000_000)
        client.send(3)
        assert client.answer().value == "xxx"


def test_six_megabytes_in_and_out(tmp_path: Path) -> None:
    event = {"data": "x" * (6 * 1024 * 1024 - 100)}
    with start(tmp_path, "exports.handler = async (e) => e") as client:
        assert client.invoke(event).value == event


# -- logs --------------------------------------------------------------------------------------------

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def test_text_logs(tmp_path: Path) -> None:
    code = r"""console.log('while loading');
        exports.handler = async () => {
            console.log('a %s c', 'b', {d: 1}); console.info('info'); console.warn('warn');
            console.error('error'); console.debug('debug'); console.trace('trace');
            console.log(); console.log('two\nlines');
            process.stdout.write('plain\n'); process.stdout.write(Buffer.from([0xff, 0, 10]));
            console.log('x'.repeat(300000)); console.error(new Error('shown')) }"""
    with start(tmp_path, code) as client:
        client.invoke()
        lines = client.stop().split("\n")
    expected = [
        rf"{STAMP}\tundefined\tINFO\twhile loading",
        rf"{STAMP}\tid-1\tINFO\ta b c \{{ d: 1 \}}",
        rf"{STAMP}\tid-1\tINFO\tinfo",
        rf"{STAMP}\tid-1\tWARN\twarn",
        rf"{STAMP}\tid-1\tERROR\terror",
        rf"{STAMP}\tid-1\tDEBUG\tdebug",
        rf"{STAMP}\tid-1\tTRACE\ttrace",
        rf"{STAMP}\tid-1\tINFO\t",
        rf"{STAMP}\tid-1\tINFO\ttwo\rlines",
        "plain",
        "�\0",
        rf"{STAMP}\tid-1\tINFO\tx{{300000}}",
        rf"{STAMP}\tid-1\tERROR\tError: shown\r    at .*\(/var/task/index.js:\d+:\d+\).*",
        "",
    ]
    assert len(lines) == len(expected), lines
    for line, pattern in zip(lines, expected, strict=True):
        assert re.fullmatch(pattern, line), (pattern, line[:300])


def test_json_logs(tmp_path: Path) -> None:
    code = """exports.handler = async () => {
        console.debug('hidden'); console.info('hidden'); console.warn({k: 'v'}); console.error('%d!', 5);
        console.error('with', new TypeError('inner')); console.error(new RangeError('alone'));
        console.warn(1n);
        throw new Error('out') }"""
    with start(tmp_path, code, AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="WARN") as client:
        client.invoke(Aws_Tenant_Id="blue")
        records = [json.loads(line) for line in client.stop().splitlines()]
    assert [(r["level"], r["requestId"], r["tenantId"]) for r in records] == [
        (level, "id-1", "blue") for level in ("WARN", "ERROR", "ERROR", "ERROR", "WARN", "ERROR")
    ]
    assert list(records[0]) == ["timestamp", "level", "requestId", "tenantId", "message"]
    assert records[0]["message"] == {"k": "v"}
    assert records[1]["message"] == "5!"
    assert (records[2]["errorType"], records[2]["errorMessage"]) == ("TypeError", "inner")
    assert records[3]["message"]["errorType"] == "RangeError"
    assert records[4]["message"] == "1n"
    assert records[5]["message"]["errorMessage"] == "out"
    assert re.search(r"/var/task/index\.js", "".join(records[5]["message"]["stackTrace"]))


# -- standby -----------------------------------------------------------------------------------------


def test_standby_becomes_what_it_is_told_to_be(tmp_path: Path) -> None:
    files = {
        "task/index.js": """exports.handler = async () => ({
            cwd: process.cwd(), env: Object.keys(process.env).sort(), argv: process.argv.length,
            dep: require('dep'), hour: new Date(0).getHours() })""",
        "opt/dep.js": "module.exports = 9",
    }
    write_files(tmp_path, files)
    root = tmp_path / "task"
    extra = {"NODE_PATH": str(tmp_path / "opt"), "TZ": "Asia/Tokyo"}
    with on_standby(COMMAND, root, "index.handler", extra) as client:
        value = client.invoke(Trace_Id="t").value
    assert value["cwd"] == str(root)
    assert value["env"] == sorted(
        {
            *("AWS_LAMBDA_RUNTIME_API", "_HANDLER", "LAMBDA_TASK_ROOT", "PATH", "LANG", "TZ", "NODE_PATH"),
            *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
            *("AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "_X_AMZN_TRACE_ID"),
        }
    )
    assert (value["argv"], value["dep"], value["hour"]) == (2, 9, 9)


def test_every_file_is_loaded_before_standby_is_announced(tmp_path: Path) -> None:
    folder = tmp_path / "client"
    shutil.copytree(CLIENT.parent, folder)
    code = (
        "export const handler = awslambda.streamifyResponse(async (e, s) => { console.log('x'); s.end('y') })"
    )
    write_files(tmp_path, {"task/index.mjs": code})
    command = [str(NODE), str(folder / "bootstrap.js")]
    root = tmp_path / "task"
    with on_standby(command, root, "index.handler", before=lambda: shutil.rmtree(folder)) as client:
        assert client.invoke().body == b"y"
    matching("id-1\tINFO\tx", client.output)


def test_standby_that_is_not_needed_ends(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen([*COMMAND, f"--standby={theirs.fileno()}"], pass_fds=[theirs.fileno()])
        theirs.close()
        ours.settimeout(20)
        assert ours.recv(64) == b"ready\n"
        ours.shutdown(socket.SHUT_RDWR)
        assert process.wait(20) == 0
