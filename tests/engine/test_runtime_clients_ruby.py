"""Our Ruby runtime client, as a real process on real handlers."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import lambdatui.engine.runtimes
from tests.engine.fake_runtime_api import ARN, Client, matching, on_standby, running, write_files

RUBY = shutil.which("ruby")
CLIENT = Path(lambdatui.engine.runtimes.__file__).parent / "clients" / "ruby" / "bootstrap.rb"
COMMAND = [str(RUBY), "--disable-gems", str(CLIENT)]

pytestmark = pytest.mark.skipif(RUBY is None, reason="needs Ruby: apt install ruby")


def start(
    root: Path, files: str | Mapping[str, str], handler: str = "app.handler", **extra: str
) -> AbstractContextManager[Client]:
    write_files(root, {"app.rb": files} if isinstance(files, str) else files)
    return running(COMMAND, root, handler, extra)


# -- finding the handler -----------------------------------------------------------------------------

SAYS_HELLO = "def handler(event:, context:) = 'hello'"
IN_CLASS = "module A; class B; def self.handler(event:, context:) = 'hello'; end; end"

LOADS: dict[str, tuple[dict[str, str], str]] = {
    "plain": ({"app.rb": SAYS_HELLO}, "app.handler"),
    "in a folder": ({"src/app.rb": SAYS_HELLO}, "src/app.handler"),
    "class": ({"app.rb": "class C; def self.handler(event:, context:) = 'hello'; end"}, "app.C.handler"),
    "class in a module": ({"app.rb": IN_CLASS}, "app.A::B.handler"),
    "named like a standard library": ({"json.rb": SAYS_HELLO}, "json.handler"),
    "requires its neighbour": (
        {
            "app.rb": "require 'other'; require_relative 'other'",
            "other.rb": f"raise if $x; $x = 1; {SAYS_HELLO}",
        },
        "app.handler",
    ),
    "any keywords": (
        {"app.rb": "def handler(**all) = all.keys == %i[event context] ? 'hello' : all"},
        "app.handler",
    ),
}


@pytest.mark.parametrize("case", LOADS)
def test_handlers_are_found_as_on_lambda(case: str, tmp_path: Path) -> None:
    files, handler = LOADS[case]
    with start(tmp_path, files, handler) as client:
        assert client.invoke().value == "hello", client.output


FAILING_LOADS: dict[str, tuple[dict[str, str], str, str, str]] = {
    "no such file": ({}, "app.handler", "Init<LoadError>", "^cannot load such file -- app$"),
    "missing gem": ({"app.rb": "require 'nowhere'"}, "app.handler", "Init<LoadError>", "-- nowhere$"),
    "no dot": (
        {},
        "app",
        "Init<ArgumentError>",
        r'^Invalid handler \["app"\], must be of form FILENAME.METHOD',
    ),
    "too many dots": ({}, "app.a.b.c", "Init<ArgumentError>", "^Invalid handler"),
    "syntax": ({"app.rb": "def x("}, "app.handler", "Init<SyntaxError>", r"/var/task/app.rb:1"),
    "raises": ({"app.rb": "raise 'early'"}, "app.handler", "Init<RuntimeError>", "^early$"),
    "wrong name": ({"app.rb": "nope"}, "app.handler", "Init<NameError>", "nope"),
    "exits": ({"app.rb": "exit 4"}, "app.handler", "Init<SystemExit>", "exit"),
}


@pytest.mark.parametrize("case", FAILING_LOADS)
def test_a_handler_that_cannot_be_loaded_is_an_init_error(case: str, tmp_path: Path) -> None:
    files, handler, error_type, message = FAILING_LOADS[case]
    with start(tmp_path, files, handler) as client:
        answer = client.answer()
        assert client.exit_status() == 252
    assert answer.kind == "init/error"
    assert list(answer.value) == ["errorMessage", "errorType", "stackTrace"]
    assert answer.value["errorType"] == error_type
    assert re.search(message, answer.value["errorMessage"]), answer.value
    assert str(tmp_path) not in answer.body.decode() + client.output
    assert str(CLIENT.parent) not in answer.body.decode() + client.output


# -- answers -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A handler's body and what it answers to `event`."""

    code: str
    value: Any = None
    event: Any = field(default_factory=dict)
    error: str | None = None
    message: str = ""
    lives: bool = True  # whether the environment goes on
    before: str = ""


