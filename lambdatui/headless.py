"""The services without a screen: data on stdout, talk on stderr, an exit code that means something."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lambdatui.model import (
    Alias,
    FollowKind,
    FollowState,
    Function,
    Invocation,
    InvocationType,
    LogEvent,
    Version,
)
from lambdatui.service import EngineControl, Service, TargetSpec, errors, open_target

OK, REFUSED, USAGE, UNREACHABLE = 0, 1, 2, 3
_NO_WAY_IN = (errors.Unreachable, errors.EngineFailed, errors.NoCredentials, errors.Expired)


class _Usage(Exception):  # noqa: N818
    """What was asked for makes no sense."""


def run(options: argparse.Namespace, spec: TargetSpec) -> int:
    """One command against one target; its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that knows no umlauts is no reason to fail
    try:
        return asyncio.run(_run(_COMMANDS[options.command], options, spec))
    except _Usage as error:
        _say(f"lambdatui: {error}")
        return USAGE
    except errors.ServiceError as error:
        _say(f"lambdatui: {error.sentence}")
        return UNREACHABLE if isinstance(error, _NO_WAY_IN) else REFUSED


async def _run(command: _Command, options: argparse.Namespace, spec: TargetSpec) -> int:
    service = await open_target(spec, interactive=False)
    try:
        return await command(service, options)
    finally:
        await service.close()


async def _ls(service: Service, options: argparse.Namespace) -> int:
    functions = [function async for page in service.functions.pages() for function in page]
    if options.json:
        _print_json([_function(function) for function in functions])
        return OK
    _print_table(
        ("NAME", "RUNTIME", "MEMORY", "TIMEOUT", "MODIFIED"),
        [
            (
                one.name,
                latest.runtime or latest.package_type,
                f"{latest.memory_mb} MB",
                f"{latest.timeout_s} s",
                _when(latest.modified),
            )
            for one in functions
            for latest in (one.latest,)
        ],
    )
    _say(f"{len(functions)} function{'' if len(functions) == 1 else 's'} in {_place(service)}")
    return OK


async def _show(service: Service, options: argparse.Namespace) -> int:
    name, qualifier = _split(options.function)
    function, versions, aliases = await asyncio.gather(
        service.functions.get(name, qualifier), service.versions.list(name), service.versions.aliases(name)
    )
    if options.json:
        said = _function(function)
        said["versions"] = [_jsonable(asdict(version)) for version in versions]
        said["aliases"] = [_jsonable(asdict(alias)) for alias in aliases]
        _print_json(said)
        return OK
    latest = function.latest
    facts = {
        "arn": latest.arn,
        "state": " ".join(filter(None, (latest.state, latest.state_reason))),
        "runtime": latest.runtime or latest.package_type,
        "handler": latest.handler or "",
        "memory": f"{latest.memory_mb} MB",
        "timeout": f"{latest.timeout_s} s",
        "modified": _when(latest.modified),
        "description": latest.description,
        "environment": ", ".join(latest.environment),  # names only: values are often secrets
        "tags": ", ".join(f"{key}={value}" for key, value in function.tags.items()),
    }
    for label, value in facts.items():
        if value:
            print(f"{label:<12} {value}")
    print()
    _print_versions(versions, aliases)
    return OK


async def _invoke(service: Service, options: argparse.Namespace) -> int:
    name, qualifier = _split(options.function)
    kind = InvocationType.REQUEST_RESPONSE
    if options.event:
        kind = InvocationType.EVENT
    elif options.dry_run:
        kind = InvocationType.DRY_RUN
    done = await service.invoker.invoke(name, _payload(options.payload), qualifier=qualifier, type=kind)
    if options.json:
        _print_json(_invocation(done))
    elif done.response:
        _print_response(done)
    _say(_summary(done))
    if done.error:
        _say(f"{done.error.type}: {done.error.message}")
    if options.log:
        for line in done.log:
            _say(f"  {line}")
    return OK if done.ok else REFUSED


async def _publish(service: Service, options: argparse.Namespace) -> int:
    version = await service.versions.publish(options.function, description=options.description)
    if options.json:
        _print_json(_jsonable(asdict(version)))
    else:
        print(version.number)
    _say(f"{options.function} has version {version.number}")
    return OK


async def _alias(service: Service, options: argparse.Namespace) -> int:
    name, alias = options.function, options.alias
    if options.delete:
        if not alias or options.version:
            raise _Usage("which alias? lambdatui alias FUNCTION ALIAS --delete")
        await service.versions.delete_alias(name, alias)
        _say(f"{name} has no alias {alias} any more")
        return OK
    if options.version:
        routing = dict([options.also]) if options.also else {}
        found = [
            await service.versions.put_alias(
                name, alias, version=options.version, routing=routing, description=options.description
            )
        ]
    else:
        found = [one for one in await service.versions.aliases(name) if alias in (None, one.name)]
        if alias and not found:
            _say(f"lambdatui: {name} has no alias {alias}")
            return REFUSED
    if options.json:
        _print_json([_jsonable(asdict(one)) for one in found])
        return OK
    _print_table(
        ("ALIAS", "TRAFFIC", "DESCRIPTION"), [(one.name, _traffic(one), one.description) for one in found]
    )
    return OK


