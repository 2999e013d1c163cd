"""The boto3 that Python handlers find."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from lambdatui.engine.runtimes.interpreters import Found, find
from lambdatui.engine.runtimes.packages import Packages
from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, log_lines

IMPORTS = (
    "import boto3\ndef handler(event, context): return boto3.client('s3').meta.service_model.service_id\n"
)


@pytest.mark.parametrize("runtime", ["python3.10", "python3.11", "python3.12", "python3.13"])
def test_every_python_has_boto3(client: Any, runtime: str) -> None:
    answer = call(client, deploy(client, IMPORTS, Runtime=runtime, Timeout=30))
    assert answer.error is None, answer.body
    assert answer.value == "S3"


def test_nothing_else_of_the_engines_packages_is_there(client: Any) -> None:
    code = "import httptools\ndef handler(event, context): pass\n"
    answer = call(client, deploy(client, code))
    assert answer.value["errorType"] == "Runtime.ImportModuleError"


def test_a_python_too_old_for_boto3_is_told_so(client: Any, engine: EngineProcess) -> None:
    found = find("python3.8")
    if not (isinstance(found, Found) and found.exact):
        pytest.skip("there is no Python 3.8 on this machine")
    name = deploy(client, "def handler(event, context): return 1\n", Runtime="python3.8")
    assert call(client, name).value == 1
    lines = log_lines(engine.client("logs"), name)
    assert any("does not run on Python 3.8" in line for line in lines)


def test_a_function_may_bring_a_boto3_of_its_own(client: Any) -> None:
    files = {
        "app.py": "import boto3\ndef handler(event, context): return boto3.mine\n",
        "boto3.py": "mine = 'own'\n",
    }
    assert call(client, deploy(client, files)).value == "own"


def test_the_folder_holds_links_and_is_made_once(tmp_path: Any) -> None:
    packages = Packages(tmp_path)
    packages.lay_out()
    module = packages.folder / "boto3" / "session.py"
    source = next(source for source in packages.sources if source.name == "boto3") / "session.py"
    assert module.samefile(source)  # nothing is stored twice
    assert (packages.folder / "botocore" / "data").is_dir()
    inode = packages.folder.stat().st_ino
    Packages(tmp_path).lay_out()
    assert packages.folder.stat().st_ino == inode
    assert list(tmp_path.iterdir()) == [packages.folder]
    python = shutil.which("python3")
    assert python
    command = packages.compiling(python)
    assert command
    assert str(packages.folder) in command.argv
    assert packages.compiling(python) is None
