"""Download links: for ten minutes, for one package, made by nobody else."""

from __future__ import annotations

import pytest

from lambdatui.engine.code_links import LIFETIME_S, CodeLinks
from lambdatui.engine.store.blobs import digest


def test_a_link_opens_what_it_was_made_for_until_it_expires() -> None:
    now = 1000.0
    links = CodeLinks(lambda: now)
    sha = digest(b"package")
    token = links.grant(sha)
    assert links.open(token) == sha
    now += LIFETIME_S - 1
    assert links.open(token) == sha
    now += 2
    assert links.open(token) is None


def test_links_of_others_and_changed_ones_open_nothing() -> None:
    links = CodeLinks()
    token = links.grant(digest(b"package"))
    assert CodeLinks().open(token) is None
    for place in (0, 50, len(token) - 1):
        other = "A" if token[place] != "A" else "B"
        assert links.open(token[:place] + other + token[place + 1 :]) is None


@pytest.mark.parametrize("token", ["", "AAAA", "é", "a" * 500, "%%%", "../../etc/passwd"])
def test_rubbish_opens_nothing(token: str) -> None:
    assert CodeLinks().open(token) is None
