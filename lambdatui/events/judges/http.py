"""Load balancer, API Gateway, function URLs: which response the client gets."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from lambdatui.events.judges.case import Case, Judge, Rejected, Verdict, as_status, is_base64, is_number, need

_REST_MEMBERS = {"isBase64Encoded", "statusCode", "headers", "multiValueHeaders", "body"}


def _status(value: Any) -> int:
    status = as_status(value)
    if status is None:
        raise Rejected(f"statusCode is {json.dumps(value)}, not a status of HTTP")
    return status


def _headers(value: Any, name: str, many: bool = False) -> dict[str, Any]:
    need(value is None or isinstance(value, dict), f"{name} is no object")
    for header, content in (value or {}).items():
        if many:
            need(isinstance(content, list), f"{name}.{header} is no array")
        else:
            need(not isinstance(content, dict | list), f"{name}.{header} is no text")
    return dict(value or {})


def _body(answer: Mapping[str, Any]) -> str | bytes:
    body = answer.get("body")
    need(body is None or isinstance(body, str), "body is no text")
    encoded = answer.get("isBase64Encoded")
    need(encoded is None or isinstance(encoded, bool), "isBase64Encoded is neither true nor false")
    if encoded and body:
        need(is_base64(body), "isBase64Encoded is true, but the body is no base64")
        return base64.b64decode(body)
    return body or ""


def _response(service: str, status: int, headers: Mapping[str, Any], body: str | bytes) -> Verdict:
    unit = "bytes" if isinstance(body, bytes) else "characters"
    detail = {"status": status, "headers": dict(headers), "body": body}
    return Verdict(True, f"{service} answers {status} with {len(body):,} {unit}", detail)


_Refusal = Callable[[Case, str], Verdict]


def _failing(service: str, status: int, body: str, slow: tuple[int, str] | None = None) -> _Refusal:
    """The answer that clients get instead; `slow` when the function took too long."""

    def refuse(case: Case, why: str) -> Verdict:
        code, text = slow if slow and case.timed_out else (status, body)
        return Verdict(False, f"{service} answers {code} {text}: {why}", {"status": code, "body": text})

    return refuse


def _alb(case: Case) -> Verdict:
    answer = case.value
    need(isinstance(answer, dict), "the answer is no object with a statusCode")
    need("statusCode" in answer, "statusCode is missing")
    need(is_number(answer["statusCode"]), "statusCode is no number")
    description = answer.get("statusDescription")
    need(description is None or isinstance(description, str), "statusDescription is no text")
    headers = _headers(answer.get("headers"), "headers") | _headers(
        answer.get("multiValueHeaders"), "multiValueHeaders", True
    )
    return _response("the load balancer", _status(answer["statusCode"]), headers, _body(answer))


def _rest(case: Case) -> Verdict:
    answer = case.value
    need(isinstance(answer, dict), "the answer is no object")
    extra = sorted(answer.keys() - _REST_MEMBERS)
    need(not extra, f"{', '.join(extra)} does not belong into a proxy response")
    headers = _headers(answer.get("headers"), "headers") | _headers(
        answer.get("multiValueHeaders"), "multiValueHeaders", True
    )
    return _response("API Gateway", _status(answer.get("statusCode") or 200), headers, _body(answer))


def _lenient(service: str) -> Callable[[Case], Verdict]:
    """Payload 2.0: an object with a statusCode is a response, anything else is a body."""

    def check(case: Case) -> Verdict:
        answer = case.value
        headers: dict[str, Any] = {"content-type": "application/json"}
        if not isinstance(answer, dict) or "statusCode" not in answer:
            text = (
                answer
                if isinstance(answer, str)
                else json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
            )
            return _response(service, 200, headers, text)
        cookies = answer.get("cookies")
        need(cookies is None or isinstance(cookies, list), "cookies is no array")
        if isinstance(answer.get("body"), dict | list):
            answer = {**answer, "body": json.dumps(answer["body"], ensure_ascii=False, separators=(",", ":"))}
        headers |= {name.lower(): value for name, value in _headers(answer.get("headers"), "headers").items()}
        return _response(service, _status(answer["statusCode"]), headers, _body(answer))

    return check


def _websocket(case: Case) -> Verdict:
    kind = (case.event or {}).get("requestContext", {}).get("eventType", "MESSAGE")
    if kind == "DISCONNECT":
        return Verdict(True, "the client is gone; API Gateway ignores the answer")
    answer = case.value
    need(isinstance(answer, dict) and "statusCode" in answer, "the answer is no object with a statusCode")
    status = _status(answer["statusCode"])
    if kind == "CONNECT":
        accepted = 200 <= status < 300
        what = "accepts" if accepted else f"refuses (status {status})"
        return Verdict(True, f"API Gateway {what} the connection", {"status": status, "accepted": accepted})
    sentence = "API Gateway sends the body to the client if the route has a route response, else nothing"
    return Verdict(True, sentence, {"status": status, "body": _body(answer)})


def _websocket_refuses(case: Case, why: str) -> Verdict:
    request = (case.event or {}).get("requestContext", {})
    if request.get("eventType") == "CONNECT":
        return Verdict(
            False, f"API Gateway refuses the connection with 502: {why}", {"status": 502, "accepted": False}
        )
    frame = {
        "message": "Internal server error",
        "connectionId": request.get("connectionId"),
        "requestId": request.get("requestId"),
    }
    return Verdict(
        False, f"the client gets an Internal server error message: {why}", {"body": json.dumps(frame)}
    )


# ---- authorizers ----


def _like(pattern: str, text: str) -> bool:
    """IAM's wildcards, found from left to right."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    if not text.startswith(first) or not text.endswith(rest[-1]):
        return False
    position = len(first)
    for piece in rest[:-1]:
        position = text.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return position <= len(text) - len(rest[-1])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _policy(answer: Mapping[str, Any], wanted: str | None) -> bool | None:
    """Whether a policy lets the method be called; None when the method is not known."""
    need(isinstance(answer.get("principalId"), str), "principalId is no text")
    policy = answer.get("policyDocument")
    need(isinstance(policy, dict), "policyDocument is no object")
    assert isinstance(policy, dict)
    need(policy.get("Statement"), "policyDocument has no Statement")
    effects = set()
    for statement in _list(policy["Statement"]):
        need(isinstance(statement, dict), "a Statement is no object")
        need(
            statement.get("Effect") in ("Allow", "Deny"),
            "the Effect of a Statement is neither Allow nor Deny",
        )
        need(
            statement.get("Action") and statement.get("Resource"), "a Statement has no Action or no Resource"
        )
        acts = any(_like(str(action).lower(), "execute-api:invoke") for action in _list(statement["Action"]))
        if acts and wanted and any(_like(str(resource), wanted) for resource in _list(statement["Resource"])):
            effects.add(statement["Effect"])
    _context(answer.get("context"))
    return None if wanted is None else effects == {"Allow"}


