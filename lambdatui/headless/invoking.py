"""Run a function, with a payload or with the event of a service."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lambdatui.events import Answer, Sample
from lambdatui.headless import calling_back
from lambdatui.headless.output import OK, REFUSED, Usage, jsonable, print_json, say, split
from lambdatui.model import Invocation, InvocationType
from lambdatui.service import Service


async def invoke(service: Service, options: argparse.Namespace) -> int:
    """Run a function; its answer is the data."""
    name, qualifier = split(options.function)
    kind = InvocationType.REQUEST_RESPONSE
    if options.event:
        kind = InvocationType.EVENT
    elif options.dry_run:
        kind = InvocationType.DRY_RUN
    done = await service.invoker.invoke(name, read_payload(options.payload), qualifier=qualifier, type=kind)
    if options.json:
        print_json(said_of(done))
    elif done.response:
        _print_response(done)
    say(summary(done))
    if done.error:
        say(f"{done.error.type}: {done.error.message}")
    if options.log:
        for line in done.log:
            say(f"  {line}")
    return OK if done.ok else REFUSED


async def send(service: Service, function: str, sample: Sample, event: bytes, wait_s: float) -> Answer:
    """Send an event as the sample's caller would: those that poll or wait get the answer, others a 202. A
    caller that waits to be called back gets ``wait_s``."""
    name, qualifier = split(function)
    kind = InvocationType.EVENT if sample.invocation == "Event" else InvocationType.REQUEST_RESPONSE
    waiting, event = await calling_back.expect(service, sample, event)
    done = await service.invoker.invoke(name, event, qualifier=qualifier, type=kind)
    say(summary(done))
    called = await calling_back.called(service, waiting, wait_s) if waiting is not None else None
    return Answer(done.response, done.function_error, done.took_ms / 1000, called)


def read_payload(text: str) -> bytes:
    """What was named on the command line: JSON, @FILE, or - for stdin."""
    try:
        if text == "-":
            data = sys.stdin.buffer.read()
        elif text.startswith("@"):
            data = Path(text[1:]).read_bytes()
        else:
            data = _typed(text)
    except OSError as error:
        raise Usage(f"{text[1:]}: {error.strerror}") from None
    try:
        json.loads(data or b"null", parse_int=float)  # that takes any number of digits
    except ValueError as error:
        raise Usage(f"the payload is not JSON: {error}") from None
    except RecursionError:  # nested deeper than is read here: Lambda may take it
        pass
    return data


def _typed(text: str) -> bytes:
    """As UTF-8; where this locale has no such characters, as the bytes that were typed."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text)


def _print_response(done: Invocation) -> None:
    """A pipe gets the bytes as they came; a terminal gets what is safe for it."""
    if sys.stdout.isatty():
        print(done.text)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(done.response)
    sys.stdout.buffer.flush()


def summary(done: Invocation) -> str:
    """How a run went, in a line."""
    parts = ["✓" if done.ok else "✗", str(done.status)]
    if done.function_error:
        parts.append(done.function_error)
    if done.report:
        figures = done.report
        parts.append(f"{figures.duration_ms:.2f} ms, billed {figures.billed_ms} ms")
        parts.append(f"{figures.max_memory_mb} of {figures.memory_mb} MB")
        parts.append("cold" if figures.cold else "warm")
    else:
        parts.append(f"{done.took_ms:.0f} ms")
    if done.executed_version:
        parts.append(f"version {done.executed_version}")
    return "  ".join([*parts, done.request_id])


def said_of(done: Invocation) -> dict[str, Any]:
    """The response as JSON when it is JSON, else as text."""
    raw = asdict(done)
    raw["payload"], raw["response"] = _parsed(done.payload), _parsed(done.response)
    del raw["text"]
    said: dict[str, Any] = jsonable({**raw, "ok": done.ok, "cold": done.cold})
    return said


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except (ValueError, RecursionError):
        return data.decode("utf-8", "replace")
