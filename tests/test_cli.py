"""The command line: what it accepts, which target it means, what it imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lambdatui import choice, cli
from lambdatui.model import TargetKind
from lambdatui.service import TargetSpec, last
from tests.conftest import EngineProcess

LOCAL, AWS = TargetKind.LOCAL, TargetKind.AWS


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any AWS setup."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LAMBDATUI_HOME", str(tmp_path / "home"))
    return tmp_path


def lambdatui(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lambdatui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_help_and_version() -> None:
    said = lambdatui("--help")
    assert said.returncode == 0
    words = "engine env doctor ls show invoke burst compare publish alias shift diff deploy tail route event"
    for command in [*words.split(), "config"]:
        assert f"\n    {command} " in said.stdout
    assert lambdatui("--version").stdout.startswith("lambdatui 0.")


def ended(command: str, **environ: str) -> tuple[int, bytes]:
    """The exit code and what was said of a command of the shell, where `lambdatui` is this one."""
    shell = ["sh", "-c", f'lambdatui() {{ "$0" -m lambdatui "$@"; }}; {command}', sys.executable]
    done = subprocess.run(
        shell, stderr=subprocess.PIPE, timeout=60, env={**os.environ, **environ}, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", ["event sqs", "config path"])
def test_an_output_that_is_full_is_said(command: str) -> None:
    code, said = ended(f"lambdatui {command} > /dev/full")
    assert (code, said) == (1, b"lambdatui: the output cannot be written: No space left on device\n")


def test_an_output_that_is_closed_or_goes_is_no_failure() -> None:
    assert ended("lambdatui event sqs >&-") == (0, b"")
    assert ended("lambdatui event sqs 2>&-")[0] == 0
    assert ended("lambdatui event | head -c 1") == (0, b"")


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("command", ["--help", "engine --help", "doctor", "event sqs"])
def test_a_terminal_without_umlauts_is_served(command: str) -> None:
    assert ended(f"lambdatui {command} > /dev/null", **ASCII) == (0, b"")


def test_arguments_that_are_no_text(engine: EngineProcess) -> None:
    here = f"--data-dir '{engine.data_dir}'"
    code, said = ended(f"lambdatui show $(printf 'f\\377') {here}")
    assert (code, b"Traceback" in said) == (2, False)
    assert b"LC_ALL=C.UTF-8" in said
    code, said = ended(f"""lambdatui invoke nobody '{{"a": "\u00fc"}}' {here}""", **ASCII)
    assert (code, b"nobody is not there" in said) == (1, True)


@pytest.mark.parametrize("endpoint", ["nonsense", "http://[::1", "http://127.0.0.1:99999", "http://x:y"])
def test_an_endpoint_that_is_none(endpoint: str) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}
    code, said = ended(f"lambdatui ls --region us-east-1 --endpoint-url '{endpoint}'", **keys)
    assert (code, b"Traceback" in said) == (1, False)
    assert b"An endpoint looks like http://127.0.0.1:4574." in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["nonsense"],
        ["invoke"],
        ["--local", "--profile", "p"],
        ["ls", "--local", "--endpoint-url", "http://x"],
        ["--demo", "--data-dir", "d"],
        ["--local", "engine"],
        ["tail", "f", "--since", "soon"],
        ["diff", "f"],
        ["deploy", "folder"],
        ["event", "no-such-sample"],
        ["alias", "f", "a", "1", "--also", "2"],
        ["engine", "--port", "x"],
        ["config", "nonsense"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err


@pytest.mark.parametrize(
    ("arguments", "spec"),
    [
        ([], TargetSpec(LOCAL)),
        (["--local"], TargetSpec(LOCAL)),
        (["--local", "--region", "eu-west-1"], TargetSpec(LOCAL, region="eu-west-1")),
        (["--data-dir", "d", "--read-only"], TargetSpec(LOCAL, data_dir=Path("d"), read_only=True)),
        (["--demo"], TargetSpec(LOCAL, demo=True)),
        (["--profile", "p"], TargetSpec(AWS, profile="p")),
        (["--endpoint-url", "http://x"], TargetSpec(AWS, endpoint="http://x")),
    ],
)
def test_the_dashboard_gets_what_was_asked_for(
    arguments: list[str], spec: TargetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def run(spec: TargetSpec, **settings: object) -> int:
        seen.extend((spec, settings))
        return 0

    monkeypatch.setattr("lambdatui.dashboard.app.run", run)
    monkeypatch.setattr(cli, "_no_terminal", lambda: "")
    assert cli.main([*arguments, "--theme", "light"]) == 0
    assert seen == [spec, {"theme": "light", "keymap": {}, "frame": ()}]


def test_without_a_terminal_nothing_is_drawn_and_nothing_hangs() -> None:
    command = [sys.executable, "-m", "lambdatui", "--local"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "needs a terminal" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_broken_config_file_is_said_before_anything_is_drawn(
    own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = own_home / "home" / "config" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("teme = 1")
    assert cli.main([]) == 2
    assert f"{file}, line 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variables", "files", "kind"),
    [
        ({}, {}, LOCAL),
        ({"AWS_ACCESS_KEY_ID": "x"}, {}, AWS),
        ({"AWS_PROFILE": "x"}, {}, AWS),
        ({}, {"credentials": "[default]\naws_access_key_id = x\n"}, AWS),
        ({}, {"credentials": "[other]\naws_access_key_id = x\n"}, LOCAL),
        ({}, {"config": "[default]\nregion = eu-west-1\n"}, LOCAL),
        ({}, {"config": "[default]\nsso_session = corp\n"}, AWS),
        ({}, {"config": "[default]\nrole_arn = arn\n"}, AWS),
        ({}, {"config": "what is this"}, AWS),
        ({"AWS_CONFIG_FILE": "/nowhere"}, {"config": "[default]\nsso_session = corp\n"}, LOCAL),
    ],
)
def test_aws_is_meant_when_credentials_are_likely(
    variables: dict[str, str],
    files: dict[str, str],
    kind: TargetKind,
    own_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (own_home / ".aws").mkdir()
    for name, text in files.items():
        (own_home / ".aws" / name).write_text(text)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    assert choice.target(None, region=None, read_only=False) == TargetSpec(kind)


def test_the_last_target_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    last.save(TargetSpec(AWS, profile="acme", region="eu-west-1", read_only=True))
    assert choice.target(None, region=None, read_only=False) == TargetSpec(
        AWS, profile="acme", region="eu-west-1"
    )
    assert choice.target(None, region="us-west-2", read_only=True) == TargetSpec(
        AWS, profile="acme", region="us-west-2", read_only=True
    )
    asked = TargetSpec(LOCAL)
    assert choice.target(asked, region=None, read_only=False) == asked
    last.save(TargetSpec(LOCAL, data_dir=Path("/some/where")))
    assert choice.target(None, region=None, read_only=False) == TargetSpec(
        LOCAL, data_dir=Path("/some/where")
    )


def test_a_damaged_memory_means_nothing(own_home: Path) -> None:
    file = own_home / "home" / "state" / "target.json"
    file.parent.mkdir(parents=True)
    for text in ("", "[]", '{"kind": "moon"}', "{}"):
        file.write_text(text)
        assert choice.target(None, region=None, read_only=False) == TargetSpec(LOCAL)


def test_env_without_an_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["env"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no engine runs" in captured.err


def test_env_prints_what_clients_need(engine: EngineProcess, capsys: pytest.CaptureFixture[str]) -> None:
    expected = {
        "AWS_ENDPOINT_URL": engine.url,
        "AWS_ACCESS_KEY_ID": engine.access_key,
        "AWS_SECRET_ACCESS_KEY": engine.secret_key,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    folder = str(engine.data_dir)
    assert cli.main(["env", "--data-dir", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == expected

    assert cli.main(["env", "--data-dir", folder]) == 0
    exports = capsys.readouterr().out
    shell = subprocess.run(
        ["sh", "-c", f"{exports}\nenv"], capture_output=True, text=True, check=True, timeout=20
    ).stdout
    assert set(shell.splitlines()) >= {f"{name}={value}" for name, value in expected.items()}


def test_env_imports_no_aws_library(engine: EngineProcess) -> None:
    script = (
        "import sys; from lambdatui.cli import main;"
        f"code = main(['env', '--data-dir', {str(engine.data_dir)!r}]);"
        "heavy = {'botocore', 'aiobotocore', 'asyncio', 'textual', 'lambdatui.engine', 'lambdatui.service'};"
        "sys.exit(f'{code} {heavy & set(sys.modules)}' if code or heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_shell_that_took_over_env_means_the_local_engine(
    engine: EngineProcess, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_home / "home" / "data").mkdir(parents=True)
    (own_home / "home" / "data" / "engine").symlink_to(engine.data_dir)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", engine.access_key)
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.url)
    assert choice.target(None, region=None, read_only=False) == TargetSpec(LOCAL)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert choice.target(None, region=None, read_only=False) == TargetSpec(AWS)


def test_config_commands(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = own_home / "home" / "config" / "config.toml"
    assert cli.main(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    assert cli.main(["config", "validate"]) == 0
    assert "does not exist" in capsys.readouterr().out
    assert cli.main(["config", "init"]) == 0
    assert cli.main(["config", "init"]) == 1
    assert "left alone" in capsys.readouterr().err
    assert cli.main(["config", "validate"]) == 0
    file.write_text('theme = "drak"\n')
    assert cli.main(["config", "validate"]) == 1
    assert "did you mean 'dark'?" in capsys.readouterr().err
    file.write_text('[keys]\ninvoc = "i"\n')
    assert cli.main(["config", "validate"]) == 1
    assert "did you mean 'invoke'?" in capsys.readouterr().err
