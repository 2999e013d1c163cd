"""The runtime clients that are compared: ours, AWS's own, and one in C. Their handlers do the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lambdatui import paths

OFFICIAL = "LAMBDATUI_PARITY"
"""Set by `make parity`: AWS's clients are downloaded and compiled, once."""
CACHE = paths.cache_dir() / "parity"
INSTALL_WITHIN_S = 900
HERE = Path(__file__).parent
START_PYTHON = """import os, runpy, sys
sys.argv[1:] = [os.environ["_HANDLER"]]
runpy.run_module("awslambdaric", run_name="__main__")
"""
PYTHON_HERE = os.path.realpath(sys.executable)
START_PYTHON = """import os, runpy, sys
sys.argv[1:] = [os.environ["_HANDLER"]]
runpy.run_module("awslambdaric", run_name="__main__")
"""
START_NODE = "process.argv[2] = process.env._HANDLER\nimport('/var/task/ric/bin/index.mjs')\n"

PYTHON_HANDLERS = {
    "app.py": """
import os, time
count = 0
def handler(event, context):
    global count
    count += 1
    do = event.get("do")
    if do == "raise": raise Error("no, on purpose")
    if do == "exit": os._exit(3)
    if do == "hang": time.sleep(60)
    if do == "print": print("said hello")
    if do == "count": return count
    if do == "context":
        return {
            "request": context.aws_request_id, "arn": context.invoked_function_arn,
            "name": context.function_name, "version": context.function_version,
            "memory": context.memory_limit_in_mb, "group": context.log_group_name,
            "stream": context.log_stream_name, "left": context.get_remaining_time_in_millis(),
            "custom": context.client_context and context.client_context.custom,
        }
    return event
class Error(Exception): pass
""",
    "broken.py": "class Error(Exception): pass\nraise Error('broken on purpose')\n",
}
NODE_HANDLERS = {
    "app.js": """
let count = 0
exports.handler = async (event, context) => {
    count += 1
    switch (event.do) {
        case 'raise': throw new Error('no, on purpose')
        case 'exit': return process.reallyExit(3)
        case 'hang': return new Promise(done => setTimeout(done, 60000))
        case 'print': console.log('said hello'); break
        case 'count': return count
        case 'context': return {
            request: context.awsRequestId, arn: context.invokedFunctionArn, name: context.functionName,
            version: context.functionVersion, memory: context.memoryLimitInMB, group: context.logGroupName,
            stream: context.logStreamName, left: context.getRemainingTimeInMillis(),
            custom: context.clientContext ? context.clientContext.custom : null,
        }
    }
    return event
}
exports.stream = awslambda.streamifyResponse(async (event, out) => {
    out.setContentType('text/plain')
    out.write('one')
    await new Promise(done => setTimeout(done, 20))
    out.write('two')
    out.end()
})
""",
    "broken.js": "throw new Error('broken on purpose')\n",
}


@dataclass(frozen=True, slots=True)
class Language:
    """How a language shows what all of them do."""

    handlers: Mapping[str, str]
    trace: str
    """The member of an error that holds its stack, and what is in it."""
    in_trace: str
    streams: str | None
    """The handler that streams."""
    init_error: tuple[str, str]


PYTHON = Language(PYTHON_HANDLERS, "stackTrace", "app.py", None, ("Error", "broken on purpose"))
NODE = Language(NODE_HANDLERS, "trace", "app.js", "app.stream", ("Error", "broken on purpose"))
C = Language({}, "stackTrace", "main", "app.stream", ("Error", "broken on purpose"))


@dataclass(frozen=True, slots=True)
class RuntimeClient:
    """A client that can run here: the runtime of its functions, and what belongs to their code."""

    language: Language
    runtime: str
    files: Mapping[str, str | bytes] = field(default_factory=dict)


def ours_python() -> RuntimeClient:
    return RuntimeClient(PYTHON, f"python3.{sys.version_info.minor}")


def ours_node() -> RuntimeClient:
    version = _run([_needed("node", "Debian: nodejs"), "--version"]).lstrip("v").split(".")[0]
    return RuntimeClient(NODE, f"nodejs{version}.x")


def awslambdaric() -> RuntimeClient:
    """PyPI's, in the package, as who deploys it brings it."""
    _wanted()
    folder = CACHE / f"package-{sys.version_info.major}.{sys.version_info.minor}"
    if not (folder / "awslambdaric" / "__main__.py").exists():
        shutil.rmtree(folder, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install"]
        _install([*pip, "--target", str(folder), "awslambdaric"])
    start = f"#!{os.path.realpath(sys.executable)}\n{START_PYTHON}"
    return RuntimeClient(PYTHON, "provided.al2023", {**_files(folder), "bootstrap": start})


def aws_lambda_ric() -> RuntimeClient:
    """npm's, in the package; its native part is compiled."""
    _wanted()
    npm, node = _needed("npm", "Debian: npm"), _needed("node", "Debian: nodejs")
    folder = CACHE / "aws-lambda-ric"
    client = folder / "node_modules" / "aws-lambda-ric"
    if not (client / "bin" / "index.mjs").exists():
        for tool, package in (
            ("cmake", "cmake"),
            ("autoreconf", "autoconf automake libtool"),
            ("g++", "g++"),
        ):
            _needed(tool, f"Debian: {package}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _install([npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "aws-lambda-ric"])
    parts = {**_files(client / "bin", "ric/bin/"), **_files(client / "dist", "ric/dist/")}
    start = f'#!/bin/sh\nexec {node} ric/bin/index.mjs "$_HANDLER"\n'
    return RuntimeClient(NODE, "provided.al2023", {**parts, "bootstrap": start})


def c_bootstrap() -> RuntimeClient:
    """A static program of our own."""
    compiler = _needed("gcc", "Debian: gcc libc6-dev")
    with TemporaryDirectory() as folder:
        program = Path(folder) / "bootstrap"
        _install([compiler, "-O2", "-static", "-o", str(program), str(HERE / "bootstrap.c")])
        return RuntimeClient(C, "provided.al2023", {"bootstrap": program.read_bytes()})


CLIENTS: dict[str, Callable[[], RuntimeClient]] = {
    "ours in Python": ours_python,
    "awslambdaric": awslambdaric,
    "ours in Node.js": ours_node,
    "aws-lambda-ric": aws_lambda_ric,
    "C": c_bootstrap,
}


def _wanted() -> None:
    if not os.environ.get(OFFICIAL):
        pytest.skip("AWS's own client is downloaded and compiled by make parity only")


def _needed(tool: str, where: str) -> str:
    found = shutil.which(tool)
    if found is None:
        pytest.skip(f"needs {tool} ({where})")
    return found


def _files(folder: Path, where: str = "") -> dict[str, bytes]:
    """What is in a folder, as it goes into a package."""
    return {
        f"{where}{entry.relative_to(folder)}": entry.read_bytes()
        for entry in folder.rglob("*")
        if entry.is_file() and "__pycache__" not in entry.parts
    }


def _run(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def _install(command: list[str]) -> None:
    """Whatever cannot be had here is no fault of ours: say so, with the end of what was said."""
    CACHE.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=INSTALL_WITHIN_S, check=False, cwd=CACHE
    )
    if done.returncode:
        said = "; ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        pytest.skip(f"{Path(command[0]).name} could not install it: {said}")
