"""The command line: arguments only. What a command needs is imported when it is chosen."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdatui.config import Config
    from lambdatui.events import Answer, Sample
    from lambdatui.model.rules import Rule
    from lambdatui.service import TargetSpec

OK, REFUSED, USAGE, UNREACHABLE = 0, 1, 2, 3

_PLAIN = frozenset({"--local", "--demo", "--read-only"})
"""With these alone no command can be meant; making the parsers of all commands takes a while."""

_EPILOG = """\
exit codes: 0 done, 1 the function or AWS said no, 2 wrong usage, 3 unreachable or no credentials;
lambdatui engine: 3 its data folder is in use, 4 its port is busy, 5 its data folder cannot be written
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["engine"]:  # its options are the engine's own
        return _engine(arguments[1:])
    parser = _parser(commands=not _PLAIN.issuperset(arguments))
    try:
        options = parser.parse_args(arguments)
    except SystemExit as ended:  # argparse has said why
        return int(ended.code or 0)
    if options.command == "engine":
        parser.print_usage(sys.stderr)
        print("lambdatui: the options of engine come after the word: lambdatui engine ...", file=sys.stderr)
        return USAGE
    problem = _contradiction(options)
    if problem:
        parser.print_usage(sys.stderr)
        print(f"lambdatui: {problem}", file=sys.stderr)
        return USAGE
    try:
        code = _run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # who read our output has seen enough; the interpreter flushes once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    match options.command:
        case None:
            return _dashboard(options)
        case "env":
            return _env(options)
        case "config":
            return _config(options)
        case "doctor":
            from lambdatui import doctor

            return doctor.run(options.data_dir, as_json=options.json, every_tier=options.all)
        case "event":
            return _event(options)
        case _:
            settings = _settings()
            if settings is None:
                return USAGE
            from lambdatui import headless

            return headless.run(options, _target(options, settings.rules))


def _dashboard(options: argparse.Namespace) -> int:
    gc.disable()  # until the first frame: collecting while thousands of objects are made only delays it
    settings = _settings()
    if settings is None:
        return USAGE
    from lambdatui import last_frame

    spec = _target(options, settings.rules)
    frame = last_frame.paint(spec)
    try:
        from lambdatui.dashboard.app import run

        return run(spec, theme=options.theme or settings.theme, keymap=settings.keys, frame=frame)
    except BaseException:
        if frame:
            last_frame.take_back()
        raise


def _settings() -> Config | None:
    """The config file; None after saying what is wrong with it."""
    from lambdatui import config

    try:
        return config.load()
    except config.ConfigError as error:
        print(f"lambdatui: {error}", file=sys.stderr)
        return None


def _engine(arguments: list[str]) -> int:
    from lambdatui.engine import settings

    config = _settings()
    if config is None:
        return USAGE
    clusters = [f"--kafka={arn}={brokers}" for arn, brokers in config.kafka.items()]
    try:
        options = settings.parse([*clusters, *arguments])
    except SystemExit as ended:
        return int(ended.code or 0)
    from lambdatui.engine.main import main as serve

    return serve(options)


def _event(options: argparse.Namespace) -> int:
    """A target matters only when the event is sent; none is opened to print one."""
    from lambdatui.events import command

    words = options.compose or options.sample or []
    try:
        if any(word.partition("=")[0] == "--invoke" for word in words):
            words[:] = _aim(words, options)
        return command.run(options, invoke=lambda *event: _send(options, *event))
    except SystemExit as ended:  # who raised it has said why
        return int(ended.code or 0)


def _aim(words: list[str], options: argparse.Namespace) -> list[str]:
    """Take the target out of what follows a sample's name. A --region there is the event's own."""
    parser = argparse.ArgumentParser(prog="lambdatui event", add_help=False, allow_abbrev=False)
    _add_target(parser, argparse.SUPPRESS, argparse.SUPPRESS, region=False)
    rest = parser.parse_known_args(words, options)[1]
    if problem := _contradiction(options):
        parser.error(problem)
    return rest


def _send(options: argparse.Namespace, function: str, sample: Sample, event: bytes, wait_s: float) -> Answer:
    settings = _settings()
    if settings is None:
        raise SystemExit(USAGE)
    from lambdatui import headless

    return headless.send(_target(options, settings.rules), function, sample, event, wait_s)


def _env(options: argparse.Namespace) -> int:
    import json
    import shlex

    from lambdatui import address, paths

    folder = options.data_dir or paths.engine_dir()
    running = address.find(folder)
    if running is None:
        print(
            f"lambdatui: no engine runs on {folder}. Start one: lambdatui engine, or lambdatui --local.",
            file=sys.stderr,
        )
        return UNREACHABLE
    variables = running.environment(options.region or address.DEFAULT_REGION)
    if options.json:
        print(json.dumps(variables, indent=2))
    else:
        for name, value in variables.items():
            print(f"export {name}={shlex.quote(value)}")
    return OK


