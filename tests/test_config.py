"""The config file: what is wrong is said with file, line and the nearest right name."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from lambdatui import config
from lambdatui.model.rules import Rule

IDS = ("invoke", "filter", "publish")
THEMES = ("dark", "light")
CLUSTER = "arn:aws:kafka:us-east-1:000000000000:cluster/name/id"


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert config.load(tmp_path / "none.toml") == config.Config()


def test_everything(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    kafka = f'[kafka]\n"{CLUSTER}" = "localhost:9092,localhost:9093"\n'
    file.write_text(f'theme = "dark"\nproduction = ["*-prod"]\n[keys]\ninvoke = "i,ctrl+j"\n{kafka}')
    found = config.load(file, key_ids=IDS, themes=THEMES)
    rules = (Rule("*-prod", production=True),)
    clusters = {CLUSTER: "localhost:9092,localhost:9093"}
    assert found == config.Config("dark", rules, {"invoke": "i,ctrl+j"}, clusters)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('teme = "dark"', 1, "no setting is called 'teme'; did you mean 'theme'?"),
        ('\ntheme = "dork"', 2, "no theme is called 'dork'; did you mean 'dark'?"),
        ("theme = 7", 1, "must be text in quotes"),
        ('keys = "i"', 1, "must be a table"),
        ('[keys]\n\ninvok = "i"', 3, "no action is called 'invok'; did you mean 'invoke'?"),
        ('[keys]\nzzzzzz = "i"', 2, "there are: filter, invoke, publish"),
        ("[keys]\ninvoke = 1", 2, "must be text in quotes"),
        ('[keys]\ninvoke = "i,"', 2, "names no key"),
        ('production = "x"', 1, "must be a list"),
        ("production = [1]", 1, "must be text in quotes"),
        ("accounts = 1", 1, "must be tables"),
        ('[accounts]\n"*-prod" = 1', 2, "must be a table"),
        ('[accounts."*-prod"]\nreadonly = true', 2, "did you mean 'read-only'?"),
        ('[accounts."*-prod"]\nread-only = "yes"', 2, "must be true or false"),
        ('theme = "dark"\ntheme = \n[keys]', 2, "line 2"),
        ("kafka = 1", 1, "must be a table"),
        ('[kafka]\n"my-cluster" = "localhost:9092"', 2, "'my-cluster' is no ARN of an MSK cluster"),
        (f'[kafka]\n"{CLUSTER}" = "localhost"', 2, "'localhost' names no brokers; write host:port"),
        (f'[kafka]\n"{CLUSTER}" = 9092', 2, "must be text in quotes"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(config.ConfigError) as caught:
        config.load(file, key_ids=IDS, themes=THEMES)
    said = str(caught.value)
    assert said.startswith(str(file))
    assert f"line {line}" in said
    assert words in said


def test_not_text(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xff")
    with pytest.raises(config.ConfigError, match="UTF-8"):
        config.load(file)
    with pytest.raises(config.ConfigError, match="cannot be read"):
        config.load(tmp_path)
    file.write_text("x = " + "[" * 5000)
    with pytest.raises(config.ConfigError, match="recursion"):
        config.load(file)


def test_the_template_is_a_good_file(tmp_path: Path) -> None:
    file = config.create(tmp_path / "new" / "config.toml")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert config.load(file, key_ids=IDS, themes=THEMES) == config.Config()
    file.write_text(re.sub(r"^# (?=\[|[a-z-]+ = )", "", file.read_text(), flags=re.MULTILINE))
    found = config.load(file, key_ids=IDS, themes=THEMES)
    assert found.keys == {"invoke": "i", "filter": "slash,f3"}
    assert [rule.pattern for rule in found.rules] == ["*-prod", "123456789012", "*-prod", "*-dev"]
    with pytest.raises(FileExistsError):
        config.create(file)