async def _tail(service: Service, options: argparse.Namespace) -> int:
    group = options.function
    if not group.startswith("/"):
        group = (await service.functions.get(group)).latest.log_group
    since_ms = int((time.time() - options.since) * 1000)
    events: AsyncIterator[list[LogEvent]]
    if options.no_follow:
        events = service.logs.since(group, since_ms)
    else:
        events = service.logs.follow(group, since_ms=since_ms, on_state=lambda state: _tell(group, state))
    async for batch in events:
        for event in batch:
            if options.json:
                print(json.dumps(_jsonable(asdict(event))))
            else:
                print(f"{_when(datetime.fromtimestamp(event.timestamp_ms / 1000, UTC))}  {event.message}")
        sys.stdout.flush()
    return OK


async def _route(service: Service, options: argparse.Namespace) -> int:
    if service.engine is None:
        raise _Usage("routes lead to the local engine; say --local")
    try:
        return await _do_route(service.engine, options)
    except (errors.NotFound, errors.Invalid, errors.Conflict) as error:
        _say(f"lambdatui: {error.aws_message}")  # the engine's own words, about what was typed
        return REFUSED


async def _do_route(engine: EngineControl, options: argparse.Namespace) -> int:
    if options.action == "add":
        route = await engine.add_route(options.path, options.function, options.kind)
        if options.json:
            _print_json(asdict(route))
        else:
            print(route.url)
        _say(f"{route.function} answers at {route.path} as behind {_FRONTS[route.kind]}")
        return OK
    if options.action == "remove":
        await engine.remove_route(options.path)
        _say(f"nothing answers at {options.path} any more")
        return OK
    routes = await engine.routes()
    if options.json:
        _print_json([asdict(route) for route in routes])
        return OK
    rows = [(route.path, route.function, route.kind, route.url) for route in routes]
    _print_table(("PATH", "FUNCTION", "AS", "URL"), rows)
    return OK


_FRONTS = {"http": "an HTTP API", "rest": "a REST API", "alb": "a load balancer"}
_Command = Callable[[Service, argparse.Namespace], Awaitable[int]]
_COMMANDS: dict[str, _Command] = {
    "ls": _ls,
    "show": _show,
    "invoke": _invoke,
    "publish": _publish,
    "alias": _alias,
    "tail": _tail,
    "route": _route,
}


def _split(text: str) -> tuple[str, str | None]:
    """name:qualifier; an ARN goes through whole."""
    if text.startswith("arn:"):
        return text, None
    name, _, qualifier = text.partition(":")
    return name, qualifier or None


def _payload(text: str) -> bytes:
    try:
        if text == "-":
            data = sys.stdin.buffer.read()
        elif text.startswith("@"):
            data = Path(text[1:]).read_bytes()
        else:
            data = text.encode()
    except OSError as error:
        raise _Usage(f"{text[1:]}: {error.strerror}") from None
    try:
        json.loads(data or b"null")
    except ValueError as error:
        raise _Usage(f"the payload is not JSON: {error}") from None
    return data


def _print_response(done: Invocation) -> None:
    """A pipe gets the bytes as they came; a terminal gets what is safe for it."""
    if sys.stdout.isatty():
        print(done.text)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(done.response)
    sys.stdout.buffer.flush()


def _summary(done: Invocation) -> str:
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


def _tell(group: str, state: FollowState) -> None:
    match state.kind:
        case FollowKind.ABSENT:
            _say(f"{group}: no logs yet")
        case FollowKind.THROTTLED | FollowKind.UNREACHABLE:
            _say(f"{state.sentence} Asking again in {state.retry_s:.0f} s.")


def _print_versions(versions: Iterable[Version], aliases: Sequence[Alias]) -> None:
    names: dict[str, list[str]] = {}
    for alias in aliases:
        for number, share in alias.weights:
            names.setdefault(number, []).append(alias.name if share == 1 else f"{alias.name} {share:.0%}")
    _print_table(
        ("VERSION", "MODIFIED", "CODE", "ALIASES", "DESCRIPTION"),
        [
            (
                one.number,
                _when(one.modified),
                one.code_sha256[:8],
                ", ".join(names.get(one.number, ())),
                one.description,
            )
            for one in versions
        ],
    )


def _traffic(alias: Alias) -> str:
    return ", ".join(f"{number} {share:.0%}" for number, share in alias.weights)


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _function(function: Function) -> dict[str, Any]:
    said: dict[str, Any] = _jsonable(asdict(function.latest))
    return {**said, "tags": dict(function.tags), "reserved_concurrency": function.reserved_concurrency}


def _invocation(done: Invocation) -> dict[str, Any]:
    """The response as JSON when it is JSON, else as text."""
    raw = asdict(done)
    raw["payload"], raw["response"] = _parsed(done.payload), _parsed(done.response)
    del raw["text"]
    said: dict[str, Any] = _jsonable({**raw, "ok": done.ok, "cold": done.cold})
    return said


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return data.decode("utf-8", "replace")


def _jsonable(value: Any) -> Any:
    match value:
        case dict():
            return {key: _jsonable(item) for key, item in value.items()}
        case list() | tuple():
            return [_jsonable(item) for item in value]
        case datetime():
            return value.isoformat()
        case _:
            return value


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2))  # all ASCII: safe for any terminal, whatever a function answered


def _when(moment: datetime) -> str:
    return moment.astimezone().isoformat(sep=" ", timespec="milliseconds")[:23]


def _place(service: Service) -> str:
    target = service.target
    return f"{target.region} of {target.account or target.endpoint} ({target.name})"


def _say(text: str) -> None:
    print(text, file=sys.stderr)