def _config(options: argparse.Namespace) -> int:
    from lambdatui import config

    file = config.path()
    if options.action == "path":
        print(file)
        return OK
    try:
        if options.action == "init":
            print(config.create())
        else:
            key_ids, themes = _names()
            config.load(key_ids=key_ids, themes=themes)
            print(f"{file} is fine" if file.exists() else f"{file} does not exist: the defaults hold")
    except FileExistsError:
        print(f"lambdatui: {file} exists already; it was left alone.", file=sys.stderr)
        return REFUSED
    except config.ConfigError as error:
        print(f"lambdatui: {error}", file=sys.stderr)
        return REFUSED
    except OSError as error:
        print(f"lambdatui: {file} cannot be written: {error.strerror}", file=sys.stderr)
        return REFUSED
    return OK


def _names() -> tuple[list[str], list[str]]:
    """The ids of keys and the themes there are."""
    from lambdatui.dashboard import keys, theme

    folders = (theme.shipped_folder(), theme.user_folder())
    return [key.id for key in keys.KEYS], [file.stem for folder in folders for file in folder.glob("*.toml")]


def _target(options: argparse.Namespace, rules: tuple[Rule, ...]) -> TargetSpec:
    from lambdatui import choice
    from lambdatui.model import TargetKind
    from lambdatui.service import TargetSpec

    asked: TargetSpec | None = None
    elsewhere = options.profile or options.endpoint_url
    only_local = options.command in ("route", "debug", "demo-traffic") and not elsewhere  # not AWS's
    if options.local or options.demo or options.data_dir or only_local:
        asked = TargetSpec(TargetKind.LOCAL, data_dir=options.data_dir, demo=options.demo)
    elif elsewhere:
        asked = TargetSpec(TargetKind.AWS, profile=options.profile, endpoint=options.endpoint_url)
    return choice.target(asked, region=options.region, read_only=options.read_only, rules=rules)


def _contradiction(options: argparse.Namespace) -> str | None:
    local = options.local or options.demo or options.data_dir
    if local and (options.profile or options.endpoint_url):
        return "--local, --demo and --data-dir mean the local engine; --profile and --endpoint-url mean AWS"
    if options.demo and options.data_dir:
        return "--demo uses a throw-away folder; it takes no --data-dir"
    return None


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"lambdatui {version('lambdatui')}")
        parser.exit()


def _parser(*, commands: bool = True) -> argparse.ArgumentParser:
    """What the command line is read with; without ``commands`` it knows only how to open the dashboard."""
    parser = argparse.ArgumentParser(
        prog="lambdatui",
        description="Build and run AWS Lambda functions in the terminal. Without a command: the dashboard.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", nargs=0, action=_Version, help="say which version this is")
    _add_target(parser, None, False)
    parser.add_argument("--theme", metavar="T", help="the theme of the dashboard")
    actions = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    if commands:
        _add_commands(actions)
    return parser


def _add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    # A target may be named before or after the command: only what is said counts.
    target = argparse.ArgumentParser(add_help=False)
    _add_target(target, argparse.SUPPRESS, argparse.SUPPRESS)
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
    invoke.add_argument("payload", nargs="?", default="{}", help="JSON, @FILE, or - for stdin (default: {})")
    invoke.add_argument("--log", action="store_true", help="print the end of its log on stderr")
    kind = invoke.add_mutually_exclusive_group()
    kind.add_argument("--event", action="store_true", help="queue it (Event) and do not wait")
    kind.add_argument("--dry-run", action="store_true", help="check only (DryRun)")

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

    diff = command("diff", "what differs between versions, aliases or functions", target, output)
    diff.epilog = "exit codes: 0 nothing differs, 1 something does, 2 it cannot be told, 3 unreachable"
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
    demo.add_argument("--rate", type=float, default=4.0, metavar="N", help="calls a second (default: 4)")
    demo.add_argument("--for", dest="seconds", type=_seconds, metavar="TIME", help="end after 30s, 10m, 2h")

    from lambdatui.events.command import add_parser as add_event

    add_event(commands)
    _add_target(commands.choices["event"], argparse.SUPPRESS, argparse.SUPPRESS)

    settings = command("config", "the config file")
    settings.add_argument("action", choices=("init", "validate", "path"))


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


def _add_target(parser: argparse.ArgumentParser, unset: object, off: object, *, region: bool = True) -> None:
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


def _seconds(text: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if text[-1:] in units and text[:-1].isdecimal():
        return float(text[:-1]) * units[text[-1]]
    raise argparse.ArgumentTypeError(f"{text!r} is no time; write 30s, 10m, 2h or 1d")


def _share(text: str) -> tuple[str, float]:
    version, _, share = text.partition("=")
    try:
        return version, float(share)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no share of the traffic; write 2=0.1") from None
