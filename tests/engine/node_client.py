"""Our Node.js runtime client, as a process on a handler written for a test."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

import lambdatui.engine.runtimes
from tests.engine.fake_runtime_api import Answer, Client, running, write_files

NODE = shutil.which("node")
CLIENT = Path(lambdatui.engine.runtimes.__file__).parent / "clients" / "node" / "bootstrap.js"
COMMAND = [str(NODE), str(CLIENT)]

needs_node = pytest.mark.skipif(NODE is None, reason="needs Node.js: apt install nodejs")


def start(
    root: Path, files: str | Mapping[str, str], handler: str = "index.handler", **extra: str
) -> AbstractContextManager[Client]:
    """The client on these files (or this index.js), with extra environment variables."""
    write_files(root, {"index.js": files} if isinstance(files, str) else files)
    return running(COMMAND, root, handler, extra)


def check_error(answer: Answer, error_type: str, message: str) -> None:
    """An answer that reports this error, shaped as Node.js runtimes shape it."""
    assert answer.kind == "error"
    assert list(answer.value) == ["errorType", "errorMessage", "trace"]
    assert answer.value["errorType"] == error_type
    assert re.search(message, answer.value["errorMessage"]), answer.value
    assert answer.headers["lambda-runtime-function-error-type"] == re.sub(r"[^ -~]", "?", error_type)
