"""The work of `lambdatui event`: list samples, print one or a chain, or send it and judge the answer."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from lambdatui.events.assembly import chain, compose
from lambdatui.events.errors import EventError
from lambdatui.events.judges import CALLED_BACK, CalledBack, judge
from lambdatui.events.sample import Parameter, Sample, catalog, get
from lambdatui.events.values import to_json


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function answered, for the judge."""

    payload: bytes
    error: str | None
    took_s: float
    called_back: CalledBack | None = None


Invoke = Callable[[str, Sample, bytes, float], Answer]
"""Sends an event to the function of that name as the sample's caller would, and waits for the answer; where
the caller is to be called back, for so many seconds."""


def run(args: argparse.Namespace, invoke: Invoke | None) -> int:
    """Do what was asked; the exit code."""
    try:
        if args.compose:
            return _chain(args.compose, invoke)
        if args.sample:
            return _one(args.sample, invoke)
        _list(as_json=args.json)
    except EventError as error:
        print(f"lambdatui event: {error}", file=sys.stderr)
        return 2
    return 0


def _one(words: Sequence[str], invoke: Invoke | None) -> int:
    sample = get(words[0])
    return _make([sample], words[1:], f"lambdatui event {sample.id}", invoke)


def _chain(words: Sequence[str], invoke: Invoke | None) -> int:
    names = _until_option(words)
    return _make(chain(names), words[len(names) :], f"lambdatui event --compose {' '.join(names)}", invoke)


def _until_option(words: Sequence[str]) -> list[str]:
    first = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    return list(words[:first])


def _make(links: Sequence[Sample], words: Sequence[str], prog: str, invoke: Invoke | None) -> int:
    parameters = _parameters(links)
    options = _parser(links, parameters, prog, invoke is not None).parse_args(words)
    given = {name: value for name in parameters if (value := getattr(options, f"p_{name}")) is not None}
    raw, now = getattr(options, "raw", False), options.now
    event = compose([link.id for link in links], given, raw=raw, now=now, seed=options.seed)
    if invoke is not None and options.invoke:
        return _send(links[-1], event, options, invoke)
    layout: dict[str, Any] = {"separators": (",", ":")} if options.compact else {"indent": 2}
    print(json.dumps(event, ensure_ascii=_is_ascii_only(), **layout))
    return 0


def _is_ascii_only() -> bool:
    """Whether the terminal or pipe cannot take every letter; JSON can say them all in ASCII."""
    return not (sys.stdout.encoding or "").lower().startswith("utf")


def _parameters(links: Sequence[Sample]) -> dict[str, Parameter]:
    """What the links take, but for what the link before fills in; the last link's own words win."""
    filled = {(link.id, link.carries) for link in links[1:]}
    return {
        parameter.name: parameter
        for link in links
        for parameter in link.parameters
        if (link.id, parameter.name) not in filled
    }


def _parser(
    links: Sequence[Sample], parameters: dict[str, Parameter], prog: str, can_invoke: bool
) -> argparse.ArgumentParser:
    last = links[-1]
    parser = argparse.ArgumentParser(
        prog=prog,
        description=f"{last.title}. {_told(last)}",
        epilog=f"Documented at {last.doc}",
        allow_abbrev=False,
    )
    group = parser.add_argument_group("parameters of the event")
    for parameter in parameters.values():
        default = parameter.default if isinstance(parameter.default, str) else to_json(parameter.default)
        text = f"{parameter.help} (default: {default or 'none'})".replace("%", "%%")
        flag = {"nargs": "?", "const": "true"} if parameter.kind == "flag" else {}
        choices = f"{{{','.join(parameter.choices)}}}" if parameter.choices else parameter.kind.upper()
        option = f"--{parameter.name.replace('_', '-')}"
        group.add_argument(option, dest=f"p_{parameter.name}", metavar=choices, help=text, **flag)  # type: ignore[arg-type]
    if any(link.id == "sns" for link in links[:-1]):
        parser.add_argument("--raw", action="store_true", help="SNS delivers the raw message")
    parser.add_argument("--compact", action="store_true", help="print it on one line")
    parser.add_argument("--seed", help="the same seed gives the same identifiers")
    parser.add_argument(
        "--now", type=_moment, metavar="TIME", help="time of the event: ISO 8601 or seconds since 1970"
    )
    if can_invoke:
        parser.add_argument(
            "--invoke", metavar="FUNCTION", help="send it as the service would, and judge the answer"
        )
        if last.judge in CALLED_BACK:
            text = "seconds to wait for the call back (default: 30)"
            parser.add_argument("--wait", type=_seconds, default=30.0, metavar="SECONDS", help=text)
        parser.add_argument("--partial", action="store_true", help="the mapping has ReportBatchItemFailures")
    return parser


def _told(sample: Sample) -> str:
    caller = sample.caller
    who = f"principal {caller.principal}" if caller.principal else caller.identity
    waits = f", which waits {caller.timeout_s:g} s" if caller.timeout_s else ""
    calls = f"Invocation type {sample.invocation} by {caller.service} ({who}){waits}"
    return f"{calls}; at most {caller.event_limit:,} bytes."


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0 to 3600")
    return seconds


def _moment(text: str) -> datetime | float:
    try:
        return datetime.fromtimestamp(float(text), UTC).timestamp()
    except (ValueError, OverflowError, OSError):
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        said = f"{text!r} is no time; write 2026-11-21T08:00:00Z, or seconds since 1970"
        raise argparse.ArgumentTypeError(said) from None


def _send(sample: Sample, event: Any, options: argparse.Namespace, invoke: Invoke) -> int:
    """The answer goes to stdout, the verdict to stderr."""
    wait_s = getattr(options, "wait", 0.0)
    answer = invoke(options.invoke, sample, to_json(event).encode(), wait_s)
    called = answer.called_back
    verdict = judge(
        sample.id,
        answer.payload,
        answer.error,
        answer.took_s,
        event=event,
        partial=options.partial,
        called_back=called,
    )
    if called is None:
        print(answer.payload.decode("utf-8", "replace"))
    elif called.call:
        print(called.said if isinstance(called.said, str) else to_json(called.said))
    print(("✓ " if verdict.ok else "× ") + verdict.sentence, file=sys.stderr)
    return 0 if verdict.ok else 1


def _list(*, as_json: bool) -> None:
    samples = catalog()
    if as_json:
        print(json.dumps([_listed(sample) for sample in samples], ensure_ascii=False, indent=2))
        return
    width = max(len(sample.id) for sample in samples)
    group = ""
    for sample in samples:
        if sample.group != group:
            group = sample.group
            print(f"{group}:")
        print(f"  {sample.id:{width}}  {sample.title}")


def _listed(sample: Sample) -> dict[str, Any]:
    told = asdict(sample)
    del told["template"]
    return told
