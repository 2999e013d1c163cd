"""How the services beside Lambda look, at three sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dashboard.driver import SIZES
from tests.dashboard.inspect.beside import beside
from tests.dashboard.inspect.failed import failing
from tests.dashboard.inspect.inside import engine
from tests.dashboard.test_pictures import looks_right, lowest_python_only, no_glow

__all__ = ["lowest_python_only", "no_glow"]  # fixtures

Compare = Callable[..., bool]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_neighbours(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, beside()[0], "B", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_inside(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, beside()[0], "B", "enter", "enter", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_putting(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, beside()[0], "B", "j", "j", "j", "i", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_dead_letter_queues(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, failing()[0], "D", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_dead_letters(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, failing()[0], "D", "enter", "j", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_redrive(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, failing()[0], "D", "enter", "A", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_event(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, engine()[0], "Q", "enter", size=size)
