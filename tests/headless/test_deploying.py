"""`lambdatui deploy` and `lambdatui diff`, on a real engine."""

from __future__ import annotations

import io
import json
import shutil
import signal
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.conftest import EngineProcess
from tests.headless.deployed import Run, create, write


def deployed(engine: EngineProcess, name: str) -> list[str]:
    """The files that the engine keeps."""
    location = engine.client("lambda").get_function(FunctionName=name)["Code"]["Location"]
    with urllib.request.urlopen(location, timeout=20) as answer:
        return sorted(zipfile.ZipFile(io.BytesIO(answer.read())).namelist())


def test_deploy_creates_and_updates(run: Run, name: str, folder: Path, engine: EngineProcess) -> None:
    for left_out in (".git/config", "__pycache__/handler.pyc", ".venv/bin/python", "lib/__pycache__/x.pyc"):
        write(folder, left_out, "not code")
    write(folder, "lib/tax.py", "RATE = 19\n")
    code, out, err = create(run, folder, name, "--json")
    assert code == 0, err
    said = json.loads(out)
    assert (said["created"], said["state"], said["handler"]) == (True, "Active", "handler.handler")
    assert deployed(engine, name) == ["handler.py", "lib/tax.py"]
    assert run("invoke", name)[1] == '"one"'

    write(folder, "handler.py", "def handler(event, context):\n    return 'two'\n")
    code, out, err = run("deploy", str(folder), name)
    configuration = engine.client("lambda").get_function_configuration(FunctionName=name)
    assert (code, out) == (0, configuration["CodeSha256"] + "\n")
    assert configuration["LastUpdateStatus"] == "Successful"
    assert f"{name} has new code" in err
    assert run("invoke", name)[1] == '"two"'


def test_deploy_takes_a_zip_and_a_new_handler(run: Run, name: str, folder: Path, tmp_path: Path) -> None:
    assert create(run, folder, name)[0] == 0
    file = tmp_path / "app.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("main.py", "def go(event, context):\n    return 'zipped'\n")
    code, out, _ = create(run, file, name, "--handler", "main.go", "--json")
    said = json.loads(out)
    assert (code, said["created"], said["handler"]) == (0, False, "main.go")
    assert run("invoke", name)[1] == '"zipped"'


def test_deploy_that_makes_no_sense(run: Run, name: str, folder: Path, tmp_path: Path) -> None:
    code, out, err = run("deploy", str(folder), name)
    assert (code, out) == (1, "")
    assert "--create" in err
    broken, empty = tmp_path / "broken.zip", tmp_path / "empty"
    broken.write_bytes(b"PK no zip")
    empty.mkdir()
    why = ((tmp_path / "nowhere", "no file or folder"), (broken, "not a zip"), (empty, "no files"))
    for source, words in why:
        code, out, err = create(run, source, name)
        assert (code, out) == (2, "")
        assert words in err
    code, _, err = run("deploy", str(folder), name, "--create")
    assert code == 2
    assert "--handler and --runtime" in err
    code, _, err = create(run, folder, name, "--runtime", "cobol85")
    assert code == 2
    assert "--runtime cobol85" in err
    assert create(run, folder, f"{name}:1")[0] == 2
    code, _, err = create(run, folder, name, "--read-only")
    assert code == 1
    assert "read-only" in err
    assert run("show", name)[0] == 1, "nothing was created by all that"


@pytest.fixture
def versions(run: Run, name: str, folder: Path, engine: EngineProcess) -> str:
    """A function whose version 1 differs from $LATEST in everything."""
    client = engine.client("lambda")
    write(folder, "old.py", "x = 1\n")
    write(folder, "image.bin", "\0one")
    assert create(run, folder, name)[0] == 0
    variables = {"SAME": "s", "TOKEN": "secret-one", "OLD": "secret-old"}
    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    assert run("publish", name)[0] == 0
    write(folder, "handler.py", "def handler(event, context):\n    return 'two'\n")
    write(folder, "image.bin", "\0two")
    (folder / "old.py").unlink()
    variables = {"SAME": "s", "TOKEN": "secret-two", "NEW": "secret-new"}
    client.update_function_configuration(
        FunctionName=name, MemorySize=256, Environment={"Variables": variables}
    )
    client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    assert run("deploy", str(folder), name)[0] == 0
    return name


