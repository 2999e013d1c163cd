"""The events that functions get from in front of them: payload 2.0, REST proxy (1.0), load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdatui.engine.web.request import WebRequest, grouped, joined

Event = dict[str, Any]
REST_STAGE = "prod"
_IDENTITY = (
    "accessKey accountId apiKey apiKeyId caller cognitoAuthenticationProvider cognitoAuthenticationType"
    " cognitoIdentityId cognitoIdentityPoolId principalOrgId sourceIp user userAgent userArn"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What stands in front of the function, and where in it the request arrived."""

    api_id: str
    account: str
    region: str
    route: str = "$default"
    parameters: Mapping[str, str] = field(default_factory=dict)
    authorizer: Mapping[str, Any] | None = None


def payload_2(request: WebRequest, place: Place, account_id: str) -> Event:
    """What function URLs and HTTP APIs send. Members that do not apply are not there."""
    headers = {name: value for name, value in request.headers.items() if name != "cookie"}
    event: Event = {
        "version": "2.0",
        "routeKey": place.route,
        "rawPath": request.path,
        "rawQueryString": request.query,
    }
    if cookies := request.cookies():
        event["cookies"] = cookies
    event["headers"] = headers
    if query := joined(request.decoded_query()):
        event["queryStringParameters"] = query
    if place.parameters:
        event["pathParameters"] = dict(place.parameters)
    event["requestContext"] = _context_2(request, place, account_id)
    text, encoded = request.content()
    if request.body:
        event["body"] = text
    event["isBase64Encoded"] = encoded
    return event


def _context_2(request: WebRequest, place: Place, account_id: str) -> Event:
    context: Event = {"accountId": account_id, "apiId": place.api_id}
    if place.authorizer is not None:
        context["authorizer"] = dict(place.authorizer)
    http = {
        "method": request.method,
        "path": request.path,
        "protocol": "HTTP/1.1",
        "sourceIp": request.source_ip,
        "userAgent": request.user_agent,
    }
    return context | {
        "domainName": request.host,
        "domainPrefix": place.api_id,
        "http": {name: value for name, value in http.items() if value is not None},
        "requestId": request.id,
        "routeKey": place.route,
        "stage": "$default",
        "time": request.clf_time,
        "timeEpoch": request.epoch_ms,
    }


def rest(request: WebRequest, place: Place) -> Event:
    """What a REST API's proxy integration sends. Members that do not apply are null."""
    headers = {name.title(): value for name, value in request.headers.items()}
    query = request.decoded_query()
    text, encoded = request.content()
    return {
        "resource": place.route,
        "path": request.path,
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": grouped(query) or None,
        "pathParameters": dict(place.parameters) or None,
        "stageVariables": None,
        "requestContext": _context_rest(request, place),
        "body": text if request.body else None,
        "isBase64Encoded": encoded,
    }


def _context_rest(request: WebRequest, place: Place) -> Event:
    known = {"sourceIp": request.source_ip, "userAgent": request.user_agent}
    return {
        "resourceId": place.api_id[:6],
        "resourcePath": place.route,
        "httpMethod": request.method,
        "extendedRequestId": request.id,
        "requestTime": request.clf_time,
        "path": request.path,
        "accountId": place.account,
        "protocol": "HTTP/1.1",
        "stage": REST_STAGE,
        "domainPrefix": place.api_id,
        "requestTimeEpoch": request.epoch_ms,
        "requestId": request.id,
        "identity": {name: known.get(name) for name in _IDENTITY.split()},
        "domainName": request.host,
        "apiId": place.api_id,
    }


def load_balancer(request: WebRequest, place: Place) -> Event:
    """What a load balancer sends: parameters are not decoded, of repeated ones the last counts."""
    text, encoded = request.content()
    group = f"arn:aws:elasticloadbalancing:{place.region}:{place.account}:targetgroup/local/{place.api_id}"
    return {
        "requestContext": {"elb": {"targetGroupArn": group}},
        "httpMethod": request.method,
        "path": request.path,
        "queryStringParameters": dict(request.raw_query()),
        "headers": request.headers,
        "body": text,
        "isBase64Encoded": encoded,
    }
