"""Function URLs: who may call, what the function gets, what the client gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine import sigv4
from lambdatui.engine.concurrency import throttled
from lambdatui.engine.credentials import ExpiredToken, Principal, root
from lambdatui.engine.dispatch import InvokeRequest, Outcome
from lambdatui.engine.http import Exchange
from lambdatui.engine.settings import DEFAULT_ACCOUNT
from lambdatui.engine.store import facets
from lambdatui.engine.web import answers
from lambdatui.engine.web.cors import Cors, is_preflight
from lambdatui.engine.web.grants import admits
from lambdatui.engine.web.payloads import Place, payload_2
from lambdatui.engine.web.rate import Rate
from lambdatui.engine.web.request import WebRequest
from lambdatui.engine.web.stream import UrlStream
from lambdatui.engine.wire.errors import ApiError
from lambdatui.engine.wire.protocol import ERROR_TYPE

if TYPE_CHECKING:
    from lambdatui.engine.engine import Engine
    from lambdatui.engine.store.facets import Facet

KIND = "url"
EVENT_LIMIT = 6_291_456
CALLS_PER_RESERVED = 10  # a second
_FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see:"
    " https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)
_JSON = ("Content-Type", "application/json")
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class FunctionUrl:
    """One URL: the function behind it and its rules."""

    id: str
    account: str
    region: str
    name: str
    qualifier: str | None
    iam: bool
    streams: bool
    cors: Cors | None

    @classmethod
    def of(cls, facet: Facet) -> FunctionUrl:
        config = facet.document
        return cls(
            id=config["UrlId"],
            account=facet.account,
            region=facet.region,
            name=facet.name,
            qualifier=facet.qualifier or None,
            iam=config["AuthType"] == "AWS_IAM",
            streams=config.get("InvokeMode") == "RESPONSE_STREAM",
            cors=Cors(config["Cors"]) if config.get("Cors") else None,
        )

    @property
    def key(self) -> Key:
        return self.account, self.region, self.name

    @property
    def arn(self) -> str:
        """The function's ARN, with the alias if it is an alias's URL."""
        arn = f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"
        return f"{arn}:{self.qualifier}" if self.qualifier else arn

    @property
    def auth_type(self) -> str:
        return "AWS_IAM" if self.iam else "NONE"


class FunctionUrls:
    """Answers at every URL of every account."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._urls: dict[str, FunctionUrl] | None = None
        self._rate = Rate()
        engine.store.watch(KIND, self._changed)

    def serve(self, exchange: Exchange, url_id: str, path: str, host: str) -> None:
        """Answer a request to the URL with this id; `path` is what follows the URL."""
        url = self._find(url_id)
        if url is None:
            exchange.respond(403, (_JSON, (ERROR_TYPE, "AccessDeniedException")), b'{"Message":null}')
            return
        request = WebRequest.of(exchange, path, host)
        call = _Call(url, request, exchange)
        if url.cors is not None and is_preflight(exchange.method, exchange.headers):
            call.respond(200, url.cors.preflight(exchange.headers), b"")
            return
        try:
            caller = self._caller(url, exchange)
            self._check_rate(url)
        except ApiError as error:
            call.fail(error)
            return
        payload = orjson.dumps(payload_2(request, *_place(url, caller, exchange)))
        if len(payload) > EVENT_LIMIT:
            call.respond(413, [_JSON], b'{"message":"Request Too Long"}')
            return
        self._invoke(call, payload)

    def _invoke(self, call: _Call, payload: bytes) -> None:
        url, request = call.url, call.request
        invocation = InvokeRequest(
            account=url.account,
            region=url.region,
            name=url.name,
            qualifier=url.qualifier,
            payload=payload,
            request_id=request.id,
            trace_id=request.trace_id,
        )
        if url.streams:
            stream = UrlStream(call.exchange, call.headers)
            invocation.reply = stream
            done = stream.done(call.answer_whole)
        else:
            done = call.answer
        self._engine.dispatch.invoke(invocation, done)

    def _caller(self, url: FunctionUrl, exchange: Exchange) -> Principal | None:
        """Who calls; None on a URL that asks nobody. Raises ApiError for those who may not."""
        caller = self._signer(exchange) if url.iam else None
        policy = facets.get(self._engine.store.read(), *url.key, "policy", url.qualifier or "")
        arn = caller.arn if caller else None
        if (url.iam and caller is None) or not admits(policy, url.auth_type, arn, url.arn):
            raise _forbidden()
        return caller

    def _signer(self, exchange: Exchange) -> Principal | None:
        credentials = self._engine.credentials
        signature = sigv4.read(exchange)
        if signature is None:
            return root(DEFAULT_ACCOUNT) if self._engine.settings.unsigned else None
        if not self._engine.settings.unsigned:
            sigv4.verify(exchange, signature, credentials.secret_for)
            if signature.service != "lambda":
                text = "Credential should be scoped to correct service: 'lambda'. "
                raise sigv4.denied("InvalidSignatureException", text)
        try:
            return credentials.principal_for(signature.access_key, signature.token)
        except ExpiredToken:
            return None

    def _check_rate(self, url: FunctionUrl) -> None:
        reserved: dict[str, Any] = facets.get(self._engine.store.read(), *url.key, "concurrency") or {}
        limit = reserved.get("ReservedConcurrentExecutions")
        if limit and not self._rate.take(url.id, limit * CALLS_PER_RESERVED):
            raise throttled("ReservedFunctionInvocationRateLimitExceeded")

    def _find(self, url_id: str) -> FunctionUrl | None:
        if self._urls is None:
            found = map(FunctionUrl.of, facets.of_kind(self._engine.store.read(), KIND))
            self._urls = {url.id: url for url in found}
        return self._urls.get(url_id)

    def _changed(self, account: str, region: str, name: str) -> None:
        if self._urls is None:
            return
        key = (account, region, name)
        kept = {url.id: url for url in self._urls.values() if url.key != key}
        now = map(FunctionUrl.of, facets.of_function(self._engine.store.read(), *key, KIND))
        self._urls = kept | {url.id: url for url in now}


