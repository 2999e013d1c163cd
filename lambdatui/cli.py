"""The command line: which command was asked for. What it needs is imported when it is chosen."""

from __future__ import annotations

import argparse
import errno
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lambdatui.usage import add_target, command_line

if TYPE_CHECKING:
    from lambdatui.config import Config
    from lambdatui.events import Answer, Sample
    from lambdatui.model.rules import Rule
    from lambdatui.service import TargetSpec

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
OK, REFUSED, USAGE, UNREACHABLE = 0, 1, 2, 3

_PLAIN = frozenset({"--local", "--demo", "--read-only"})
"""With these alone no command can be meant; making the parsers of all commands takes a while."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    _open_ends()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["engine"]:  # its options are the engine's own
        return _engine(arguments[1:])
    parser = command_line(commands=not _PLAIN.issuperset(arguments))
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
    except BrokenPipeError:  # who read our output has seen enough
        _drop_output()
        return OK
    except UnicodeEncodeError:
        said = "an argument has bytes that are no characters in this locale; LC_ALL=C.UTF-8 has most of them"
        print(f"lambdatui: {said}", file=sys.stderr)
        return USAGE
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _drop_output()
        print(f"lambdatui: the output cannot be written: {error.strerror}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        import logging

        logging.disable()  # what a second ctrl+c left open is nobody's concern any more
        return 130


def _open_ends() -> None:
    """An end that was closed is no reason to fail, nor is a terminal that knows no umlauts."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - as long as we run
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _drop_output() -> None:
    """Nobody gets what is left of it; the interpreter flushes once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
    if problem := _no_terminal():
        print(f"lambdatui: {problem} lambdatui --help lists the commands that need none.", file=sys.stderr)
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


def _no_terminal() -> str:
    """Why there is nothing to draw on and nobody to press keys; the drawing goes to stderr."""
    ends = (sys.__stdin__, sys.__stderr__)
    if not all(end is not None and end.isatty() for end in ends):
        return "the dashboard needs a terminal, and its input or stderr is none."
    if os.environ.get("TERM") == "dumb":
        return "TERM is dumb, and the dashboard needs a terminal that can place text."
    return ""


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
    add_target(parser, argparse.SUPPRESS, argparse.SUPPRESS, region=False)
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
            from lambdatui.dashboard import keymap

            key_ids, themes = _names()
            config.load(key_ids=key_ids, themes=themes, wrong_keys=keymap.problems)
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
