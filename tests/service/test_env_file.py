"""``.env`` files: what people write in them, and that nothing is lost on the way there and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdatui.service import env_file
from lambdatui.service.errors import Invalid

NAMES = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{1,20}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\n\t\"'\\$#= "))


@given(st.dictionaries(NAMES, VALUES))
def test_what_is_written_is_read_again(variables: dict[str, str]) -> None:
    assert env_file.parse(env_file.render(variables)) == variables


def test_what_people_write() -> None:
    text = """
# comment
export A_NAME=plain # and why
QUOTED="with # and \\n and \\" in it"  # why
SINGLE='as $it is \\n'
EMPTY=
SPACED = around
LONG="first
second"
URL=https://example.com/?a=b&c=d
"""
    assert env_file.parse(text) == {
        "A_NAME": "plain",
        "QUOTED": 'with # and \n and " in it',
        "SINGLE": "as $it is \\n",
        "EMPTY": "",
        "SPACED": "around",
        "LONG": "first\nsecond",
        "URL": "https://example.com/?a=b&c=d",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A=1\nno sense", "Line 2 is not NAME=value"),
        ('A="open', "The quotes that line 1 opens"),
        ('A="a" b', "Line 1 has something after"),
    ],
)
def test_what_cannot_be_read_names_the_line(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        env_file.parse(text)


def test_what_cannot_be_read_is_not_said_aloud() -> None:
    with pytest.raises(Invalid) as refused:
        env_file.parse("A=1\nMY-KEY=hunter2")
    assert "hunter2" not in str(refused.value)


def test_a_file_is_for_its_owner_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.env"
    env_file.write(path, {"A_B": "1"})
    assert (path.stat().st_mode & 0o777, env_file.read(path)) == (0o600, {"A_B": "1"})
    with pytest.raises(Invalid, match="exists already"):
        env_file.write(path, {})
    with pytest.raises(Invalid, match="cannot be read"):
        env_file.read(tmp_path / "none.env")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match="not a text file"):
        env_file.read(tmp_path / "binary")
