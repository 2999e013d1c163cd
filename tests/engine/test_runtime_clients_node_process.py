"""The Node.js client as a process: streams, endings, sockets, logs, standby."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.engine.fake_runtime_api import matching, on_standby, write_files
from tests.engine.node_client import CLIENT, COMMAND, NODE, check_error, needs_node, start

pytestmark = needs_node


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
