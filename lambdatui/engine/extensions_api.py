"""The Extensions, Telemetry and Logs APIs of one environment, on the same port as its Runtime API."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson

from lambdatui.engine.environments.extensions import INVOKE, MOST, SHUTDOWN, Extension, Extensions, Stage
from lambdatui.engine.environments.spec import RunSpec
from lambdatui.engine.http import Exchange
from lambdatui.engine.telemetry import Subscription, Telemetry

EXTENSION = "/2020-01-01/extension/"
SUBSCRIBING = {"/2022-07-01/telemetry": "telemetry", "/2020-08-15/logs": "logs"}
VERSIONS = {
    "telemetry": ("2022-07-01", "2022-12-13", "2025-01-29"),
    "logs": ("2020-08-15", "2021-03-18"),
}
TYPES = ("platform", "function", "extension")
BUFFERING = {"maxItems": (1000, 10_000), "maxBytes": (262_144, 1_048_576), "timeoutMs": (25, 30_000)}
SANDBOX = ("sandbox.localdomain", "sandbox.local", "sandbox", "localhost", "127.0.0.1")

_JSON = ("Content-Type", "application/json")


class Owner(Protocol):
    """Whose extensions these are."""

    spec: RunSpec

    @property
    def sandbox(self) -> str:
        """The address that listeners inside have."""

    async def dial(self, port: int) -> socket.socket:
        """A connection to one of those listeners."""

    @property
    def telemetry(self) -> Telemetry | None: ...

    def open_extensions(self) -> Extensions | None:
        """Those that are registered; None if it is too late for the first."""

    def extension_subscribed(self, what: str, name: str, types: tuple[str, ...]) -> None:
        """One of them wants telemetry, or logs."""


class Refused(Exception):  # noqa: N818 - read as a sentence
    """What an extension may not do."""

    def __init__(self, kind: str, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


def handle(owner: Owner, exchange: Exchange) -> bool:
    """Answer a request of an extension; False if it is none."""
    path = exchange.path.rstrip("/")
    what = SUBSCRIBING.get(path)
    calls: dict[tuple[str, str], Callable[[Owner, Exchange], None]] = {
        ("POST", f"{EXTENSION}register"): _register,
        ("GET", f"{EXTENSION}event/next"): _next,
        ("POST", f"{EXTENSION}init/error"): _init_error,
        ("POST", f"{EXTENSION}exit/error"): _exit_error,
    }
    call = calls.get((exchange.method, path))
    if call is None and not (what is not None and exchange.method == "PUT"):
        return False
    try:
        if call is not None:
            call(owner, exchange)
        elif what is not None:
            _subscribe(owner, exchange, what)
    except Refused as refusal:
        _respond(exchange, refusal.status, {"errorMessage": str(refusal), "errorType": refusal.kind})
    return True


# -- extensions --------------------------------------------------------------------------------------


def _register(owner: Owner, exchange: Exchange) -> None:
    name = exchange.headers.get("lambda-extension-name", "")
    if not name:
        raise Refused("Extension.InvalidExtensionName", "Empty extension name")
    events = _events_of(exchange.body)
    extensions = owner.open_extensions()
    extension = extensions.named(name) if extensions is not None else None
    _check_events(events, external=extension is not None and extension.external)
    if extensions is None or (extension is None and not extensions.open):
        raise Refused("Extension.RegistrationClosed", "Extension registration closed already")
    if extension is None:
        if len(extensions) >= MOST:
            raise Refused("Extension.TooManyExtensions", f"Extension limit ({MOST}) reached")
        extension = Extension(name, external=False)
    elif not extension.external:
        raise Refused("Extension.InvalidExtensionState", "Extension with this name already registered")
    elif extension.stage is not Stage.STARTED:
        raise _out_of_turn(extension, Stage.REGISTERED)
    body = _about(owner, exchange)
    _respond(exchange, 200, body, ("Lambda-Extension-Identifier", extension.id))
    extensions.register(extension, events)


def _check_events(events: list[str], *, external: bool) -> None:
    for wanted in events:
        if wanted not in (INVOKE, SHUTDOWN):
            raise Refused("Extension.InvalidEventType", f"{wanted}: ErrorInvalidEventType")
        if wanted == SHUTDOWN and not external:
            raise Refused("Extension.InvalidEventType", f"{wanted}: ErrorEventNotSupportedForInternalAgent")


def _about(owner: Owner, exchange: Exchange) -> dict[str, Any]:
    """What an extension learns of its function; the account only if it asks for it."""
    spec = owner.spec
    body = {"functionName": spec.name, "functionVersion": spec.version, "handler": spec.handler}
    accepted = exchange.headers.get("lambda-extension-accept-feature", "").split(",")
    if "accountId" in (feature.strip() for feature in accepted):
        body["accountId"] = spec.account
    return body


def _events_of(body: bytes) -> list[str]:
    document = _document(body, "InvalidRequestFormat")
    events = document.get("events") or []
    if not isinstance(events, list) or not all(isinstance(one, str) for one in events):
        raise Refused("InvalidRequestFormat", "events must be a list of strings")
    if document.get("configurationKeys"):
        message = "configurationKeys are deprecated; use environment variables instead"
        raise Refused("InvalidRequestFormat", message)
    return events


def _next(owner: Owner, exchange: Exchange) -> None:
    extensions, extension = _known(owner, exchange)
    if extension.stage not in (Stage.REGISTERED, Stage.RUNNING):
        if extension.stage is Stage.READY and extension.waiting is None:  # its connection had broken
            extensions.wait(extension, exchange)
            return
        raise _out_of_turn(extension, Stage.READY)
    extensions.wait(extension, exchange)


def _init_error(owner: Owner, exchange: Exchange) -> None:
    _fail(owner, exchange, Stage.INIT_ERROR, (Stage.REGISTERED,))


def _exit_error(owner: Owner, exchange: Exchange) -> None:
    _fail(owner, exchange, Stage.EXIT_ERROR, (Stage.REGISTERED, Stage.READY, Stage.RUNNING))


def _fail(owner: Owner, exchange: Exchange, stage: Stage, allowed: tuple[Stage, ...]) -> None:
    """It says why it cannot go on; the environment fails when it exits."""
    _, extension = _known(owner, exchange)
    header = "Lambda-Extension-Function-Error-Type"
    error_type = exchange.headers.get(header.lower(), "")
    if not error_type:
        raise Refused("Extension.MissingHeader", f"{header} not found")
    if extension.stage is not stage:  # only the first error counts
        if extension.stage not in allowed:
            raise _out_of_turn(extension, stage)
        extension.stage, extension.error_type = stage, error_type[:256]
    _respond(exchange, 202, {"status": "OK"})


def _known(owner: Owner, exchange: Exchange) -> tuple[Extensions, Extension]:
    identifier = exchange.headers.get("lambda-extension-identifier", "")
    if not identifier:
        message = "Missing Lambda-Extension-Identifier header"
        raise Refused("Extension.MissingExtensionIdentifier", message)
    extensions = owner.open_extensions()
    extension = extensions.identified(identifier) if extensions is not None else None
    if extensions is None or extension is None:
        raise Refused("Extension.UnknownExtensionIdentifier", f"Unknown extension {identifier}")
    return extensions, extension


def _out_of_turn(extension: Extension, wanted: Stage) -> Refused:
    message = (
        f"State transition from {extension.stage.value} to {wanted.value} failed for extension"
        f" {extension.name}. Error: State transition is not allowed"
    )
    return Refused("Extension.InvalidExtensionState", message)


# -- telemetry and logs ------------------------------------------------------------------------------


def _subscribe(owner: Owner, exchange: Exchange, api: str) -> None:
    _, extension = _known(owner, exchange)
    telemetry, title = owner.telemetry, api.capitalize()
    if telemetry is None or not telemetry.open:
        raise Refused(f"{title}.SubscriptionClosed", f"{title} API subscription is closed")
    former = telemetry.api_of(extension.name)
    if former not in (None, api):
        raise _invalid(f"{extension.name} has subscribed by the {(former or '').capitalize()} API")
    subscription = subscription_of(_document(exchange.body, "ValidationError", 400), api, owner.sandbox)
    telemetry.subscribe(extension.name, subscription, owner.dial)
    _respond(exchange, 200, "OK")
    owner.extension_subscribed(api, extension.name, subscription.types)


def subscription_of(document: dict[str, Any], api: str, sandbox: str) -> Subscription:
    """A request to subscribe, checked."""
    version = document.get("schemaVersion", VERSIONS[api][0])
    if version not in VERSIONS[api]:
        raise _invalid(f"schemaVersion must be one of {', '.join(VERSIONS[api])}")
    types = document.get("types")
    if not isinstance(types, list) or not types or any(one not in TYPES for one in types):
        raise _invalid(f"types must list one or more of {', '.join(TYPES)}")
    given = document.get("buffering") or {}
    if not isinstance(given, dict):
        raise _invalid("buffering must be an object")
    buffering: dict[str, int] = {}
    for name, (least, most) in BUFFERING.items():
        value = given.get(name)
        if value is None:
            continue
        if type(value) is not int or not least <= value <= most:
            raise _invalid(f"buffering.{name} must be a number from {least} to {most}")
        buffering[name] = value
    tcp, port, target, host = _destination(document.get("destination"), sandbox)
    method = (document.get("destination") or {}).get("method", "POST")
    if method not in ("POST", "PUT"):
        raise _invalid("destination.method must be POST or PUT")
    return Subscription(
        api,
        version,
        tuple(dict.fromkeys(types)),
        tcp,
        port,
        target,
        host,
        method,
        buffering.get("maxItems", 10_000),
        buffering.get("maxBytes", 262_144),
        buffering.get("timeoutMs", 1000) / 1000,
    )


def _destination(given: object, sandbox: str) -> tuple[bool, int, str, str]:
    """Protocol, port, path and host of a listener in the environment; nobody else's is posted to."""
    destination = given if isinstance(given, dict) else {}
    protocol = destination.get("protocol")
    if protocol == "TCP":
        port = destination.get("port")
        if type(port) is not int or not 0 < port < 65536:
            raise _invalid("destination.port must be a number from 1 to 65535")
        return True, port, "", ""
    if protocol != "HTTP":
        raise _invalid("destination.protocol must be HTTP or TCP")
    try:
        parts = urlsplit(str(destination.get("URI", "")))
        port = parts.port or 80
    except ValueError:
        raise _invalid("destination.URI is no URI") from None
    if parts.scheme != "http" or parts.hostname not in (*SANDBOX, sandbox):
        raise _invalid("destination.URI must be http://sandbox.localdomain:PORT")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return False, port, target, parts.netloc


def _invalid(message: str) -> Refused:
    return Refused("ValidationError", message, 400)


def _document(body: bytes, kind: str, status: int = 403) -> dict[str, Any]:
    try:
        document = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as problem:
        raise Refused(kind, str(problem), status) from None
    if not isinstance(document, dict):
        raise Refused(kind, "the body must be a JSON object", status)
    return document


def _respond(exchange: Exchange, status: int, body: object, *headers: tuple[str, str]) -> None:
    exchange.respond(status, (_JSON, *headers), orjson.dumps(body))
