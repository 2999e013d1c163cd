"""Who may come in, and which room is asked for.

Loopback alone keeps nobody out: any page in a browser can reach it, under a name of its own choosing. So the
Host must be exact, no foreign page may be the origin, and every request is signed.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from lambdatui.engine import faulty, sigv4
from lambdatui.engine.callbacks import registry
from lambdatui.engine.context import Context, new_request_id
from lambdatui.engine.credentials import ExpiredToken, Principal, root
from lambdatui.engine.settings import DEFAULT_ACCOUNT, DEFAULT_REGION, MAX_REQUEST
from lambdatui.engine.sigv4 import Signature
from lambdatui.engine.triggers import s3
from lambdatui.engine.triggers.service import NeighbourService
from lambdatui.engine.wire.errors import ApiError
from lambdatui.engine.wire.service import Service

if TYPE_CHECKING:
    from lambdatui.engine.engine import Engine
    from lambdatui.engine.http import BodySink, Exchange

logger = logging.getLogger(__name__)

Verify = Callable[["Exchange", Signature, Callable[[str], str | None]], None]

OWN_PREFIX = "/_lambdatui/"
CODE_PREFIX = "/_code/"
_REGION = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
_VERSION = re.compile(r"(?:^|&)Version=([0-9-]+)", re.ASCII)
_VERSIONS = {
    "2010-03-31": "sns",
    "2010-05-08": "iam",
    "2010-08-01": "monitoring",
    "2012-11-05": "sqs",
    "2016-11-15": "ec2",
}
_TARGETS = {
    "Logs": "logs",
    "GraniteServiceVersion20100801": "monitoring",
    "AmazonSQS": "sqs",
    "DynamoDB": "dynamodb",
    "DynamoDBStreams": "dynamodb",
    "Kinesis": "kinesis",
    "AWSEvents": "events",
    "AWSStepFunctions": "states",
    "TrentService": "kms",
    "secretsmanager": "secretsmanager",
    "AmazonSSM": "ssm",
}
"""What a request is for that nobody signed, by the first part of its X-Amz-Target or of its CBOR path."""
_RPC = re.compile(r"/service/(\w+)/operation/\w+", re.ASCII)
_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)
_UNSIGNED = (CODE_PREFIX, registry.PREFIX)
_NOBODY = Principal(DEFAULT_ACCOUNT, "", "", session=False)
"""Who asks, where that is not known."""


class _Discard:
    """The body of a request that was refused already."""

    def feed(self, piece: bytes) -> None:
        pass

    def finish(self) -> None:
        pass


class Door:
    """The handler of the engine's listener. `open_at` comes first: the port is part of every check."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._hosts: frozenset[str] = frozenset()
        self._origins: frozenset[str] = frozenset()

    def open_at(self, port: int) -> None:
        names = [f"{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]")]
        self._hosts = frozenset(names)
        self._origins = frozenset(f"http://{name}" for name in names)

    def __call__(self, exchange: Exchange) -> None:
        if exchange.path.startswith("/_") and self._needs_no_signature(exchange):
            return
        signature: Signature | None = None
        try:
            signature = sigv4.read(exchange)
            principal = self._check(exchange, signature)
        except ApiError as error:
            service, ctx = self._place(exchange, signature, None)
            service.fail(ctx, exchange, error)
            return
        if exchange.path.startswith(OWN_PREFIX):
            self._engine.introspection.serve(exchange, principal)
            return
        service, ctx = self._place(exchange, signature, principal)
        service.serve(ctx, exchange)

    def too_large(self, exchange: Exchange) -> None:
        """A body over the limit: its signature cannot be checked, what it asked for can be named."""
        if not self._needs_no_signature(exchange):
            service, ctx = self._place(exchange, self._read(exchange), None)
            service.too_large(ctx, exchange, MAX_REQUEST)

    def sink_for(self, exchange: Exchange) -> BodySink | None:
        """Who takes a body as it comes: nobody keeps that of a request that is turned away, or that cannot
        come in whatever a large body says. S3's requests are admitted by what they state of theirs, which may
        be larger than memory."""
        for_s3 = s3.is_s3(exchange)
        if self._turned_away(exchange, virtual_hosts=for_s3):
            return _Discard()
        if not for_s3 and not _is_large(exchange):
            return None
        if not for_s3 and (self._engine.settings.unsigned or exchange.path.startswith(_UNSIGNED)):
            return None
        signature: Signature | None = None
        try:
            signature = s3.read(exchange) if for_s3 else sigv4.read(exchange)
            principal = self._check(exchange, signature, s3.verify if for_s3 else sigv4.verify_head)
        except ApiError as error:
            service, ctx = self._place(exchange, signature, None)
            service.fail(ctx, exchange, error)
            return _Discard()
        if not for_s3:
            return None
        service, ctx = self._place(exchange, signature, principal)
        assert isinstance(service, NeighbourService)
        return service.stream(ctx, exchange)

    def _turned_away(self, exchange: Exchange, virtual_hosts: bool = False) -> bool:
        """Answers what came to another host's name or from another site's page."""
        host = exchange.headers.get("host", "").lower()
        if host not in self._hosts and not (virtual_hosts and s3.is_virtual_host(host, self._hosts)):
            exchange.respond(421, _TEXT, b"This engine answers to 127.0.0.1 and localhost, with its port.\n")
            return True
        if self._from_elsewhere(exchange.headers):
            exchange.respond(403, _TEXT, b"Requests from pages of other sites are refused.\n")
            return True
        self._engine.heard()
        return False

    def _from_elsewhere(self, headers: dict[str, str]) -> bool:
        """Whether another site's page asks. Of pictures, links and the like browsers send no Origin; where
        signatures count these harm nothing, and presigned links may stand in any page."""
        origin = headers.get("origin")
        if origin is not None:
            return origin.lower() not in self._origins
        return self._engine.settings.unsigned and headers.get("sec-fetch-site") == "cross-site"

    def _needs_no_signature(self, exchange: Exchange) -> bool:
        """Takes what is asked for by links that only those have whom we gave them to."""
        if exchange.path.startswith(CODE_PREFIX):
            self._engine.send_code(exchange, exchange.path.removeprefix(CODE_PREFIX))
        elif exchange.path.startswith(registry.PREFIX):
            self._engine.callbacks.receive(exchange)
        else:
            return False
        return True

    def _check(
        self, exchange: Exchange, signature: Signature | None, verify: Verify = sigv4.verify
    ) -> Principal:
        """Whose request this is; raises ApiError if it may not come in."""
        credentials = self._engine.credentials
        if self._engine.settings.unsigned:
            return self._claimed(signature)
        if signature is None:
            raise sigv4.denied("MissingAuthenticationTokenException", "Missing Authentication Token")
        verify(exchange, signature, credentials.secret_for)
        if not _REGION.fullmatch(signature.region):
            raise sigv4.denied("InvalidSignatureException", "Credential should be scoped to a valid region.")
        try:
            principal = credentials.principal_for(signature.access_key, signature.token)
        except ExpiredToken:
            message = "The security token included in the request is expired"
            raise sigv4.denied("ExpiredTokenException", message) from None
        if principal is None:
            message = "The security token included in the request is invalid."
            raise sigv4.denied("UnrecognizedClientException", message)
        if principal.session and self._engine.execution.faults.armed:
            faulty.skew(self._engine.execution.faults, principal.arn, signature)
        return principal

    def _claimed(self, signature: Signature | None) -> Principal:
        """Without signatures a request is believed: its key names the account, a session stays a session."""
        claimed = None
        if signature is not None:
            with contextlib.suppress(ExpiredToken):
                claimed = self._engine.credentials.principal_for(signature.access_key, signature.token)
        return claimed or root(DEFAULT_ACCOUNT)

    def _place(
        self, exchange: Exchange, signature: Signature | None, principal: Principal | None
    ) -> tuple[Service, Context]:
        """The service that answers, if only to say no, and what it has to know."""
        name = signature.service if signature is not None else _guess_service(exchange)
        service = self._engine.service(name)
        region = signature.region if signature and _REGION.fullmatch(signature.region) else DEFAULT_REGION
        who = principal or _NOBODY
        made = Context(self._engine, service, who.account, region, new_request_id(), who.arn, who.user_id)
        return service, made

    @staticmethod
    def _read(exchange: Exchange) -> Signature | None:
        try:
            return sigv4.read(exchange)
        except ApiError:
            return None


def _is_large(exchange: Exchange) -> bool:
    """Whether the body that follows is of 100 KB or more, or of nobody knows how much."""
    headers = exchange.headers
    return len(headers.get("content-length", "")) > 5 or "transfer-encoding" in headers


def _guess_service(exchange: Exchange) -> str:
    """The service that an unsigned request means, by the shape of the request."""
    target = exchange.headers.get("x-amz-target")
    if target:
        return _TARGETS.get(target.partition(".")[0].partition("_")[0], "lambda")
    if exchange.path.startswith("/20"):  # a date: only Lambda's paths begin so
        return "lambda"
    if rpc := _RPC.fullmatch(exchange.path):
        return _TARGETS.get(rpc[1], "lambda")
    form = exchange.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if exchange.path == "/" and (form or "Action=" in exchange.query):
        version = _VERSION.search(exchange.body.decode("latin-1") if form else exchange.query)
        return _VERSIONS.get(version[1], "sts") if version else "sts"
    return "lambda"
