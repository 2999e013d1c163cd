"""What a run costs on AWS, by AWS's list prices on demand, without free tier, discounts and taxes.

The figures of the REPORT line are what AWS bills: since August 2025 they hold the init of a cold start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lambdatui.model.invocation import Report

AS_OF = "2026-09-01"
"""When the prices of the regions in ``_DATED`` held; those of the others come from a copy without a date."""

_DATED = frozenset(("ap-northeast-1", "us-east-1", "us-east-2", "us-west-1"))

# US dollars for a million requests, then for a million GB-seconds on x86_64 and on arm64 (first tier).
_PRICES: dict[str, tuple[float, float, float]] = {
    "af-south-1": (0.27, 22.1000, 17.6800),
    "ap-east-1": (0.28, 22.9200, 18.3000),
    "ap-northeast-1": (0.20, 16.6667, 13.3334),
    "ap-northeast-2": (0.20, 16.6667, 13.3334),
    "ap-northeast-3": (0.20, 16.6667, 13.3334),
    "ap-south-1": (0.20, 16.6667, 13.3334),
    "ap-southeast-1": (0.20, 16.6667, 13.3334),
    "ap-southeast-2": (0.20, 16.6667, 13.3334),
    "ap-southeast-4": (0.20, 16.6667, 13.3334),
    "ap-southeast-5": (0.18, 15.0000, 12.0000),
    "ca-central-1": (0.20, 16.6667, 13.3334),
    "eu-central-1": (0.20, 16.6667, 13.3334),
    "eu-central-2": (0.22, 18.3334, 14.6667),
    "eu-north-1": (0.20, 16.6667, 13.3334),
    "eu-south-1": (0.23, 19.5172, 15.6138),
    "eu-west-1": (0.20, 16.6667, 13.3334),
    "eu-west-2": (0.20, 16.6667, 13.3334),
    "eu-west-3": (0.20, 16.6667, 13.3334),
    "me-south-1": (0.25, 20.6667, 16.5334),
    "sa-east-1": (0.20, 16.6667, 13.3334),
    "us-east-1": (0.20, 16.6667, 13.3334),
    "us-east-2": (0.20, 16.6667, 13.3334),
    "us-west-1": (0.20, 16.6667, 13.3334),
    "us-west-2": (0.20, 16.6667, 13.3334),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """The price of one run."""

    dollars: float
    as_of: str  # empty when nobody knows of when the price is

    @property
    def a_million(self) -> float:
        """What a million runs like it cost."""
        return self.dollars * 1_000_000


def of_run(report: Report, *, region: str, architectures: Sequence[str] = ()) -> Cost | None:
    """What a run with these figures costs; None for a region whose prices are not known."""
    prices = _PRICES.get(region)
    if prices is None:
        return None
    request, x86, arm = prices
    gb_seconds = report.memory_mb / 1024 * report.billed_ms / 1000
    dollars = (request + gb_seconds * (arm if "arm64" in architectures else x86)) / 1_000_000
    return Cost(dollars, AS_OF if region in _DATED else "")
