"""What the command line is read with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_EPILOG = """\
exit codes: 0 done, 1 the function or AWS said no, 2 wrong usage, 3 unreachable or no credentials;
lambdatui engine: 3 its data folder is in use, 4 its port is busy, 5 its data folder cannot be written
"""

_DIFF_CODES = "exit codes: 0 nothing differs, 1 something does, 2 it cannot be told, 3 unreachable"


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"lambdatui {version('lambdatui')}")
        parser.exit()


class _AnyOrder(argparse.ArgumentParser):
    """A word that may be left out is found behind options too; argparse stops looking for it there."""

    _mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        rest = any(action.nargs in (argparse.PARSER, argparse.REMAINDER) for action in self._actions)
        if rest or self._mixing:
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False


def command_line(*, commands: bool = True) -> argparse.ArgumentParser:
    """What the command line is read with; without ``commands`` it knows only how to open the dashboard."""
    parser = argparse.ArgumentParser(
        prog="lambdatui",
        description="Build and run AWS Lambda functions in the terminal. Without a command: the dashboard.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", nargs=0, action=_Version, help="say which version this is")
    add_target(parser, None, False)
    parser.add_argument("--theme", metavar="T", help="the theme of the dashboard")
    actions: argparse._SubParsersAction[argparse.ArgumentParser] = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", parser_class=_AnyOrder
    )
    if commands:
        _add_commands(actions)
    return parser


def _add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    # A target may be named before or after the command: only what is said counts.
    target = argparse.ArgumentParser(add_help=False)
    add_target(target, argparse.SUPPRESS, argparse.SUPPRESS)
    output = argparse.ArgumentParser(add_help=False)
    output.add_argument("--json", action="store_true", help="print JSON")

    def command(name: str, words: str, *more: argparse.ArgumentParser) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=words, description=words[0].upper() + words[1:], parents=more)

    commands.add_parser("engine", help="run the local engine alone, in the foreground", add_help=False)
    env = command("env", "what other AWS clients need to use the running engine", output)
    env.add_argument("--data-dir", type=Path, metavar="D", default=argparse.SUPPRESS)
    env.add_argument("--region", metavar="R", default=argparse.SUPPRESS)
    doctor = command("doctor", "what the local engine can hold on this machine", output)
    doctor.add_argument("--data-dir", type=Path, metavar="D", default=argparse.SUPPRESS)
    doctor.add_argument("--all", action="store_true", help="the tables of all tiers")
    command("ls", "list functions", target, output)

    show = command("show", "one function with its versions and aliases", target, output)
    _add_function(show)

    invoke = command("invoke", "run a function; its answer goes to stdout", target, output)
    _add_function(invoke)
    _add_payload(invoke)
    invoke.add_argument("--log", action="store_true", help="print the end of its log on stderr")
    kind = invoke.add_mutually_exclusive_group()
    kind.add_argument("--event", action="store_true", help="queue it (Event) and do not wait")
    kind.add_argument("--dry-run", action="store_true", help="check only (DryRun)")

    burst = command("burst", "run a function many times; how long, how cold, how well", target, output)
    _add_function(burst)
    _add_payload(burst)
    burst.add_argument("-n", "--runs", type=int, default=100, metavar="N", help="how many (default: 100)")
    burst.add_argument("-c", "--parallel", type=int, default=10, metavar="N", help="at a time (default: 10)")

    compare = command("compare", "what differs in the answers of two versions or aliases", target, output)
    compare.epilog = _DIFF_CODES
    compare.add_argument("function")
    for side in ("left", "right"):
        compare.add_argument(side, metavar=side.upper(), help="a version, an alias, or LATEST")
    _add_payload(compare)
    compare.add_argument("--on", metavar="WHERE", help="RIGHT runs there: local, or a profile of AWS")

    publish = command("publish", "publish $LATEST as a new version", target, output)
    publish.add_argument("function")
    publish.add_argument("--description", default="", metavar="TEXT")

    alias = command("alias", "list, set or delete aliases", target, output)
    alias.add_argument("function")
    alias.add_argument("alias", nargs="?")
    alias.add_argument("version", nargs="?", help="what the alias points at")
    alias.add_argument("--also", type=_share, metavar="VERSION=SHARE", help="share the traffic: 2=0.1")
    alias.add_argument("--description", metavar="TEXT")
    alias.add_argument("--delete", action="store_true", help="delete the alias")

    _add_shift(command("shift", "move an alias to another version, at once or by steps", target, output))

    diff = command("diff", "what differs between versions, aliases or functions", target, output)
    diff.epilog = _DIFF_CODES
    for side in ("left", "right"):
        diff.add_argument(side, metavar="FUNCTION[:QUALIFIER]")

    deploy = command("deploy", "new code for a function, from a folder or a zip", target, output)
    deploy.add_argument("source", type=Path, metavar="FOLDER|ZIP", help="without .git, .venv and caches")
    deploy.add_argument("function")
    deploy.add_argument("--handler", metavar="H", help="such as handler.handler")
    deploy.add_argument("--runtime", metavar="R", help="such as python3.13")
    deploy.add_argument("--create", action="store_true", help="make the function when it is not there")
    deploy.add_argument("--role", metavar="ARN", help="what the function may do; AWS wants one to create it")
    deploy.add_argument("--watch", action="store_true", help="deploy again whenever a file is saved")

    tail = command("tail", "follow a function's log", target, output)
    tail.add_argument("function")
    tail.add_argument(
        "--since", type=_seconds, default=600.0, metavar="TIME", help="how far back: 30s, 10m, 2h"
    )
    tail.add_argument("--no-follow", action="store_true", help="end at the newest line")

    debug = command("debug", "start a function under debugpy or node --inspect, until ctrl+c", target, output)
    debug.add_argument("function")
    debug.add_argument(
        "--port", type=int, default=0, metavar="N", help="for the debugger (default: any free)"
    )
    debug.add_argument("--wait", action="store_true", help="run nothing before a debugger is there")

    _add_route(command("route", "open functions in a browser: local routes"), target, output)

    demo = command("demo-traffic", "call the sample functions, to have something to look at", target)
    demo.add_argument("--rate", type=_rate, default=4.0, metavar="N", help="calls a second (default: 4)")
    demo.add_argument("--for", dest="seconds", type=_seconds, metavar="TIME", help="end after 30s, 10m, 2h")

    from lambdatui.events.command import add_parser as add_event

    add_event(commands)
    add_target(commands.choices["event"], argparse.SUPPRESS, argparse.SUPPRESS)

    settings = command("config", "the config file")
    settings.add_argument("action", choices=("init", "validate", "path"))


def _add_shift(shift: argparse.ArgumentParser) -> None:
    shift.epilog = "exit codes: 0 the new version has all traffic, 1 it has not, 2 wrong usage, 3 unreachable"
    shift.add_argument("function")
    shift.add_argument("alias")
    shift.add_argument("version", nargs="?", help="the version that gets the traffic")
    shift.add_argument(
        "--steps", default="100%", help="such as 10%%,50%%,100%% or '10%% 5m, 100%%' (default: in one go)"
    )
    shift.add_argument(
        "--wait",
        type=_seconds,
        default=60.0,
        metavar="TIME",
        help="at steps that name no time (default: 60s)",
    )
    shift.add_argument("--stop-errors", default="", metavar="SHARE", help="back when more runs fail: 1%%")
    shift.add_argument("--stop-p95", default="", metavar="MS", help="back when runs take longer: 800")
    left = shift.add_mutually_exclusive_group()
    left.add_argument("--resume", action="store_true", help="go on with a shift that was left in the middle")
    left.add_argument("--back", action="store_true", help="give the old version all traffic of such a shift")


def _add_route(parser: argparse.ArgumentParser, *more: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="serve a function at a path", parents=more)
    add.add_argument("path", help="such as /orders/{id} or /shop/{proxy+}")
    _add_function(add)
    add.add_argument(
        "--as",
        dest="kind",
        choices=("http", "rest", "alb"),
        default="http",
        help="what stands in front: API Gateway (http, rest) or a load balancer (default: %(default)s)",
    )
    actions.add_parser("list", help="all routes", parents=more)
    actions.add_parser("remove", help="serve nothing there any more", parents=more).add_argument("path")


def add_target(parser: argparse.ArgumentParser, unset: object, off: object, *, region: bool = True) -> None:
    """Where to look; what is not said is ``unset``, or ``off``."""
    group = parser.add_argument_group("where to look (default: the last target, else AWS, else local)")
    add = group.add_argument
    add("--local", action="store_true", default=off, help="the engine on this machine")
    add("--demo", action="store_true", default=off, help="the same, in a throw-away folder with samples")
    add("--data-dir", type=Path, default=unset, metavar="D", help="the engine's data folder")
    add("--profile", default=unset, metavar="P", help="AWS, with this profile")
    if region:
        add("--region", default=unset, metavar="R", help="the region")
    add("--endpoint-url", default=unset, metavar="U", help="an endpoint that speaks AWS's API")
    add("--read-only", action="store_true", default=off, help="change nothing, invoke nothing")


def _add_function(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("function", help="a name, or name:version, or name:alias")


def _add_payload(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("payload", nargs="?", default="{}", help="JSON, @FILE, or - for stdin (default: {})")


def _seconds(text: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if text[-1:] in units and text[:-1].isdecimal():
        return float(text[:-1]) * units[text[-1]]
    raise argparse.ArgumentTypeError(f"{text!r} is no time; write 30s, 10m, 2h or 1d")


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0.1 <= rate <= 20:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of calls a second from 0.1 to 20")
    return rate


def _share(text: str) -> tuple[str, float]:
    version, _, share = text.partition("=")
    try:
        return version, float(share)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no share of the traffic; write 2=0.1") from None
