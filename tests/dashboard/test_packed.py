"""Long lists in little room answer as lists do."""

from __future__ import annotations

import random
import sys
import tracemalloc
from dataclasses import dataclass

import pytest

from lambdatui.dashboard.widgets.needle import Needle
from lambdatui.dashboard.widgets.packed import SIZE, Packed, Texts
from lambdatui.model import LogEvent, LogKind


@dataclass(frozen=True, slots=True)
class Item:
    number: int
    text: str


def item(number: int) -> Item:
    return Item(number, f"Order {number:05d} {'paid' if number % 7 else 'REFUSED'}")


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_list_that_it_stands_for(seed: int) -> None:
    choose = random.Random(seed)
    packed: Packed[Item] = Packed()
    texts, number = Texts(), 0
    plain: list[Item] = []
    for _ in range(12):
        count = choose.choice([1, 3, 400, SIZE, 2 * SIZE + 1])
        more = [item(number + at) for at in range(count)]
        number += count
        packed.extend(more)
        texts.extend(each.text for each in more)
        plain += more
        gone = choose.choice([0, 0, 1, 250, SIZE, 3 * SIZE])
        gone = min(gone, len(plain))
        packed.drop(gone)
        texts.drop(gone)
        del plain[:gone]
        assert len(packed) == len(texts) == len(plain)
        for at in choose.sample(range(len(plain)), min(20, len(plain))):
            assert (packed[at], texts[at]) == (plain[at], plain[at].text)
        for needle in (Needle("paid"), Needle("REFUSED"), Needle("refused"), Needle(r"0{3}\d", regex=True)):
            expected = [at for at, each in enumerate(plain) if needle.found_in(each.text)]
            assert texts.keep(needle) == expected
            among = sorted(choose.sample(range(len(plain)), len(plain) // choose.choice([2, 40])))
            inside = set(among)
            assert texts.keep(needle, among) == [at for at in expected if at in inside]
    assert list(packed) == plain


def test_a_capacity_lets_the_oldest_go() -> None:
    packed: Packed[int] = Packed(2500)
    packed.extend(range(10_000))
    packed.extend(range(10_000, 10_010))
    assert list(packed) == list(range(7510, 10_010))
    with pytest.raises(IndexError):
        packed[2500]
    assert packed[-3:] == [10_007, 10_008, 10_009]


def test_events_come_back_as_they_were_and_take_little_room() -> None:
    def events() -> list[LogEvent]:
        text = "INFO     charging card for order {} at the gateway, attempt 1 of 3, request 7c1e22b0"
        return [LogEvent(at, text.format(at), "s", str(at), LogKind.OUTPUT, "r") for at in range(20_000)]

    packed: Packed[LogEvent] = Packed()
    tracemalloc.start()
    try:
        packed.extend(events())
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert list(packed) == events()
    assert packed[3].kind is LogKind.OUTPUT
    assert kept < 20_000 * 60, f"{kept / 20_000:.0f} bytes each, {sys.version}"
