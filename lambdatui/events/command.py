"""`lambdatui event`: its arguments. What it needs is imported when it is chosen."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdatui.events.printing import Invoke


def add_parser(subparsers: Any) -> None:
    """Add `event`. What follows a sample's name is read later, when the sample is known."""
    parser = subparsers.add_parser(
        "event",
        help="print a sample event of any service that calls Lambda",
        description="Print a sample event. 'lambdatui event SAMPLE --help' shows what can be set.",
    )
    parser.add_argument("--list", action="store_true", help="list the samples")
    parser.add_argument("--json", action="store_true", help="list them as JSON")
    parser.add_argument(
        "--compose",
        nargs=argparse.REMAINDER,
        metavar="SAMPLE",
        help="wrap each event in the next: --compose s3 sns sqs --bucket B",
    )
    sample = parser.add_argument(
        "sample", nargs=argparse.PARSER, help="id of the sample, then its parameters"
    )
    sample.required = False


def run(args: argparse.Namespace, *, invoke: Invoke | None = None) -> int:
    """Do what was asked; the exit code. With `invoke` there is `--invoke FUNCTION`, too."""
    from lambdatui.events import printing

    return printing.run(args, invoke)