ANSWERS: dict[str, Case] = {
    "event": Case("event", {"a": [1, "é😀", None]}, {"a": [1, "é😀", None]}),
    "no object": Case("event", "text", "text"),
    "nil": Case("nil", None),
    "symbols": Case("{a: :b}", {"a": "b"}),
    "what has no JSON becomes text": Case("Object", "Object"),
    "a stream is the response as it is": Case("require 'stringio'; StringIO.new('[1]')", [1]),
    "a thread left running": Case("Thread.new { sleep }; 1", 1),
    "a busy thread": Case("Thread.new { loop { Thread.pass } }; 1", 1),
    "NaN": Case("0.0 / 0", error="Function<JSON::GeneratorError>", message="NaN"),
    "circular": Case("a = []; a << a", error="Function<JSON::NestingError>", message="nesting"),
    "broken UTF-8": Case('"\\xff"', error="Function<JSON::GeneratorError>"),
    "raises": Case("raise ArgumentError, 'bad ü'", error="Function<ArgumentError>", message="^bad ü$"),
    "raises text": Case("raise 'text'", error="Function<RuntimeError>", message="^text$"),
    "raises nil": Case("raise nil", error="Function<TypeError>"),
    "throws": Case("throw :nothing", error="Function<UncaughtThrowError>", message="nothing"),
    "stops an iteration": Case("raise StopIteration", error="Function<StopIteration>"),
    "own class": Case(
        "raise OddError, 'x'", error="Function<OddError>", before="class OddError < StandardError; end"
    ),
    "message in binary": Case('raise "\\xff\\x00".b', error="Function<RuntimeError>", message="\ufffd"),
    "message that fails": Case(
        "raise Shy",
        error="Function<Shy>",
        message="cannot be read",
        before="class Shy < StandardError; def message = raise('no'); end",
    ),
    "deep causes": Case(
        "def dig(n) = n.zero? ? raise('0') : (begin; dig(n - 1); rescue => e; raise n.to_s; end); dig(500)",
        error="Function<RuntimeError>",
        message="^500$",
    ),
    "wrong name": Case("nope", error="Function<NameError>", message="nope", lives=False),
    "nil has no such method": Case("nil.nope", error="Function<NoMethodError>", lives=False),
    "exit": Case("exit 3", error="Function<SystemExit>", message="^exit$", lives=False),
    "endless recursion": Case(
        "handler(event: 1, context: 1)", error="Function<SystemStackError>", lives=False
    ),
    "missing file": Case("require 'nowhere'", error="Function<LoadError>", message="nowhere", lives=False),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name: str, tmp_path: Path) -> None:
    case = ANSWERS[name]
    with start(tmp_path, f"{case.before}\ndef handler(event:, context:)\n  {case.code}\nend") as client:
        answers = [client.invoke(case.event)]
        if case.lives:
            answers.append(client.invoke(case.event))  # it must live on
        else:
            assert client.exit_status() == 255
    for number, answer in enumerate(answers, 1):
        assert answer.request_id == f"id-{number}"
        assert answer.with_next is case.lives, "the answer and the request for the next event are one write"
        if case.error is None:
            assert answer.kind == "response", answer
            assert answer.value == case.value
        else:
            assert answer.kind == "error"
            assert answer.value["errorType"] == case.error
            assert re.search(case.message, answer.value["errorMessage"]), answer.value
            assert len(answer.value["stackTrace"]) <= 100
            assert f'"errorType": "{case.error}"' in client.output


def test_methods_that_do_not_take_the_keywords_say_so(tmp_path: Path) -> None:
    with start(tmp_path, "def handler(event, context) = 1") as client:
        assert client.invoke().value["errorMessage"] == "wrong number of arguments (given 1, expected 2)"


def test_a_missing_method_is_an_error_of_the_event(tmp_path: Path) -> None:
    with start(tmp_path, "", "app.missing") as client:
        answer = client.invoke()
        assert client.exit_status() == 255
    assert answer.value["errorType"] == "Function<NoMethodError>"
    assert "undefined method `missing'" in answer.value["errorMessage"].replace("'missing'", "`missing'")


def test_traces_read_as_on_lambda(tmp_path: Path) -> None:
    files = {
        "app.rb": "require_relative 'lib/deep'\ndef handler(event:, context:)\n  dive\nend",
        "lib/deep.rb": "def dive = raise('x')",
    }
    with start(tmp_path, files) as client:
        answer = client.invoke()
    assert [re.sub(":in .*", "", line) for line in answer.value["stackTrace"]] == [
        "/var/task/lib/deep.rb:1",
        "/var/task/app.rb:3",
    ]
    assert answer.headers["lambda-runtime-function-error-type"] == "Function<UserException>"


# -- context and the world around --------------------------------------------------------------------


