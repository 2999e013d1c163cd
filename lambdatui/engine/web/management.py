"""/_lambdatui/routes: which local routes there are, and changes to them. The door has checked who asks.

GET                                                     all routes
PUT {"path": "/a/{id}", "function": "f", "as": "http"}  adds one, or changes where its path leads
DELETE ?path=/a/{id}                                    takes one away
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from lambdatui.engine import sigv4
from lambdatui.engine.api.names import target
from lambdatui.engine.context import Context, new_request_id
from lambdatui.engine.settings import DEFAULT_REGION
from lambdatui.engine.store import StoreUnavailable, versions
from lambdatui.engine.web.gateways import GATEWAYS
from lambdatui.engine.web.paths import BadPath, Template
from lambdatui.engine.web.routes import Route
from lambdatui.engine.wire.errors import ApiError, invalid_parameter, not_found
from lambdatui.engine.wire.protocol import ERROR_TYPE

if TYPE_CHECKING:
    from lambdatui.engine.credentials import Principal
    from lambdatui.engine.engine import Engine
    from lambdatui.engine.http import Exchange

logger = logging.getLogger(__name__)
PATH = "/_lambdatui/routes"
_STATUS = {"ResourceNotFoundException": 404, "ResourceConflictException": 409}


async def manage(engine: Engine, exchange: Exchange, principal: Principal) -> None:
    """Answer a request under `PATH`."""
    headers = [("Content-Type", "application/json")]
    try:
        status, body = 200, await _do(engine, exchange, principal)
    except ApiError as error:
        status, body = _STATUS.get(error.code, 400), {"message": error.message}
        headers.append((ERROR_TYPE, error.code))
    except StoreUnavailable as error:
        status, body = 500, {"message": str(error)}
    except Exception:
        logger.exception("%s %s failed", exchange.method, exchange.path)
        status, body = 500, {"message": "The engine could not do it; its log on stderr says more."}
    if not exchange.gone:
        exchange.respond(status, headers, orjson.dumps(body))


async def _do(engine: Engine, exchange: Exchange, principal: Principal) -> dict[str, Any]:
    region = _region(exchange)
    match exchange.method:
        case "GET":
            return {"routes": [_show(engine, route) for route in engine.front.routes.all()]}
        case "PUT":
            route = _read(engine, exchange.body, principal.account, region)
            await engine.front.routes.put(route)
            return _show(engine, route)
        case "DELETE":
            path = parse_qs(exchange.query).get("path", [""])[0]
            text = _template(path).text
            if not await engine.front.routes.remove(principal.account, region, text):
                raise not_found(f"There is no route {text}.")
            return {}
        case method:
            raise invalid_parameter(f"There is no {method} {PATH}.")


def _read(engine: Engine, body: bytes, account: str, region: str) -> Route:
    try:
        wanted = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise invalid_parameter(f"The request is no JSON: {error}") from None
    if not isinstance(wanted, dict) or not all(
        isinstance(wanted.get(name), str) for name in ("path", "function", "as")
    ):
        raise invalid_parameter("A route needs path, function and as, each of them text.")
    if wanted["as"] not in GATEWAYS:
        raise invalid_parameter(f"{wanted['as']!r} is none of {', '.join(GATEWAYS)}.")
    template = _template(wanted["path"])
    ctx = Context(engine, engine.service("lambda"), account, region, new_request_id(), "")
    function = target(ctx, wanted["function"])
    if versions.get_version(engine.store.read(), *function.key, function.qualifier) is None:
        raise function.missing()
    return Route(template, wanted["as"], *function.key, function.qualifier)


def _template(path: str) -> Template:
    try:
        return Template.read(path)
    except BadPath as error:
        raise invalid_parameter(str(error)) from None


def _show(engine: Engine, route: Route) -> dict[str, Any]:
    return {
        "path": route.template.text,
        "function": route.function,
        "as": route.kind,
        "account": route.account,
        "region": route.region,
        "url": engine.front.route_url(route.template.text),
    }


def _region(exchange: Exchange) -> str:
    try:
        signature = sigv4.read(exchange)
    except ApiError:  # without signatures anything goes
        signature = None
    return signature.region if signature else DEFAULT_REGION
