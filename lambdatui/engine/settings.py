"""What the engine can be told: the options of its command line."""

from __future__ import annotations

import argparse
import importlib.metadata
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lambdatui.model.brokers import mistake

DEFAULT_PORT = 4574
HOST = "127.0.0.1"
DEFAULT_ACCOUNT = "000000000000"
DEFAULT_REGION = "us-east-1"
MAX_REQUEST = 70_167_211  # bytes of a request's body, AWS's own limit
LEASE_TTL = 15.0
LEASE_GRACE = 60.0  # a leased engine stops when for so long nobody holds a lease or asked anything

ISOLATION_TIERS = ("auto", "strict", "landlock", "process")


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """One field per option of `lambdatui engine`."""

    port: int = DEFAULT_PORT
    url_port: int | None = None
    """Of function URLs and local routes. None: the one after `port`, or any free one."""
    data_dir: Path | None = None
    """None: the user's own data folder, or a throw-away one with `memory`."""
    memory: bool = False
    unsigned: bool = False
    clock: str = "real"
    isolation: str = "auto"
    vpc_network: str = "machine"
    """What functions in a VPC reach: the machine's network, or none but the engine."""
    settle: float = 0.5
    retry_delay: float = 60.0
    session: float = 12 * 3600.0
    """Seconds that the keys of an environment are good; it is replaced before."""
    strict: bool = False
    lease: bool = False
    demo: bool = False
    neighbours: str = "built-in"
    """built-in, off, or the URL of somebody else's."""
    consume: bool = False
    """Mappings may take messages out of queues that are AWS's own."""
    kafka: tuple[tuple[str, str], ...] = ()
    """MSK clusters that no neighbour knows: the ARN, and its brokers as host:port with commas between."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the engine's options on `parser`."""
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        metavar="N",
        help="0 takes any free port (default: %(default)s)",
    )
    parser.add_argument(
        "--url-port",
        type=_port,
        metavar="N",
        help="where function URLs and local routes answer (default: the port after --port, if it is free)",
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--data-dir", type=Path, metavar="DIR", help="where functions, code and logs are kept")
    place.add_argument("--memory", action="store_true", help="keep nothing after the engine stops")
    parser.add_argument("--unsigned", action="store_true", help="accept any signature, or none")
    parser.add_argument(
        "--clock",
        type=_clock,
        default="real",
        metavar="real|xN|manual",
        help="the clock of retries, windows and idle time (default: %(default)s)",
    )
    parser.add_argument(
        "--isolation",
        choices=ISOLATION_TIERS,
        default="auto",
        help="how functions are kept apart from the machine (default: %(default)s)",
    )
    parser.add_argument(
        "--vpc-network",
        choices=("machine", "none"),
        default="machine",
        help="what functions with subnets reach: this machine's network, or nothing but the engine, as in a"
        " VPC without a way out; needs the tier strict (default: %(default)s)",
    )
    parser.add_argument(
        "--settle",
        type=_seconds,
        default=0.5,
        metavar="SECONDS",
        help="how long functions stay Pending and InProgress (default: %(default)s)",
    )
    parser.add_argument(
        "--retry-delay",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="how long a failed event waits for its first retry; twice as long for its second"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--session",
        type=_seconds,
        default=12 * 3600.0,
        metavar="SECONDS",
        help="how long the role's keys of an environment are good; it is replaced in time"
        " (default: %(default)s)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse roles, subnets, queues and streams that do not exist",
    )
    parser.add_argument(
        "--lease", action="store_true", help="stop when no dashboard uses the engine any more"
    )
    parser.add_argument(
        "--neighbours",
        type=_neighbours,
        default="built-in",
        metavar="built-in|off|URL",
        help="where S3, SQS, SNS and the other services beside Lambda are (default: %(default)s)",
    )
    parser.add_argument(
        "--consume",
        action="store_true",
        help="with --neighbours at AWS itself: functions get the messages of queues, which are deleted then",
    )
    parser.add_argument(
        "--kafka",
        type=_cluster,
        action="append",
        default=[],
        metavar="ARN=HOST:PORT,…",
        help="the brokers of an MSK cluster; [kafka] in the config file says the same for good",
    )
    parser.add_argument("--demo", action="store_true", help=argparse.SUPPRESS)


def from_arguments(arguments: argparse.Namespace) -> EngineOptions:
    """The options that `add_arguments` declared, once parsed."""
    return EngineOptions(
        port=arguments.port,
        url_port=arguments.url_port,
        data_dir=arguments.data_dir,
        memory=arguments.memory,
        unsigned=arguments.unsigned,
        clock=arguments.clock,
        isolation=arguments.isolation,
        vpc_network=arguments.vpc_network,
        settle=arguments.settle,
        retry_delay=arguments.retry_delay,
        session=arguments.session,
        strict=arguments.strict,
        lease=arguments.lease,
        demo=arguments.demo,
        neighbours=arguments.neighbours,
        consume=arguments.consume,
        kafka=tuple(arguments.kafka),
    )


def parse(argv: Sequence[str] | None = None) -> EngineOptions:
    parser = argparse.ArgumentParser(
        prog="lambdatui engine", description="A local AWS Lambda for SDKs, the AWS CLI and the dashboard."
    )
    add_arguments(parser)
    return from_arguments(parser.parse_args(argv))


def version() -> str:
    """This lambdatui's own version."""
    return importlib.metadata.version("lambdatui")


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if 0 <= seconds <= 3600:
        return seconds
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds (0 to 3600)")


def _neighbours(text: str) -> str:
    parts = urlsplit(text)
    url = parts.scheme in ("http", "https") and parts.hostname and not parts.path.strip("/")
    if text in ("built-in", "off") or url:
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is none of built-in, off, http://HOST:PORT")


def _cluster(text: str) -> tuple[str, str]:
    arn, _, brokers = text.partition("=")
    if (wrong := mistake(arn, brokers)) is not None:
        raise argparse.ArgumentTypeError(wrong)
    return arn, brokers


def _clock(text: str) -> str:
    scaled = re.fullmatch(r"x([0-9]+(?:\.[0-9]+)?)", text, re.ASCII)
    if text in ("real", "manual") or (scaled and float(scaled[1]) > 0):
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is none of real, x60 (60 times as fast), manual")