def test_context(tmp_path: Path) -> None:
    code = """def handler(event:, context:)
        names = %i[aws_request_id invoked_function_arn log_group_name log_stream_name function_name
                   memory_limit_in_mb function_version identity client_context tenant_id]
        names.to_h { |name| [name, context.public_send(name)] }.merge(
          remaining: context.get_remaining_time_in_millis, deadline: context.deadline_ms,
          trace: ENV['_X_AMZN_TRACE_ID'])
      end"""
    with start(tmp_path, code) as client:
        first = client.invoke(
            Trace_Id="Root=1-5;Sampled=1",
            Client_Context=json.dumps({"custom": {"k": "ü"}}),
            Cognito_Identity='{"cognitoIdentityId": "a"}',
            Aws_Tenant_Id="blue",
            Invocation_Id="delivery-1",
        )
        second = client.invoke()
    value = first.value
    assert 0 < value.pop("remaining") <= 3000
    assert value.pop("deadline") > 1_700_000_000_000
    assert value == {
        "aws_request_id": "id-1",
        "invoked_function_arn": ARN,
        "log_group_name": "/aws/lambda/hello",
        "log_stream_name": "2026/11/21/[$LATEST]0123",
        "function_name": "hello",
        "memory_limit_in_mb": "128",
        "function_version": "$LATEST",
        "identity": {"cognitoIdentityId": "a"},
        "client_context": {"custom": {"k": "ü"}},
        "tenant_id": "blue",
        "trace": "Root=1-5;Sampled=1",
    }
    assert first.headers["lambda-runtime-invocation-id"] == "delivery-1"
    assert second.value["trace"] is None
    assert second.value["client_context"] is None


def test_globals_live_from_event_to_event(tmp_path: Path) -> None:
    with start(tmp_path, "$n = 0\ndef handler(event:, context:) = $n += 1") as client:
        assert [client.invoke().value for _ in range(3)] == [1, 2, 3]


def test_closed_sockets_are_made_again(tmp_path: Path) -> None:
    code = "def handler(event:, context:) = ObjectSpace.each_object(BasicSocket, &:close)"
    with start(tmp_path, code) as client:
        assert [client.invoke().kind for _ in range(3)] == ["response"] * 3
        assert client.api.connections >= 3


def test_a_socket_closed_while_waiting_is_made_again(tmp_path: Path) -> None:
    code = """def handler(event:, context:)
        Thread.new { Thread.pass until $go; ObjectSpace.each_object(BasicSocket, &:close) } unless $seen
        $seen = true
        Thread.new { sleep 0.05; $go = true }
        1
      end"""
    with start(tmp_path, code) as client:
        client.invoke()
        for _ in range(3):  # the first request, the one beside the answer, the one after the reconnect
            assert client.api.polled.acquire(timeout=20)
        assert client.invoke().value == 1


def test_it_ends_with_the_runtime_api(tmp_path: Path) -> None:
    with start(tmp_path, "Thread.new { sleep }\ndef handler(event:, context:) = 1") as client:
        client.invoke()
        client.api.close()
        assert client.exit_status() == 1


def test_exit_at_once_is_left_to_the_engine(tmp_path: Path) -> None:
    with start(tmp_path, "def handler(event:, context:)\n  puts 'last words'\n  exit! 3\nend") as client:
        client.send()
        assert client.exit_status() == 3
    assert client.api.answers.empty()
    assert "last words" in client.output


def test_life_goes_on_after_an_answer_that_was_too_large(tmp_path: Path) -> None:
    with start(tmp_path, "def handler(event:, context:) = 'x' * event") as client:
        client.api.max_body = 1_000_000
        client.send(2_000_000)
        client.send(3)
        assert client.answer().value == "xxx"


def test_six_megabytes_in_and_out(tmp_path: Path) -> None:
    event = {"data": "x" * (6 * 1024 * 1024 - 100)}
    with start(tmp_path, "def handler(event:, context:) = event") as client:
        assert client.invoke(event).value == event


# -- gems --------------------------------------------------------------------------------------------

GEMSPEC = "Gem::Specification.new { |s| s.name = 'dep'; s.version = '1.2.3'; s.summary = s.author = 'x' }"
USES_GEM = "require 'dep'\ndef handler(event:, context:) = [Dep::WORD, Gem.loaded_specs['dep'].version.to_s]"


def gem(home: str) -> dict[str, str]:
    return {
        f"{home}/specifications/dep-1.2.3.gemspec": GEMSPEC,
        f"{home}/gems/dep-1.2.3/lib/dep.rb": "module Dep; WORD = 'gem'; end",
    }


def test_gems_bundled_with_the_code_are_found(tmp_path: Path) -> None:
    with start(tmp_path, {"app.rb": USES_GEM, **gem("vendor/bundle/ruby/3.3.0")}) as client:
        assert client.invoke().value == ["gem", "1.2.3"]