def _context(context: Any, nested: bool = False) -> None:
    need(context is None or isinstance(context, dict), "context is no object")
    for name, value in (context or {}).items():
        need(nested or not isinstance(value, dict | list), f"context.{name} is no text, number or boolean")


def _decision(service: str, allowed: bool | None) -> Verdict:
    if allowed is None:
        return Verdict(True, f"{service} evaluates the policy", {"allowed": None})
    if allowed:
        return Verdict(True, f"{service} lets the request through", {"allowed": True})
    return Verdict(True, f"{service} answers 403: the request is denied", {"allowed": False, "status": 403})


def _authorizer(case: Case) -> Verdict:
    answer = case.value
    need(isinstance(answer, dict), "the answer is no object with principalId and policyDocument")
    return _decision("API Gateway", _policy(answer, (case.event or {}).get("methodArn")))


def _authorizer_http(case: Case) -> Verdict:
    answer = case.value
    need(isinstance(answer, dict), "the answer is no object")
    if "isAuthorized" not in answer:
        return _decision("API Gateway", _policy(answer, (case.event or {}).get("routeArn")))
    need(isinstance(answer["isAuthorized"], bool), "isAuthorized is neither true nor false")
    _context(answer.get("context"), nested=True)
    return _decision("API Gateway", answer["isAuthorized"])


def _authorizer_refuses(case: Case, why: str) -> Verdict:
    if case.error and case.error_object.get("errorMessage") == "Unauthorized":
        body = '{"message":"Unauthorized"}'
        return Verdict(
            True, "API Gateway answers 401: the function said Unauthorized", {"status": 401, "body": body}
        )
    return Verdict(False, f"API Gateway answers 500: {why}", {"status": 500, "body": '{"message":null}'})


def _appsync_authorizer(case: Case) -> Verdict:
    answer = case.value
    need(isinstance(answer, dict), "the answer is no object with isAuthorized")
    need(isinstance(answer.get("isAuthorized"), bool), "isAuthorized is neither true nor false")
    denied, context = answer.get("deniedFields"), answer.get("resolverContext")
    need(denied is None or isinstance(denied, list), "deniedFields is no array")
    need(context is None or isinstance(context, dict), "resolverContext is no object")
    for name, value in (context or {}).items():
        if isinstance(value, dict | list):
            raise Rejected(f"resolverContext.{name} is no text, number or boolean")
    lifetime = answer.get("ttlOverride")
    need(lifetime is None or is_number(lifetime), "ttlOverride is no number of seconds")
    if answer["isAuthorized"]:
        return Verdict(True, "AppSync lets the request through", {"allowed": True})
    return Verdict(True, "AppSync answers 401 UnauthorizedException", {"allowed": False, "status": 401})


_GATEWAY_ERROR = '{"message": "Internal server error"}'

JUDGES = {
    "alb": Judge(_alb, _failing("the load balancer", 502, "Bad Gateway")),
    "rest": Judge(
        _rest,
        _failing("API Gateway", 502, _GATEWAY_ERROR, (504, '{"message": "Endpoint request timed out"}')),
    ),
    "http_api": Judge(
        _lenient("API Gateway"),
        _failing(
            "API Gateway",
            500,
            '{"message":"Internal Server Error"}',
            (503, '{"message":"Service Unavailable"}'),
        ),
    ),
    "function_url": Judge(
        _lenient("the function URL"), _failing("the function URL", 502, "Internal Server Error")
    ),
    "websocket": Judge(_websocket, _websocket_refuses),
    "authorizer": Judge(_authorizer, _authorizer_refuses),
    "authorizer_http": Judge(
        _authorizer_http, _failing("API Gateway", 500, '{"message":"Internal Server Error"}')
    ),
    "appsync_authorizer": Judge(_appsync_authorizer, _failing("AppSync", 401, "UnauthorizedException")),
}
