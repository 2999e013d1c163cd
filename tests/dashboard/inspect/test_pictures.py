"""How the inspection screens look, at three sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dashboard.driver import SIZES
from tests.dashboard.inspect.inside import engine
from tests.dashboard.test_pictures import looks_right, lowest_python_only, no_glow

__all__ = ["lowest_python_only", "no_glow"]  # fixtures

Compare = Callable[..., bool]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_environments(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, engine()[0], "V", "j", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_queue(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, engine()[0], "Q", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_faults(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, engine()[0], "F", "j", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_concurrency(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, engine()[0], "K", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_layers(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, engine()[0], "L", size=size)


def test_what_if(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, engine()[0], "K", "enter", "backspace")


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_sources(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, engine()[0], "S", "j", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_filter_tester(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, engine()[0], "S", "e", size=size)


def test_replay(snap_compare: Compare) -> None:
    assert looks_right(snap_compare, engine()[0], "Q", "e")