@dataclass(slots=True)
class _Call:
    """One request on its way, and how it is answered."""

    url: FunctionUrl
    request: WebRequest
    exchange: Exchange

    def answer(self, outcome: Outcome | ApiError) -> None:
        """The function's response, mapped."""
        if isinstance(outcome, ApiError):
            self.fail(outcome)
        elif outcome.function_error:
            self._bad_gateway()
        else:
            try:
                found = answers.payload_2(outcome.payload)
            except answers.Malformed:
                self._bad_gateway()
            else:
                self.respond(found.status, self._dressed(found.headers), found.body)

    def answer_whole(self, outcome: Outcome | ApiError) -> None:
        """On a URL that streams, an answer that was no stream goes out as it is."""
        if isinstance(outcome, ApiError):
            self.fail(outcome)
        elif outcome.function_error:
            self._bad_gateway()
        else:
            self.respond(200, self._dressed([_JSON]), outcome.payload)

    def fail(self, error: ApiError) -> None:
        if error.code == "ResourceNotFoundException":  # its alias or version has gone
            error = _forbidden()
        if error.status == 403:
            key = "Message" if error.code == "AccessDeniedException" else "message"
            body = orjson.dumps({key: error.message})
        elif error.status == 429:
            body = orjson.dumps({**error.extra, "Type": error.type, "message": error.message})
        else:
            self._bad_gateway()
            return
        self.respond(error.status, self._dressed([_JSON, (ERROR_TYPE, error.code)]), body)

    def respond(self, status: int, headers: answers.Pairs, body: bytes) -> None:
        if not self.exchange.gone:
            self.exchange.respond(status, self._with_ids(headers), body)

    def headers(self, given: answers.Pairs) -> answers.Pairs:
        """Those of a streamed answer."""
        return self._with_ids(self._dressed(given))

    def _bad_gateway(self) -> None:
        self.respond(502, self._dressed([_JSON]), b"Internal Server Error")

    def _dressed(self, headers: answers.Pairs) -> answers.Pairs:
        return headers if self.url.cors is None else self.url.cors.dress(headers, self.exchange.headers)

    def _with_ids(self, headers: answers.Pairs) -> answers.Pairs:
        return [
            *headers,
            ("x-amzn-RequestId", self.request.id),
            ("X-Amzn-Trace-Id", self.request.trace_id),
        ]


def _place(url: FunctionUrl, caller: Principal | None, exchange: Exchange) -> tuple[Place, str]:
    """What stands in front, and the account that the event names."""
    if caller is None:
        return Place(url.id, url.account, url.region), "anonymous"
    signature = sigv4.read(exchange)
    iam = {
        "accessKey": signature.access_key if signature else None,
        "accountId": caller.account,
        "callerId": caller.user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": caller.arn,
        "userId": caller.user_id,
    }
    return Place(url.id, url.account, url.region, authorizer={"iam": iam}), caller.account


def _forbidden() -> ApiError:
    return ApiError("AccessDeniedException", _FORBIDDEN, 403, type=None)
