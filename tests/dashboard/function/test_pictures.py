"""How the function screen looks, at three sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dashboard.driver import SIZES
from tests.dashboard.function.busy import full
from tests.dashboard.test_pictures import looks_right, lowest_python_only, no_glow

__all__ = ["lowest_python_only", "no_glow"]  # fixtures

Compare = Callable[..., bool]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_overview(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, full(), "enter", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_settings(snap_compare: Compare, size: tuple[int, int]) -> None:
    keys = ("c", "j", "enter", "ctrl+u", "5", "1", "2", "enter", "G", "x")
    assert looks_right(snap_compare, full(), *keys, size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_diff(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, full(), "enter", "3", "j", "d", "enter", size=size)


def test_a_value_that_is_wrong(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, full(), "c", "j", "enter", "9", size=SIZES["80x24"])


def test_review(snap_compare: Compare) -> None:
    keys = ("c", "j", "enter", "ctrl+u", "5", "1", "2", "enter", "ctrl+s")
    assert looks_right(snap_compare, full(), *keys, size=SIZES["80x24"])


def test_access(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, full(), "enter", "8")


def test_code(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, full(), "enter", "4")
