"""What stands in front of a function at a local route: API Gateway (HTTP or REST) or a load balancer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lambdatui.engine.web import answers, payloads
from lambdatui.engine.web.answers import Answer, Pairs
from lambdatui.engine.web.payloads import Event, Place
from lambdatui.engine.web.request import WebRequest

_JSON: Pairs = [("Content-Type", "application/json")]
_HTML: Pairs = [("Content-Type", "text/html")]
MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Gateway:
    """One kind: its events, what it makes of answers, and of none."""

    event: Callable[[WebRequest, Place], Event]
    answer: Callable[[bytes], Answer]
    failed: Answer
    slow: Answer
    too_large: Answer
    patience_s: float | None
    """How long it waits for the function; None: as long as that may run."""
    request_limit: int
    id_header: str | None
    any_method: str = ""
    """What stands before the path in the name of a route."""


def _page(status: int, reason: str) -> Answer:
    title = f"{status} {reason}"
    text = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "</body>\r\n</html>\r\n"
    )
    return Answer(status, _HTML, text.encode())


def _message(status: int, body: bytes) -> Answer:
    return Answer(status, _JSON, body)


GATEWAYS: dict[str, Gateway] = {
    "http": Gateway(
        event=lambda request, place: payloads.payload_2(request, place, place.account),
        answer=answers.payload_2,
        failed=_message(500, b'{"message":"Internal Server Error"}'),
        slow=_message(503, b'{"message":"Service Unavailable"}'),
        too_large=_message(413, b'{"message":"Request Entity Too Large"}'),
        patience_s=30.0,
        request_limit=10 * MEGABYTE,
        id_header="apigw-requestid",
        any_method="ANY ",
    ),
    "rest": Gateway(
        event=payloads.rest,
        answer=answers.rest,
        failed=_message(502, b'{"message": "Internal server error"}'),
        slow=_message(504, b'{"message": "Endpoint request timed out"}'),
        too_large=_message(413, b'{"message": "Request Too Long"}'),
        patience_s=29.0,
        request_limit=10 * MEGABYTE,
        id_header="x-amzn-RequestId",
    ),
    "alb": Gateway(
        event=payloads.load_balancer,
        answer=answers.load_balancer,
        failed=_page(502, "Bad Gateway"),
        slow=_page(502, "Bad Gateway"),
        too_large=_page(413, "Request Entity Too Large"),
        patience_s=None,
        request_limit=MEGABYTE,
        id_header=None,
    ),
}
