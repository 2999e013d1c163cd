"""Interpreters that lie where no room has them anyway: version managers, virtual environments."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdatui.engine.runtimes.interpreters import Found, find
from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy
from tests.engine.tiers import engine_in

RUNTIMES = [f"python3.{minor}" for minor in range(8, 15)] + [f"nodejs{major}.x" for major in (18, 20, 22, 24)]

WHERE = """
import ctypes, hashlib, json, os, ssl, sqlite3, sys, zlib
def handler(event, context):
    return [os.path.realpath(sys.executable), "%d.%d" % sys.version_info[:2]]
"""
WHERE_JS = "exports.handler = async () => [process.execPath, process.version];\n"

SCRIPT = f"""#!{sys.executable} -S
import http.client, os, sys
calls = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
base = "/2018-06-01/runtime/invocation/"
while True:
    calls.request("GET", base + "next")
    answer = calls.getresponse()
    answer.read()
    here = answer.headers["Lambda-Runtime-Aws-Request-Id"]
    calls.request("POST", base + here + "/response", '["%s", "%s"]' % (sys.argv[0], sys.flags.no_site))
    calls.getresponse().read()
"""


@pytest.fixture(scope="module", params=["strict", "landlock"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineProcess]:
    with engine_in(request.param, tmp_path_factory.mktemp("where")) as running:
        yield running


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_every_interpreter_of_this_machine_runs(client: Any, runtime: str) -> None:
    """With its standard library's native modules, which need libraries of its own."""
    found = find(runtime)
    if not isinstance(found, Found) or not found.exact:
        pytest.skip(f"this machine has no {runtime} (pyenv, uv, nvm or Debian can bring it)")
    for _ in range(2):
        name = deploy(
            client, {"app.py": WHERE, "app.js": WHERE_JS}, Runtime=runtime, Timeout=30, MemorySize=512
        )
        answer = call(client, name)
        assert answer.error is None, answer.value
        assert answer.value[0] == os.path.realpath(found.executable)


def test_a_script_may_name_an_interpreter_outside_the_system(client: Any, engine: EngineProcess) -> None:
    name = deploy(client, {"bootstrap": SCRIPT}, Runtime="provided.al2023", Timeout=20, MemorySize=512)
    script, no_site = call(client, name).value
    assert Path(script).name == "bootstrap"
    assert no_site == "1"


def test_a_script_whose_interpreter_is_missing_says_so(client: Any) -> None:
    name = deploy(client, {"bootstrap": "#!/opt/nowhere/bin/x\n"}, Runtime="provided.al2023", Timeout=20)
    answer = call(client, name)
    assert answer.error == "Unhandled"
    assert "bootstrap: No such file or directory" in answer.tail


READS = """#!{shell}
for file in {folder}/secret {folder}/bin/secret {folder}/file; do
  while read -r line; do echo "found $line"; done < "$file"
done
exit 7
"""


@pytest.mark.parametrize("what", ["bin/shell", "file"])
def test_a_script_shows_itself_nothing_by_naming_it(client: Any, what: str) -> None:
    """What it names as its interpreter is chosen by whoever wrote it."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "bin").mkdir()
        shutil.copy("/bin/sh", folder / "bin" / "shell")
        for secret in ("secret", "bin/secret", "file"):
            (folder / secret).write_text("a user's own\n")
        script = READS.format(shell=folder / what, folder=folder)
        for runtime in ("provided.al2023", "provided.al2"):  # the second finds all that the first was shown
            answer = call(client, deploy(client, {"bootstrap": script}, Runtime=runtime, Timeout=20))
            assert answer.error == "Unhandled"
            assert "a user's own" not in answer.tail
            script = READS.format(shell="/bin/sh", folder=folder)
