"""Extensions from layers: when they start, what they hear, what their end means for the function."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, log_lines, until
from tests.engine.extending import BASE, ECHO, extended, said
from tests.engine.tiers import engine_in

NewEngine = Callable[..., EngineProcess]

PLAIN = "say('start'); register('INVOKE', 'SHUTDOWN'); loop()\n"


@pytest.fixture(scope="module", params=["strict", "process"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One engine for each tier that starts extensions in its own way."""
    with engine_in(request.param, tmp_path_factory.mktemp("engine")) as running:
        yield running


def kinds(lines: list[str]) -> list[str]:
    """The first words of Lambda's own lines."""
    own = ("INIT_START", "INIT_REPORT", "EXTENSION", "TELEMETRY", "START", "END", "REPORT")
    return [line.split()[0] for line in lines if line.startswith(own)]


def silent(logs: Any, name: str, what: str) -> bool:
    """Whether nothing of a kind is said for a time in which it would be said many times."""
    before = len(said(logs, name, what))
    time.sleep(0.8)
    return len(said(logs, name, what)) == before


def test_an_extension_starts_before_the_runtime_and_hears_of_invocations(client: Any, logs: Any) -> None:
    code = f"print('module', flush=True)\n{ECHO}"
    name = extended(client, {"watcher": PLAIN}, code)
    answers = [call(client, name, {"n": n}) for n in range(2)]
    assert [answer.value for answer in answers] == [{"n": 0}, {"n": 1}]
    until(lambda: len(said(logs, name, "event")) == 2)
    lines = log_lines(logs, name)
    assert lines.index('EXT {"name": "watcher", "what": "start"}\n') < lines.index("module\n")
    assert "EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n" in lines
    assert kinds(lines) == ["INIT_START", "EXTENSION", "START", "END", "REPORT", "START", "END", "REPORT"]
    first = said(logs, name, "event")[0]
    assert first["identified"]
    event = first["event"]
    assert 0 < event.pop("left_s") <= 3
    assert event.pop("tracing")["value"].startswith("Root=1-")
    assert event.pop("deadlineMs") > 1_700_000_000_000
    assert event == {
        "eventType": "INVOKE",
        "requestId": answers[0].request_id,
        "invokedFunctionArn": f"arn:aws:lambda:us-east-1:000000000000:function:{name}",
    }


def test_what_registration_answers(client: Any, logs: Any) -> None:
    code = (
        "for headers in ({}, {'Lambda_Extension_Accept_Feature': 'accountId'}):\n"
        "    pass\n"
        "say('bad', seen=[register('INVOKE', name='')[::2], register('RESTORE')[::2],"
        " ask('POST', '/2020-01-01/extension/register', 'no json', Lambda_Extension_Name=NAME)[0]])\n"
        "say('good', seen=register('INVOKE', **headers)[::2])\n"
        "say('again', seen=register('INVOKE')[::2])\n"
        "ID = ''\nsay('nobody', seen=next_event()[::2])\n"
        "ID = 'a' * 36\nsay('unknown', seen=next_event()[::2])\nsys.exit(3)\n"
    )
    name = extended(client, {"asker": code})
    call(client, name)
    seen = {one["what"]: one["seen"] for one in said(logs, name)}
    assert seen["good"] == [
        200,
        {
            "functionName": name,
            "functionVersion": "$LATEST",
            "handler": "app.handler",
            "accountId": "000000000000",
        },
    ]
    assert seen["bad"][0] == [
        403,
        {"errorMessage": "Empty extension name", "errorType": "Extension.InvalidExtensionName"},
    ]
    assert (seen["bad"][1][0], seen["bad"][1][1]["errorType"]) == (403, "Extension.InvalidEventType")
    assert seen["bad"][2] == 403
    assert seen["again"][1]["errorType"] == "Extension.InvalidExtensionState"
    assert seen["nobody"][1]["errorType"] == "Extension.MissingExtensionIdentifier"
    assert seen["unknown"][1]["errorType"] == "Extension.UnknownExtensionIdentifier"


def test_init_waits_for_extensions_and_the_invocation_for_their_return(client: Any, logs: Any) -> None:
    slow = (
        "register('INVOKE'); time.sleep(0.3)\nrests = [0.4, 5]\n"
        "loop(lambda event: (time.sleep(rests.pop(0)), say('done')))\n"
    )
    name = extended(client, {"slow": slow}, Timeout=20)
    first = call(client, name)
    init = re.search(r"Init Duration: ([\d.]+) ms", first.tail)
    assert init
    assert float(init[1]) >= 300
    duration = re.search(r"\tDuration: ([\d.]+) ms", first.tail)
    assert duration
    assert float(duration[1]) >= 400
    until(lambda: len(said(logs, name, "done")) == 1)
    lines = log_lines(logs, name)
    done = next(place for place, line in enumerate(lines) if '"done"' in line)
    assert done < lines.index(f"END RequestId: {first.request_id}\n")
    client.invoke(FunctionName=name, Payload=b"{}")
    assert len(said(logs, name, "done")) == 1, "who does not ask for the log need not wait for extensions"


