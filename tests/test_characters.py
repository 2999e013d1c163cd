"""What a terminal without Unicode shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lambdatui.characters import charset, fitting
from lambdatui.dashboard.widgets.signs import UNICODE


@pytest.mark.parametrize(
    ("environ", "known"),
    [
        ({"LANG": "en_GB.UTF-8"}, "utf-8"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "C"}, "ascii"),
        ({"LC_CTYPE": "C.UTF-8", "TERM": "xterm"}, "utf-8"),
        ({"LANG": "en_GB.UTF-8", "TERM": "linux"}, "cp437"),
        ({"LC_ALL": "POSIX", "TERM": "linux"}, "ascii"),
        ({}, "ascii"),
        ({"TERM_PROGRAM": "any"}, "utf-8"),
    ],
)
def test_the_locale_and_the_terminal_decide(environ: dict[str, str], known: str) -> None:
    assert charset(environ) == known


def test_frames_signs_and_letters_have_stand_ins() -> None:
    assert fitting("╭─ λ größer ✓ ─╮ 日本 “x”", "ascii") == '+- L gro?er + -+ ???? "x"'
    assert fitting("╭─ größer ▓░ ─╮ ✓", "cp437") == "┌─ größer ▓░ ─┐ +"
    assert fitting("╭─ größer ─╮", "utf-8") == "╭─ größer ─╮"
    drawn = "".join(getattr(UNICODE, name) for name in UNICODE.__slots__) + "╭╮╰╯─│├┤┬┴┼╷╶╵╴▌▔▕×µ“”"
    assert "?" not in fitting(drawn, "ascii")


@given(st.text(), st.sampled_from(["ascii", "cp437"]))
def test_whatever_comes_can_be_written(text: str, known: str) -> None:
    shown = fitting(text, known)
    assert shown.encode(known).decode(known) == shown


@given(st.text("─│╭╮╰╯▓░…·→äöüß日本語ﾊﾝ"))
def test_nothing_moves(text: str) -> None:
    assert len(fitting(text, "ascii")) == cell_len(text)