def test_diff_says_what_differs(run: Run, versions: str) -> None:
    code, out, err = run("diff", f"{versions}:1", versions)
    assert code == 1, err
    lines = out.splitlines()
    assert lines[:2] == [f"--- {versions}:1", f"+++ {versions}"]
    assert "  Memory: 128 MB -> 256 MB" in lines
    assert {"  TOKEN: changed", "  OLD: removed", "  NEW: added"} < set(lines)
    assert "SAME" not in out
    assert {"-    return 'one'", "+    return 'two'", "-x = 1"} < set(lines)
    assert "Code: handler.py, changed +1 -1" in lines
    assert "Code: image.bin, changed, binary" in lines
    assert "secret" not in out + err


def test_diff_as_json(run: Run, versions: str) -> None:
    code, out, _ = run("diff", versions, f"{versions}:1", "--json")
    said = json.loads(out)
    assert (code, said["same"]) == (1, False)
    assert {"name": "Memory", "before": "256 MB", "after": "128 MB"} in said["settings"]
    assert said["environment"] == [
        {"name": "NEW", "change": "removed"},
        {"name": "OLD", "change": "added"},
        {"name": "TOKEN", "change": "changed"},
    ]
    files = {file["path"]: file for file in said["code"]["files"]}
    assert {path: file["change"] for path, file in files.items()} == {
        "handler.py": "changed",
        "image.bin": "changed",
        "old.py": "added",
    }
    assert "+    return 'one'" in files["handler.py"]["diff"]
    assert "secret" not in out


def test_diff_of_what_is_the_same(run: Run, name: str, folder: Path) -> None:
    assert create(run, folder, name)[0] == 0
    assert create(run, folder, f"{name}-2")[0] == 0
    for left, right in ((name, f"{name}:$LATEST"), (name, f"{name}-2")):
        code, out, err = run("diff", left, right)
        assert (code, out, err) == (0, "", "Nothing differs.\n")
    code, out, _ = run("diff", name, name, "--json")
    assert (code, json.loads(out)["same"]) == (0, True)


def test_diff_of_what_is_not_there_is_trouble(run: Run, name: str, folder: Path) -> None:
    assert create(run, folder, name)[0] == 0
    for right in (f"{name}:7", "nobody", ":1"):
        code, out, err = run("diff", name, right)
        assert (code, out) == (2, "")
        assert err


def test_deploy_watch_sends_what_is_saved(
    name: str, folder: Path, engine: EngineProcess, run: Run, tmp_path: Path
) -> None:
    create(run, folder, name)
    command = [sys.executable, "-m", "lambdatui", "deploy", str(folder), name, "--watch", "--json"]
    watching = subprocess.Popen(
        [*command, "--local", "--data-dir", str(engine.data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert watching.stderr is not None
        assert watching.stdout is not None
        while "watching" not in (said := watching.stderr.readline()):
            assert said, "it ended before it watched"
        write(folder, "extra.py", "x = 1\n")
        write(folder, ".git/HEAD", "ref: refs/heads/main\n")
        while not (line := watching.stdout.readline()).startswith('{"at"'):
            assert line, "it ended before it deployed"
        told = json.loads(line)
        assert told["problem"] is None
        assert told["size"] > 0
        assert deployed(engine, name) == ["extra.py", "handler.py"]
        shutil.rmtree(folder)
        assert "There is no file or folder" in json.loads(watching.stdout.readline())["problem"]
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 130
    finally:
        watching.kill()
        watching.communicate()