def test_what_is_known_to_an_extension(client: Any, logs: Any) -> None:
    code = "say('env', env=dict(os.environ), cwd=os.getcwd(), code=os.path.isdir('/var/task'))\n" + PLAIN
    name = extended(client, {"looker": code}, Variables={"MINE": "1"})
    call(client, name)
    (seen,) = said(logs, name, "env")
    env = seen["env"]
    assert (env["MINE"], env["AWS_LAMBDA_FUNCTION_NAME"], seen["cwd"]) == ("1", name, "/")
    assert env["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert (
        not {"_HANDLER", "AWS_EXECUTION_ENV", "LAMBDA_TASK_ROOT", "AWS_LAMBDA_LOG_STREAM_NAME"} & env.keys()
    )


@pytest.mark.parametrize(
    ("code", "kind", "reason", "state"),
    [
        ("sys.exit(0)\n", "Extension.Crash", "exit code 0", "Started"),
        ("register(); sys.exit(7)\n", "Extension.Crash", "exit status 7", "Registered"),
        (
            "register(); call('POST', 'init/error', {}, Lambda_Extension_Function_Error_Type='Own.Kind');"
            " sys.exit(1)\n",
            "Extension.InitError",
            "exit status 1",
            "InitError",
        ),
    ],
)
def test_an_extension_that_fails_to_start_fails_the_function(
    client: Any, logs: Any, code: str, kind: str, reason: str, state: str
) -> None:
    name = extended(client, {"weak": code})
    answer = call(client, name)
    assert answer.error == "Unhandled"
    assert answer.value == {
        "errorType": kind,
        "errorMessage": f"RequestId: {answer.request_id} Error: {reason}",
    }
    lines = log_lines(logs, name)
    phases = [re.findall(r"Phase: (\w+)\tStatus: (\w+)\tError Type: (\S+)", line) for line in lines]
    assert [found[0] for found in phases if found] == [("init", "error", kind), ("invoke", "error", kind)]
    own = next(line for line in lines if line.startswith("EXTENSION"))
    assert f"\tState: {state}\t" in own
    assert own.endswith("\tError Type: Own.Kind\n") == (state == "InitError")


def test_a_file_that_is_no_program_cannot_be_launched(client: Any) -> None:
    import io
    import stat
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        entry = zipfile.ZipInfo("extensions/plain")
        entry.external_attr = (stat.S_IFREG | 0o644) << 16
        package.writestr(entry, "text")
    version = client.publish_layer_version(LayerName="no-program", Content={"ZipFile": out.getvalue()})
    answer = call(client, deploy(client, ECHO, Layers=[version["LayerVersionArn"]]))
    assert answer.value["errorType"] == "Extension.LaunchError"
    assert answer.value["errorMessage"].endswith("fork/exec /opt/extensions/plain: permission denied")


def test_an_extension_that_dies_in_an_invocation_ends_it(client: Any, logs: Any) -> None:
    dies = "register('INVOKE')\nloop(lambda event: os._exit(9) if os.environ['DIE'] == 'yes' else None)\n"
    code = "import time\ndef handler(event, context):\n    time.sleep(event.get('s', 0))\n    return 1\n"
    name = extended(client, {"mortal": dies}, code, Variables={"DIE": "yes"})
    answer = call(client, name, {"s": 2})
    assert answer.value["errorType"] == "Extension.Crash"
    assert answer.value["errorMessage"].endswith("Error: exit status 9")
    assert answer.tail.endswith("Status: error\tError Type: Extension.Crash\n")


SHUTS = (
    "register('INVOKE', 'SHUTDOWN')\nloop(lambda event: time.sleep(float(os.environ.get('LINGER', '0'))))\n"
)
ENDS = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("term", flush=True), sys.exit(0)))
n = 0
def handler(event, context):
    global n
    n += 1
    if event == "exit":
        os._exit(3)
    time.sleep(event if isinstance(event, (int, float)) else 0)
    return n
