"""`lambdatui route`: functions in a browser, from the command line to the answer."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from lambdatui import cli
from tests.conftest import EngineProcess
from tests.engine.deploying import deploy
from tests.engine.web_client import HANDLER


def test_a_route_from_its_beginning_to_its_end(
    engine: EngineProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deploy(engine.client("lambda"), HANDLER)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(["route", *arguments, "--data-dir", str(engine.data_dir)])
        said = capsys.readouterr()
        return code, said.out, said.err

    code, out, err = run("add", "/shop/{proxy+}", function, "--as", "rest")
    assert code == 0
    assert "REST API" in err
    base, _, path = out.strip().partition("/shop/")
    assert path == "{proxy+}"
    with urllib.request.urlopen(f"{base}/shop/a/b", timeout=20) as answer:
        assert json.load(answer)["pathParameters"] == {"proxy": "a/b"}
    code, out, _ = run("list", "--json")
    assert code == 0
    mine = [route for route in json.loads(out) if route["function"] == function]
    assert mine == [
        {"path": "/shop/{proxy+}", "function": function, "kind": "rest", "url": f"{base}/shop/{{proxy+}}"}
    ]
    code, out, _ = run("list")
    assert ["/shop/{proxy+}", function, "rest", f"{base}/shop/{{proxy+}}"] in [
        line.split() for line in out.splitlines()
    ]
    assert run("remove", "/shop/{proxy+}")[0] == 0
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{base}/shop/a/b", timeout=20)
    code, _, err = run("remove", "/shop/{proxy+}")
    assert (code, "There is no route /shop/{proxy+}." in err) == (1, True)
    code, _, err = run("add", "no-slash", function)
    assert (code, "begins with /" in err) == (1, True)


def test_what_makes_no_sense(engine: EngineProcess, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["route"], ["route", "add", "/x"], ["route", "add", "/x", "f", "--as", "soap"]):
        assert cli.main(arguments) == 2
    elsewhere = ["--endpoint-url", engine.url, "--region", "us-east-1"]
    assert cli.main(["route", "list", *elsewhere]) in (2, 3)
    assert "lambdatui: " in capsys.readouterr().err
