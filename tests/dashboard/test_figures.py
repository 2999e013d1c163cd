"""Small drawings and figures as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lambdatui.dashboard.widgets.figures import ago, bar, duration_text, size_text, sparkline
from lambdatui.dashboard.widgets.signs import ASCII, UNICODE, signs_for
from lambdatui.dashboard.widgets.spans import cells, clip, clip_spans

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("share", "drawn"),
    [
        (0.0, "░░░░░░░░░░"),
        (0.001, "▓░░░░░░░░░"),
        (0.1, "▓░░░░░░░░░"),
        (0.5, "▓▓▓▓▓░░░░░"),
        (0.9, "▓▓▓▓▓▓▓▓▓░"),
        (0.999, "▓▓▓▓▓▓▓▓▓░"),
        (1.0, "▓▓▓▓▓▓▓▓▓▓"),
        (7.0, "▓▓▓▓▓▓▓▓▓▓"),
    ],
)
def test_a_bar_is_empty_or_full_only_when_it_is(share: float, drawn: str) -> None:
    assert bar(share, 10, signs=UNICODE) == drawn
    assert bar(share, 10, from_right=True, signs=UNICODE) == drawn[::-1]


def test_a_sparkline_shows_the_newest_values_and_gaps() -> None:
    assert sparkline([0, 1, 2, 4, 8], 5, signs=UNICODE) == "▁▂▃▅█"
    assert sparkline([9, 9, 1, None, 2], 3, signs=UNICODE) == "▅ █"
    assert sparkline([3], 3, signs=UNICODE) == "  █"
    assert sparkline([0, 0], 2, signs=UNICODE) == "▁▁"
    assert sparkline([], 2, signs=UNICODE) == "  "
    assert sparkline([0, 1, 2], 3, signs=ASCII).isascii()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "now"),
        (5, "5 s ago"),
        (59.9, "59 s ago"),
        (150, "2 min ago"),
        (3600, "1 h ago"),
        (2 * 86_400 + 5, "2 d ago"),
        (400 * 86_400, "1 y ago"),
        (-300, "in 5 min"),
    ],
)
def test_times_are_told_from_now(seconds: float, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (17, "17 B"),
        (1023, "1023 B"),
        (1024, "1 KB"),
        (1229, "1.2 KB"),
        (1024**2 - 1, "1 MB"),
        (6 * 1024**2, "6 MB"),
        (250.4 * 1024**2, "250 MB"),
        (75 * 1024**3, "75 GB"),
        (3000 * 1024**3, "3000 GB"),
    ],
)
def test_sizes_are_counted_as_aws_does(count: float, words: str) -> None:
    assert size_text(count) == words


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 ms"),
        (0.42, "0.4 ms"),
        (12.3, "12 ms"),
        (999.7, "1.00 s"),
        (1240, "1.24 s"),
        (12_340, "12.3 s"),
        (60_000, "1 min"),
        (125_000, "2 min 5 s"),
        (900_000, "15 min"),
        (3_660_000, "1 h 1 min"),
    ],
)
def test_durations_have_the_unit_that_fits(ms: float, words: str) -> None:
    assert duration_text(ms) == words


@pytest.mark.parametrize("text", ["short", "a-rather-long-name", "日本語の関数の名前", "x日y本z語"])
@pytest.mark.parametrize("width", range(1, 20))
@pytest.mark.parametrize("middle", [True, False])
def test_clipped_text_fits_and_keeps_what_fits(text: str, width: int, middle: bool) -> None:
    clipped = clip(text, width, middle=middle)
    assert cells(clipped) <= width
    assert clipped == text or "…" in clipped
    assert (clipped == text) == (cells(text) <= width)


def test_clipped_spans_fit() -> None:
    spans = [("one", "ok"), ("two", ""), ("three", "fail")]
    assert clip_spans(spans, 11) == spans
    assert clip_spans(spans, 8) == [("one", "ok"), ("two", ""), ("t…", "fail")]
    assert clip_spans(spans, 6) == [("one", "ok"), ("tw…", "")]
    assert clip_spans(spans, 2) == [("o…", "ok")]


def test_signs_follow_the_locale() -> None:
    assert signs_for({"LANG": "en_GB.UTF-8"}) is UNICODE
    assert signs_for({"LANG": "en_GB.UTF-8", "LC_ALL": "C"}) is ASCII
    assert signs_for({"LC_CTYPE": "de_DE.utf8", "LANG": "C"}) is UNICODE
    assert signs_for({}) is ASCII
    assert signs_for({"LANG": "en_GB.UTF-8", "TERM": "linux"}) is ASCII
    for name in ASCII.__slots__:
        assert getattr(ASCII, name).isascii(), name
        assert len(getattr(ASCII, name)) == len(getattr(UNICODE, name)), name
