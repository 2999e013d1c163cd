"""Finds who answers a request under /_lambdatui/, and turns what it says into JSON."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from lambdatui.engine.store import StoreUnavailable

if TYPE_CHECKING:
    from lambdatui.engine.engine import Engine
    from lambdatui.engine.http import Exchange

logger = logging.getLogger(__name__)


class Refused(Exception):  # noqa: N818 - an answer like any other
    """The request cannot be followed; the sentence says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(slots=True)
class Call:
    """A request, read."""

    engine: Engine
    query: dict[str, str]
    body: dict[str, Any]
    id: int = 0

    def number(self, name: str, default: float, most: float) -> float:
        """A number of the query, within bounds."""
        return amount(self.query.get(name, default), name, most)


Handler = Callable[[Call], Awaitable[dict[str, Any]]]
Routes = dict[tuple[str, str], Handler]
"""By method and path behind the prefix; ``*`` in a path is a number."""

PREFIX = "/_lambdatui/"
_NUMBER = re.compile(r"(?<=/)\d{1,18}(?=/|$)", re.ASCII)


def find(routes: Routes, method: str, path: str) -> tuple[Handler, int] | None:
    """Who answers, and the number in the path."""
    rest = path.removeprefix(PREFIX)
    numbers = _NUMBER.findall(rest)
    handler = routes.get((method, _NUMBER.sub("*", rest)))
    return (handler, int(numbers[0]) if numbers else 0) if handler is not None else None


def read(engine: Engine, exchange: Exchange, number: int) -> Call:
    """The request's parts; Refused if the body is no JSON object."""
    try:
        body = orjson.loads(exchange.body) if exchange.body else {}
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"The body is no JSON: {error}.") from None
    if not isinstance(body, dict):
        raise Refused(400, "The body is no JSON object.")
    query = dict(parse_qsl(exchange.query, keep_blank_values=True))
    return Call(engine, query, body, number)


async def answer(
    engine: Engine, exchange: Exchange, handler: Handler, number: int
) -> tuple[int, dict[str, Any]]:
    """Status and body."""
    try:
        return 200, await handler(read(engine, exchange, number))
    except Refused as refused:
        return refused.status, {"message": str(refused)}
    except StoreUnavailable as error:
        return 503, {"message": str(error)}
    except Exception:
        logger.exception("%s %s failed", exchange.method, exchange.path)
        return 500, {"message": "The engine could not say; its log on stderr says more."}


def amount(value: Any, name: str, most: float) -> float:
    """A number from 0 to `most`, or Refused."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if isinstance(value, bool) or not 0 <= number <= most:
        raise Refused(400, f"{name} is a number from 0 to {most:.10g}.")
    return number