"""


@pytest.mark.parametrize(
    ("event", "reason", "kind"),
    [("exit", "FAILURE", "Runtime.ExitError"), (30, "TIMEOUT", "Sandbox.Timedout")],
)
def test_a_reset_says_why(client: Any, logs: Any, event: Any, reason: str, kind: str) -> None:
    name = extended(client, {"watcher": SHUTS}, ENDS, Timeout=1, MemorySize=1769)
    assert call(client, name, 0).value == 1
    assert call(client, name, event).value["errorType"] == kind
    until(lambda: said(logs, name, "event")[-1]["event"]["eventType"] == "SHUTDOWN")
    last = said(logs, name, "event")[-1]["event"]
    assert last["shutdownReason"] == reason
    assert 0 < last["left_s"] <= 2
    assert "requestId" not in last
    again = call(client, name, 0)
    assert again.value == 1, "it begins afresh"


def test_spindown_lets_everybody_say_goodbye(client: Any, logs: Any) -> None:
    name = extended(client, {"watcher": SHUTS}, ENDS)
    call(client, name, 0)
    client.update_function_configuration(FunctionName=name, Description="changed")
    until(lambda: said(logs, name, "event")[-1]["event"]["eventType"] == "SHUTDOWN")
    last = said(logs, name, "event")[-1]["event"]
    assert last["shutdownReason"] == "SPINDOWN"
    lines = log_lines(logs, name)
    shutdown = next(place for place, line in enumerate(lines) if "SPINDOWN" in line)
    assert lines.index("term\n") < shutdown, "the runtime goes first"


def test_who_does_not_leave_in_two_seconds_is_killed(client: Any, logs: Any) -> None:
    stays = (
        "def stay(event):\n    while event['eventType'] == 'SHUTDOWN':\n"
        "        say('here'); time.sleep(0.1)\nregister('INVOKE', 'SHUTDOWN')\nloop(stay)\n"
    )
    name = extended(client, {"stubborn": stays}, ENDS)
    call(client, name, 0)
    client.update_function_configuration(FunctionName=name, Description="changed")
    until(lambda: len(said(logs, name, "here")) >= 10)
    until(lambda: silent(logs, name, "here"))
    assert len(said(logs, name, "here")) < 40, "one each tenth of a second"


def test_the_engine_lets_extensions_leave_when_it_stops(fresh_engine: NewEngine) -> None:
    engine = fresh_engine()
    client = engine.client("lambda")
    name = extended(client, {"watcher": SHUTS})
    call(client, name)
    assert engine.stop() == 0
    again = fresh_engine(data_dir=engine.data_dir)
    until(lambda: said(again.client("logs"), name, "event")[-1]["event"].get("shutdownReason") == "SPINDOWN")


INTERNAL = BASE.split("\n", 1)[1].replace("NAME = os.path.basename(sys.argv[0])", "NAME = 'inner'") + (
    "say('bad', seen=register('SHUTDOWN')[::2])\n"
    "say('registered', seen=register('INVOKE')[0])\n"
    "def listen():\n"
    "    while True:\n"
    "        event = next_event()[2]\n"
    "        time.sleep(0.3)\n"
    "        say('event', event=event)\n"
    "threading.Thread(target=listen, daemon=True).start()\n"
    "def handler(event, context):\n"
    "    if event.get('late'):\n"
    "        return register('INVOKE', name='late')[2]\n"
    "    return event\n"
)


def test_an_internal_extension(client: Any, logs: Any) -> None:
    name = deploy(client, INTERNAL)
    answer = call(client, name)
    assert answer.error is None, answer.body
    seen = {one["what"]: one["seen"] for one in said(logs, name) if "seen" in one}
    assert seen["bad"][1]["errorType"] == "Extension.InvalidEventType"
    assert seen["registered"] == 200
    assert "EXTENSION\tName: inner\tState: Ready\tEvents: [INVOKE]\n" in log_lines(logs, name)
    duration = re.search(r"\tDuration: ([\d.]+) ms", answer.tail)
    assert duration
    assert float(duration[1]) >= 300, "it is over when the extension asks for the next event"
    late = call(client, name, {"late": 1})
    assert late.value["errorType"] == "Extension.RegistrationClosed"


def test_a_shell_script_can_be_an_extension(client: Any, logs: Any) -> None:
    script = """#!/bin/sh
exec /usr/bin/python3 - <<'END'
import http.client, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
api.request("POST", "/2020-01-01/extension/register", '{"events": []}', {"Lambda-Extension-Name": "sh"})
answer = api.getresponse()
answer.read()
print("shell ready", flush=True)
api.request("GET", "/2020-01-01/extension/event/next",
            headers={"Lambda-Extension-Identifier": answer.getheader("Lambda-Extension-Identifier")})
api.getresponse().read()
END
"""
    name = extended(client, {"sh": script})
    assert call(client, name, 7).value == 7
    assert call(client, name, 8).value == 8
    lines = log_lines(logs, name)
    assert "shell ready\n" in lines
    assert "EXTENSION\tName: sh\tState: Ready\tEvents: []\n" in lines


def test_extensions_stand_still_between_invocations(client: Any, logs: Any, engine: EngineProcess) -> None:
    if "process" in str(engine.process.args):
        pytest.skip("nothing stands still in this tier")
    ticks = (
        "register('INVOKE')\nthreading.Thread(target=loop, daemon=True).start()\n"
        "while True:\n    say('tick'); time.sleep(0.05)\n"
    )
    name = extended(client, {"ticker": ticks})
    call(client, name)
    until(lambda: silent(logs, name, "tick"))
    before = len(said(logs, name, "tick"))
    call(client, name)
    until(lambda: len(said(logs, name, "tick")) > before)