def test_gem_path_is_searched(tmp_path: Path) -> None:
    write_files(tmp_path, {"task/app.rb": USES_GEM, **gem("opt/ruby/gems/3.3.0")})
    extra = {"GEM_PATH": f"{tmp_path}/nowhere:{tmp_path}/opt/ruby/gems/3.3.0"}
    with running(COMMAND, tmp_path / "task", "app.handler", extra) as client:
        assert client.invoke().value == ["gem", "1.2.3"]


def test_rubygems_is_there_when_it_is_named_and_not_before(tmp_path: Path) -> None:
    code = "$early = !Object.autoload?(:Gem)\ndef handler(event:, context:) = [$early, Gem::VERSION]"
    with start(tmp_path, code) as client:
        early, version = client.invoke().value
    assert early is False
    assert re.fullmatch(r"[\d.]+", version)


# -- logs --------------------------------------------------------------------------------------------


def test_text_logs(tmp_path: Path) -> None:
    code = r"""puts 'while loading'
        def handler(event:, context:)
          require 'logger'
          puts 'plain', 'two'; print "no end\n"; warn 'stderr'; $stdout.write("\xff\0\n"); puts 'x' * 300_000
          Logger.new($stdout).info("two\nlines"); Logger.new($stderr, progname: 'mine').debug({a: 1})
          Logger.new($stdout, level: :warn).info('hidden')
          Logger.new($stdout, formatter: ->(*, message) { "own #{message}\n" }).error('format')
          raise 'out'
        end"""
    with start(tmp_path, code) as client:
        client.invoke()
        lines = client.stop().split("\n")
    stamp = r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6} #\d+\]"
    expected = [
        "while loading",
        "plain",
        "two",
        "no end",
        "stderr",
        "\ufffd\0",
        "x{300000}",
        rf"I, {stamp}  INFO id-1 -- : two\rlines",
        rf"D, {stamp} DEBUG id-1 -- mine: \{{.*a.*1\}}",
        "own format",
        "Error raised from handler method",
        r'\{\r  "errorMessage": "out",\r  "errorType": "Function<RuntimeError>",\r  "stackTrace": .*\r\}',
        "",
    ]
    assert len(lines) == len(expected), lines
    for line, pattern in zip(lines, expected, strict=True):
        assert re.fullmatch(pattern, line), (pattern, line[:300])


def test_json_logs(tmp_path: Path) -> None:
    code = """require 'logger'
        LOG = Logger.new($stdout, progname: 'mine')
        def handler(event:, context:)
          LOG.info('hidden'); LOG.warn("a\\nb"); LOG.error(TypeError.new('inner'))
          raise 'out'
        end"""
    with start(tmp_path, code, AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="WARN") as client:
        client.invoke()
        warning, inner, outer = (json.loads(line) for line in client.stop().splitlines())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", warning.pop("timestamp"))
    assert warning == {"level": "WARN", "requestId": "id-1", "message": "a\nb", "logger": "mine"}
    assert (inner["errorType"], inner["errorMessage"], inner["level"]) == ("TypeError", "inner", "ERROR")
    assert outer["requestId"] == "id-1"
    assert outer["errorType"] == "Function<RuntimeError>"


# -- standby -----------------------------------------------------------------------------------------


def test_standby_becomes_what_it_is_told_to_be(tmp_path: Path) -> None:
    files = {
        "task/app.rb": """require 'extra'
            def handler(event:, context:)
              { cwd: Dir.pwd, env: ENV.keys.sort, argv: ARGV.size, word: WORD, hour: Time.at(0).hour }
            end""",
        "opt/extra.rb": "WORD = 'extra'",
    }
    write_files(tmp_path, files)
    root = tmp_path / "task"
    extra = {"RUBYLIB": str(tmp_path / "opt"), "TZ": "Asia/Tokyo"}
    with on_standby(COMMAND, root, "app.handler", extra) as client:
        value = client.invoke().value
    assert (value["cwd"], value["argv"], value["word"], value["hour"]) == (str(root), 0, "extra", 9)
    assert "AWS_LAMBDA_FUNCTION_NAME" in value["env"]
    assert len(value["env"]) == 12


def test_every_file_is_loaded_before_standby_is_announced(tmp_path: Path) -> None:
    folder = tmp_path / "client"
    shutil.copytree(CLIENT.parent, folder)
    write_files(
        tmp_path,
        {"task/app.rb": "require 'logger'\ndef handler(event:, context:) = Logger.new($stdout).info('x')"},
    )
    command = [str(RUBY), "--disable-gems", str(folder / "bootstrap.rb")]
    with on_standby(
        command, tmp_path / "task", "app.handler", before=lambda: shutil.rmtree(folder)
    ) as client:
        assert client.invoke().value is True
    matching("INFO id-1 -- : x", client.output)
