"""What a run costs, by the list prices."""

from __future__ import annotations

import pytest

from lambdatui.model import Report
from lambdatui.service.cost import AS_OF, of_run


def report(billed_ms: int, memory_mb: int) -> Report:
    return Report("id", billed_ms - 0.5, billed_ms, memory_mb, 41)


@pytest.mark.parametrize(
    ("region", "architecture", "a_million"),
    [
        ("us-east-1", "x86_64", 16.87),  # 1 GB-s at 16.6667, 0.20 for the requests
        ("us-east-1", "arm64", 13.53),
        ("af-south-1", "x86_64", 22.37),
    ],
)
def test_a_second_of_a_gigabyte(region: str, architecture: str, a_million: float) -> None:
    cost = of_run(report(1000, 1024), region=region, architectures=[architecture])
    assert cost is not None
    assert round(cost.a_million, 2) == a_million


def test_what_is_billed_counts_and_the_request_too() -> None:
    cost = of_run(report(1, 128), region="us-east-1")
    assert cost is not None
    assert cost.dollars == pytest.approx(0.0000002 + 0.0000166667 / 8 / 1000)


def test_says_of_when_a_price_is_or_that_nobody_knows() -> None:
    dated, undated = of_run(report(1, 128), region="us-east-1"), of_run(report(1, 128), region="af-south-1")
    assert dated
    assert undated
    assert (dated.as_of, undated.as_of) == (AS_OF, "")


def test_a_region_without_a_known_price_has_no_cost() -> None:
    assert of_run(report(1, 128), region="xx-nowhere-1") is None
