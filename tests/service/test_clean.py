"""Hostile text becomes harmless, plain text stays as it is."""

from __future__ import annotations

import pytest

from lambdatui.service.clean import clean, clean_bytes, clean_line, mask


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain text, ünïcode, 日本, ✓", "plain text, ünïcode, 日本, ✓"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("a\x1b]52;c;cm0gLXJm\x07b", "ab"),
        ("a\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("a\x9d52;c;cm0=\x9cb", "ab"),
        ("a\x1bP1$r0m\x1b\\b", "ab"),
        ("never ended \x1b]52;c;cm0gLXJm", "never ended "),
        ("never ended \x1b]0;title\nnext line", "never ended \nnext line"),
        ("\x1bc\x1b(0\x1b7reset", "reset"),
        ("cursor\x1b[2J\x1b[1;1H\x1b[?1049h", "cursor"),
        ("a lone \x1b", "a lone ␛"),
        ("bell\x07 back\x08 nul\x00 del\x7f", "bell␇ back␈ nul␀ del␡"),
        ("over\rwritten", "over␍written"),
        ("dos\r\nlines", "dos\nlines"),
        ("tabs\tand\nlines stay", "tabs\tand\nlines stay"),
        ("c1 \x85\x84", "c1 \\u0085\\u0084"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("\u2066isolated\u2069", "\\u2066isolated\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("lone \ud800 half", "lone \\ud800 half"),
        ("two\u2028lines", "two\\u2028lines"),
        ("family 👩\u200d👧 stays", "family 👩\u200d👧 stays"),
        ("no\xa0break stays", "no\xa0break stays"),
    ],
)
def test_clean(text: str, safe: str) -> None:
    assert clean(text) == safe
    assert clean(safe) == safe


def test_no_control_character_survives() -> None:
    every = "".join(map(chr, range(0x110000)))
    left = clean("x".join(every))
    assert {sign for sign in left if ord(sign) < 0x20 or 0x7F <= ord(sign) < 0xA0} == {"\n", "\t"}


def test_a_cell_has_one_line() -> None:
    assert clean_line("two\nlines\tand a tab") == "two␊lines␉and a tab"


def test_bodies() -> None:
    assert clean_bytes(b'{\n\t"a": 1\n}') == '{\n\t"a": 1\n}'
    assert clean_bytes(b"\x1b[31mred") == "red"
    assert clean_bytes("grün".encode()) == "grün"
    assert clean_bytes(b"\xff\xfe") == "\ufffd\ufffd"


def test_secrets_are_masked() -> None:
    echoed = (
        "host:x x-amz-security-token:IQoJb3JpZ2luX2VjE== AKIAIOSFODNN7EXAMPLE aws_secret_access_key=wJalr"
    )
    assert mask(echoed) == "host:x x-amz-security-token:**** **** aws_secret_access_key=****"
